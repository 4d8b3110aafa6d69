"""A resize: one property of a desktop that exists is changed, such as its size, a volume or how it is billed.

The engine sends it once, and believes only what the cloud shows afterwards (docs/decisions/resizing.md).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class ResizeKind(StrEnum):
    """What is changed; the value is the field's name in the API."""

    RUNNING_MODE = "running_mode"
    AUTO_STOP = "auto_stop_minutes"
    SIZE = "compute_type"
    ROOT_VOLUME = "root_storage"
    USER_VOLUME = "user_storage"


VOLUMES = (ResizeKind.ROOT_VOLUME, ResizeKind.USER_VOLUME)
QUIET = frozenset({ResizeKind.RUNNING_MODE, ResizeKind.AUTO_STOP})
"""Done at once, whoever is connected notices nothing, and a second time changes nothing."""
LABELS = {
    ResizeKind.RUNNING_MODE: "running mode",
    ResizeKind.AUTO_STOP: "minutes until it stops",
    ResizeKind.SIZE: "size",
    ResizeKind.ROOT_VOLUME: "system volume",
    ResizeKind.USER_VOLUME: "user volume",
}


class Sized(Protocol):
    """What has the properties: a row, or what a cloud shows. None: not known."""

    @property
    def compute_type(self) -> str | None: ...
    @property
    def volumes(self) -> str | None: ...
    @property
    def running_mode(self) -> str | None: ...
    @property
    def auto_stop_minutes(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Sizes:
    """As a row has them."""

    compute_type: str | None
    volumes: str | None
    running_mode: str | None
    auto_stop_minutes: int | None


@dataclass(frozen=True, slots=True)
class Resize:
    kind: ResizeKind
    value: str
    """What it shall be, as the cloud spells it; minutes, and GiB of a volume, as whole numbers."""

    def is_so(self, sized: Sized) -> bool:
        now = value_of(self.kind, sized)
        return now is not None and now.lower() == self.value.lower()


def value_of(kind: ResizeKind, sized: Sized) -> str | None:
    """What it is now; None if the cloud has not said."""
    match kind:
        case ResizeKind.RUNNING_MODE:
            return sized.running_mode or None
        case ResizeKind.AUTO_STOP:
            return None if sized.auto_stop_minutes is None else str(sized.auto_stop_minutes)
        case ResizeKind.SIZE:
            return sized.compute_type
        case ResizeKind.ROOT_VOLUME | ResizeKind.USER_VOLUME:
            pair = volumes_of(sized.volumes)
            return None if pair is None else str(pair[VOLUMES.index(kind)])


def volumes_of(text: str | None) -> tuple[int, int] | None:
    """System and user volume in GiB, of `80/50`; None if they are not known."""
    root, _, user = (text or "").partition("/")
    return (int(root), int(user)) if root.isdigit() and user.isdigit() else None


def with_volume(text: str, kind: ResizeKind, gib: str) -> str:
    """`80/50` with one of the two changed."""
    root, _, user = text.partition("/")
    return f"{gib}/{user}" if kind is ResizeKind.ROOT_VOLUME else f"{root}/{gib}"
