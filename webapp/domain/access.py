"""May the person of a desktop use it now? One pure rule, asked at every entry point and at every look.

It needs nothing but the clock, the contract's window and the suspension: a scheduler that is late, or dead,
gives no minute more (docs/decisions/suspension.md).
"""

from datetime import datetime, timedelta
from enum import StrEnum


class Access(StrEnum):
    NOT_YET = "not_yet"
    """The contract has not begun."""
    OPEN = "open"
    SUSPENDED = "suspended"
    """Nobody may connect: the contract has ended, or somebody wants the desktop terminated."""


class Because(StrEnum):
    """Why access is suspended."""

    CONTRACT_ENDED = "contract_ended"
    TERMINATE_REQUESTED = "terminate_requested"


MOST_GRACE_DAYS = 30
USUAL_GRACE_DAYS = 7
AFTER_RESTORE = timedelta(hours=24)
"""So long after a backup was put in no desktop ends by an end that may have been undone or moved since."""


NOTICE_DAYS = (14, 7, 1)
"""So long before the end of a contract both sides get a mail."""


def notice_of(
    now: datetime, *, starts_at: datetime | None, ends_at: datetime | None, noticed_days: int | None
) -> int | None:
    """The notice to be sent now: the one with the fewest days, and none twice."""
    if ends_at is None or now >= ends_at:
        return None
    due = (one for one in _notices(starts_at, ends_at) if now >= ends_at - timedelta(days=one))
    days = min(due, default=None)
    return days if days is not None and (noticed_days is None or days < noticed_days) else None


def is_end_near(now: datetime, *, ends_at: datetime | None) -> bool:
    """Is it so soon that both sides hear of it?"""
    return ends_at is not None and now >= ends_at - timedelta(days=max(NOTICE_DAYS))


def next_notice(
    *, starts_at: datetime | None, ends_at: datetime | None, noticed_days: int | None
) -> datetime | None:
    """When the next one is sent."""
    if ends_at is None:
        return None
    left = [one for one in _notices(starts_at, ends_at) if noticed_days is None or one < noticed_days]
    return ends_at - timedelta(days=max(left)) if left else None


def _notices(starts_at: datetime | None, ends_at: datetime) -> list[int]:
    """Those that fall into the contract: nobody reads that it ends before it has begun."""
    return [one for one in NOTICE_DAYS if starts_at is None or ends_at - timedelta(days=one) > starts_at]


def access_of(
    now: datetime, *, starts_at: datetime | None, ends_at: datetime | None, suspended_at: datetime | None
) -> Access:
    """An open end of the window is None; the instant of the end is outside it."""
    if suspended_at is not None or (ends_at is not None and now >= ends_at):
        return Access.SUSPENDED
    if starts_at is not None and now < starts_at:
        return Access.NOT_YET
    return Access.OPEN


def next_turn(
    now: datetime,
    *,
    starts_at: datetime | None,
    ends_at: datetime | None,
    suspended_at: datetime | None,
    destroy_at: datetime | None,
) -> datetime | None:
    """When the passing of time alone changes what is to be done for the desktop; None: never.

    An end that has passed without its suspension, or a grace, is named still: it is done at the next step.
    """
    if suspended_at is not None:
        return destroy_at
    opens_at = starts_at if starts_at is not None and starts_at > now else None
    return min((at for at in (opens_at, ends_at) if at is not None), default=None)
