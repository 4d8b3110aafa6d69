"""Does what is coming fit into an account: its quota, addresses, cap and rate. Pure; `at` are instants."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from webapp.domain.in_time import CreatePace, Start, too_late
from webapp.domain.quota import QuotaLeft, QuotaUnit

DAYS = 30
"""So far ahead, and so far back."""


class Limit(StrEnum):
    """What may not suffice."""

    QUOTA = "quota"
    ADDRESSES = "addresses"
    CAP = "cap"
    """Of live desktops, set by the company."""
    RATE = "rate"
    """So many cannot be made in the time that is left."""


class Kind(StrEnum):
    START = "start"
    """An approved person without a desktop."""
    ORDER = "order"
    """Ordered, and not made yet."""
    END = "end"


@dataclass(frozen=True, slots=True)
class Change:
    """Desktops of one kind that come or go at one instant."""

    kind: Kind
    at: datetime
    desktops: int
    cores_each: int | None = None
    """None: not known."""
    lead: timedelta = timedelta(0)
    """How long one takes to be made."""
    taken_at: datetime | None = None
    """When it is made, and takes of the limits: a day and the lead before its start; None: at `at`."""

    @property
    def counts_at(self) -> datetime:
        return self.taken_at or self.at

    @property
    def sign(self) -> int:
        return -1 if self.kind is Kind.END else 1


@dataclass(frozen=True, slots=True)
class Room:
    """What an account has left now; None: not known, or no such limit."""

    quota: QuotaLeft | None
    addresses: int | None
    cap: int | None
    pace: CreatePace

    def left_of(self, limit: Limit) -> int | None:
        if limit is Limit.QUOTA:
            return self.quota.count if self.quota else None
        return self.addresses if limit is Limit.ADDRESSES else self.cap if limit is Limit.CAP else None

    def taken_by(self, change: Change, limit: Limit) -> int:
        """What it takes of the limit (below zero: gives back), in its unit; unknown cores count as none."""
        if limit is Limit.CAP and change.kind is Kind.ORDER:
            return 0  # it counts from its order on
        is_cores = limit is Limit.QUOTA and self.quota is not None and self.quota.unit is QuotaUnit.CORES
        each = (change.cores_each or 0) if is_cores else 1
        return change.sign * change.desktops * each


@dataclass(frozen=True, slots=True)
class Shortage:
    limit: Limit
    at: datetime
    """The first start that it concerns."""
    missing: int
    """At the worst moment: cores where the quota counts them, else desktops."""


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    starts: int
    orders: int
    ends: int
    quota_left: int | None
    """At its lowest on this day, and so the addresses; below zero: so many do not fit."""
    addresses_left: int | None
    made: int
    """Desktops that are made on this day, for whenever they start."""
    limits: tuple[Limit, ...]
    """Which do not suffice on this day."""

    @property
    def is_busy(self) -> bool:
        return bool(self.starts or self.orders or self.ends or (self.made and self.limits))


def shortages_of(changes: Sequence[Change], room: Room, now: datetime) -> list[Shortage]:
    """One for each limit that will not suffice, the earliest first."""
    found = [one for limit in Limit if (one := _shortage(changes, room, limit)) is not None]
    late = _late(changes, room, now)
    if late:
        found.append(Shortage(Limit.RATE, min(one.at for one in late), len(late)))
    return sorted(found, key=lambda one: (one.at, one.limit))


def days_of(changes: Sequence[Change], room: Room, now: datetime, zone: str) -> list[Day]:
    """Today and the days after it, each of the reader's zone; what is left counts those that are made."""
    here = ZoneInfo(zone)
    today = now.astimezone(here).date()
    late = {one.at.astimezone(here).date() for one in _late(changes, room, now)}
    before: list[Change] = []
    days: list[Day] = []
    for number in range(DAYS):
        day = today + timedelta(days=number)
        own = [one for one in changes if max(one.at, now).astimezone(here).date() == day]
        counted = [one for one in changes if max(one.counts_at, now).astimezone(here).date() == day]
        lowest = {limit: _lowest(before, counted, room, limit) for limit in Limit}
        short = [limit for limit, left in lowest.items() if left is not None and left < 0]
        count = {kind: sum(one.desktops for one in own if one.kind is kind) for kind in Kind}
        days.append(
            Day(
                day,
                count[Kind.START],
                count[Kind.ORDER],
                count[Kind.END],
                lowest[Limit.QUOTA],
                lowest[Limit.ADDRESSES],
                sum(one.desktops for one in counted if one.kind is not Kind.END),
                (*short, Limit.RATE) if day in late else tuple(short),
            )
        )
        before += counted
    return days


def outlook_of(shortages: Iterable[Shortage]) -> dict[str, Any] | None:
    """As the row of an account keeps it; None if there is nothing to say."""
    found = [
        {"limit": one.limit.value, "at": one.at.isoformat(), "missing": one.missing} for one in shortages
    ]
    return {"shortages": found} if found else None


def shortages_in(outlook: Mapping[str, Any] | None) -> list[Shortage]:
    """The same, read again."""
    return [
        Shortage(Limit(one["limit"]), datetime.fromisoformat(one["at"]), one["missing"])
        for one in (outlook or {}).get("shortages", ())
    ]


def most_at_once(live_now: int, began: Iterable[datetime], ended: Iterable[datetime]) -> int:
    """Since the first of these instants; `live_now` are those that are left."""
    back = sorted([(at, -1) for at in began] + [(at, 1) for at in ended], reverse=True)
    count = most = live_now
    for _, change in back:
        count += change
        most = max(most, count)
    return most


def _shortage(changes: Sequence[Change], room: Room, limit: Limit) -> Shortage | None:
    first, worst = None, 0
    for at, left in _course(changes, room, limit):
        if left < 0:
            first = first or at
            worst = max(worst, -left)
    return Shortage(limit, first, worst) if first is not None else None


def _lowest(before: Sequence[Change], own: Sequence[Change], room: Room, limit: Limit) -> int | None:
    at_first = room.left_of(limit)
    if at_first is None:
        return None
    at_first -= sum(room.taken_by(one, limit) for one in before)
    rest = [at_first]
    for one in _in_order(own):
        rest.append(rest[-1] - room.taken_by(one, limit))
    return min(rest[1:], default=at_first)


def _course(changes: Sequence[Change], room: Room, limit: Limit) -> Iterator[tuple[datetime, int]]:
    """What is left after each that takes some of it; nothing without such a limit."""
    left = room.left_of(limit)
    if left is None:
        return
    for one in _in_order(changes):
        taken = room.taken_by(one, limit)
        left -= taken
        if taken > 0:
            yield one.at, left


def _in_order(changes: Iterable[Change]) -> list[Change]:
    """By when each counts. What ends at the instant at which one is made makes no room for it."""
    return sorted(changes, key=lambda one: (one.counts_at, one.kind is Kind.END))


def _late(changes: Iterable[Change], room: Room, now: datetime) -> list[Start]:
    """Of people without a desktop: orders take their turn, but nobody can do more than order."""
    starts, ordered = list[Start](), set[int]()
    for one in changes:
        if one.kind is not Kind.END:
            first = len(starts)
            starts += [Start(first + number, one.at, one.lead) for number in range(one.desktops)]
            ordered |= {start.key for start in starts[first:]} if one.kind is Kind.ORDER else set()
    return [one for one in too_late(starts, room.pace, now) if one.key not in ordered]
