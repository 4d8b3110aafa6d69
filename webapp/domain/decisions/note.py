"""The event of a row's change."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from webapp.domain.actor import BERTH, Actor
from webapp.domain.errors import Failure


class Level(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Note:
    event: str
    """A stable name, such as `adopted` or `launch_failed`."""
    message: str
    """A sentence for people."""
    level: Level = Level.INFO
    actor: Actor = BERTH
    details: Mapping[str, str | int] | None = None
    """Plain facts; never a secret, never a raw response."""


def facts_of(failure: Failure) -> dict[str, str | int]:
    """For a note's details."""
    return {"code": failure.code, "cloud_code": failure.cloud_code, "detail": failure.detail}
