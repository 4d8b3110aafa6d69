"""What is said about one error code."""

from dataclasses import dataclass

from webapp.domain.findings import RemedyAction
from webapp.domain.sentences import say


@dataclass(frozen=True, slots=True)
class Entry:
    """What it means for people, and what to do about it: two messages of the catalogue of languages."""

    message: str
    remedy: str
    is_transient: bool = False

    def __post_init__(self) -> None:
        for name in ("message", "remedy"):
            object.__setattr__(self, name, say(getattr(self, name)))


@dataclass(frozen=True, slots=True)
class Cause:
    """Why it happened, and the remedies that are safe then."""

    text: str
    remedies: tuple[RemedyAction, ...] = ()
    """In the order in which to try them; only those possible now are shown."""


RETRY, START, STOP = RemedyAction.RETRY, RemedyAction.START, RemedyAction.STOP
RESTART, REFRESH = RemedyAction.RESTART, RemedyAction.REFRESH
RESTORE, REBUILD = RemedyAction.RESTORE, RemedyAction.REBUILD
TERMINATE, ORDER_AGAIN = RemedyAction.TERMINATE, RemedyAction.ORDER_AGAIN
TEST, CHANGE = RemedyAction.TEST_CREDENTIAL, RemedyAction.CHANGE_CREDENTIAL
