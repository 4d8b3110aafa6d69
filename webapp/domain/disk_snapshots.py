"""Snapshots of disks that Berth takes: which desktop is due for one, and which ones are over.

Pure rules; `engine/disk_snapshots/` does what they say. Why so: docs/decisions/disk_snapshots.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class SnapshotState(StrEnum):
    """The life of one snapshot."""

    INTENT = "intent"
    """About to be asked for, asked for without an answer, or not complete yet."""
    READY = "ready"
    UNKNOWN = "unknown"
    """It has our mark, and no desktop of the company explains it: a person decides."""
    ENDING = "ending"
    GONE = "gone"


class SnapshotKind(StrEnum):
    """How long it is kept, and why it was taken."""

    DAILY = "daily"
    WEEKLY = "weekly"
    """The first of its week."""
    LAST = "last"
    """Taken when access had ended: with everything that the person did."""


STANDING = frozenset({SnapshotState.INTENT, SnapshotState.READY, SnapshotState.ENDING})
"""What the duty looks after. One that a person must decide about is only listed."""
OCCUPYING = STANDING | {SnapshotState.UNKNOWN}
"""What is, or may be, in the cloud and on its bill."""

FIRST_AFTER = timedelta(hours=1)
"""After a desktop became available."""
DAY, WEEK = timedelta(days=1), timedelta(days=7)
EARLY = timedelta(minutes=45)
"""A round comes so often; without it each day's would be a round later than the one before."""
UNCHANGED_EVERY = WEEK
"""Of a desktop that has not run since its newest: it was perhaps started and stopped between two looks."""
GIVEN_UP_AFTER = DAY
"""One that was asked for and is still not complete has failed."""
AGAIN_AFTER = timedelta(minutes=10)
"""One that was asked for and is not listed is asked for again, under the same name."""
REFUSED_FOR = DAY
"""A right that is missing is tried again after so long."""
MOST_DAILY, MOST_WEEKLY, MOST_DAYS_AFTER_END = 60, 52, 365


@dataclass(frozen=True, slots=True)
class SnapshotPolicy:
    """What a company wants for the desktops of one cloud account, or of one profile instead."""

    is_on: bool = True
    daily: int = 7
    weekly: int = 4
    days_after_end: int = 14
    """The last one outlives its desktop for so long; 0: it goes with it."""

    def problem(self) -> tuple[str, str] | None:
        """Which field has a number that cannot be, and what to enter; None: all is well."""
        for field, least, most in _RANGES:
            if not least <= getattr(self, field) <= most:
                return field, f"Enter a number from {least} to {most}."
        return None


_RANGES = (
    ("daily", 1, MOST_DAILY),
    ("weekly", 0, MOST_WEEKLY),
    ("days_after_end", 0, MOST_DAYS_AFTER_END),
)


@dataclass(frozen=True, slots=True)
class Held:
    """A complete snapshot."""

    id: int
    at: datetime
    """When it was asked for, by our clock: what it has is not older. The cloud's may be another one."""
    kind: SnapshotKind


@dataclass(frozen=True, slots=True)
class Desktop:
    """What matters of a desktop that may be due."""

    available_at: datetime
    stopped_since: datetime | None
    """Known to be switched off since then; None: it runs, or may run."""
    cut_at: datetime | None
    """When nobody could sign in any more; None: its person may use it."""


def is_due(desktop: Desktop, *, newest: datetime | None, tried_at: datetime | None, now: datetime) -> bool:
    """Should one be taken now?

    `newest`: when its newest complete one was asked for. `tried_at`: when one was last, however it ended.
    """
    if desktop.cut_at is not None and newest is not None and newest >= desktop.cut_at:
        return False  # nobody has worked on it since
    if tried_at is None:
        return now - desktop.available_at >= FIRST_AFTER
    if is_last(desktop, newest=newest, tried_at=tried_at):
        return True
    # One a day by its name, whatever the hour.
    if now - tried_at < DAY - EARLY or now.date() == tried_at.date():
        return False
    has_run = newest is None or desktop.stopped_since is None or desktop.stopped_since > newest
    return has_run or now - tried_at >= UNCHANGED_EVERY - EARLY


def is_last(desktop: Desktop, *, newest: datetime | None, tried_at: datetime | None) -> bool:
    """Is the one that is due now the first since access ended? It waits for no day to be over."""
    return (
        desktop.cut_at is not None
        and newest is not None
        and newest < desktop.cut_at
        and (tried_at is None or tried_at < desktop.cut_at)
    )


def kind_of(now: datetime, *, earlier: Iterable[datetime]) -> SnapshotKind:
    """Of one that is taken now; `earlier`: when the others of this desktop were begun."""
    week = now.isocalendar()[:2]
    is_first = all(one.isocalendar()[:2] != week for one in earlier)
    return SnapshotKind.WEEKLY if is_first else SnapshotKind.DAILY


def over(held: Sequence[Held], policy: SnapshotPolicy, *, now: datetime) -> set[int]:
    """Ids of those that a desktop which is still there need not keep.

    By number, so that the last good ones stay however long nothing could be taken. Switched off, by age.
    """
    if not policy.is_on:
        return {one.id for one in held if one.at + _lasts(one, policy) <= now}
    newest_first = sorted(held, key=lambda one: (one.at, one.id), reverse=True)
    weekly = [one for one in newest_first if one.kind is SnapshotKind.WEEKLY]
    kept = {one.id for one in (*newest_first[: max(policy.daily, 1)], *weekly[: policy.weekly])}
    return {one.id for one in held if one.id not in kept}


def over_after_end(
    held: Sequence[Held], policy: SnapshotPolicy, *, ended_at: datetime, now: datetime
) -> set[int]:
    """The same of a desktop that is gone: only the last outlives it, for as long as the company says."""
    last = max(held, key=lambda one: (one.at, one.id), default=None)
    ids = {one.id for one in held}
    if last is not None and now < kept_until(ended_at, policy):
        ids.discard(last.id)
    return ids


def kept_until(ended_at: datetime, policy: SnapshotPolicy) -> datetime:
    """When the last snapshot of a desktop that is gone is deleted."""
    return ended_at + timedelta(days=policy.days_after_end)


def goes_at(one: Held, policy: SnapshotPolicy) -> datetime:
    """About: when it is over, if one is taken each day from now on."""
    return one.at + _lasts(one, policy)


def _lasts(one: Held, policy: SnapshotPolicy) -> timedelta:
    weeks = policy.weekly if one.kind is SnapshotKind.WEEKLY else 0
    return max(DAY * max(policy.daily, 1), WEEK * weeks)


def name_of(machine: str, at: datetime, kind: SnapshotKind) -> str:
    """One a day of a machine, and one more when access has ended: the same call again is the same one."""
    return f"{machine}-s{at:%Y%m%d}{'z' if kind is SnapshotKind.LAST else ''}"
