"""The warm pool: how many unassigned desktops should wait, and when some are made or ended.

Pure rules; `engine/pools/` does what they say. Two things keep a demand that goes up and down from making and
ending desktops with it: what was wanted lately is kept for a week, and after that one a day is ended; and
once too many were ended unused, only the floor and what people took is made again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from webapp.domain.hours.week import Hours


class PoolState(StrEnum):
    """The life of one desktop of a pool."""

    INTENT = "intent"
    """About to be ordered, or ordered without an answer."""
    MAKING = "making"
    READY = "ready"
    CLAIMED = "claimed"
    """It is a workspace's now, for good."""
    TAKEN = "taken"
    """Somebody has it whom no workspace stands for: never given out, never ended by Berth."""
    ENDING = "ending"
    GONE = "gone"


STANDING = frozenset({PoolState.INTENT, PoolState.MAKING, PoolState.READY})
"""What counts as what is wanted."""
OURS = STANDING | {PoolState.ENDING}
"""What the pool's duty looks after, and what it is billed for."""

MAKING_TIME = timedelta(hours=1)
"""How long a desktop takes from its order until it is ready, at most in most cases; arrivals are counted
in spans of this length, because who comes meanwhile finds what was made before."""
LOOKS_BACK = timedelta(days=28)
"""So far back arrivals are counted, and what was served and ended unused: whole weeks."""
SWITCHED_ON_BEFORE = timedelta(minutes=15)
"""So long before its hours a desktop that waits is switched on: looks come each five minutes, and a start
takes as long."""
KEEPS = timedelta(days=7)
"""A number that was wanted is kept so long: a week has every hour of the week."""
ENDS_EACH = timedelta(days=1)
"""After that, one surplus desktop is ended each."""
MOST_UNUSED_PERCENT = 20
"""More than this share of the served may not have been ended unused while the pool grows."""
MOST_AGE = timedelta(days=60)
"""An older desktop is made again: its agent and Windows are not updated while it is switched off, and Azure
forgets one after 90 days off (docs/evidence/azure_avd.md#ninety-days-off)."""
REPLACED_AT_ONCE = 5
"""One of so many, and at least one: the others wait meanwhile."""
MOST_FAILURES = 3
"""So many desktops in a row that fail stop the pool until a person starts it again."""
FIRST_WAIT = timedelta(minutes=5)
"""After a desktop that failed; doubled with each further one."""


@dataclass(frozen=True, slots=True)
class PoolRule:
    """What a person has set. A fixed number is a floor that equals the ceiling."""

    floor: int
    """So many always, ready within the hours."""
    ceiling: int
    """Never more, whatever the demand."""
    hours: Hours | None = None
    """Of the week, in which the floor stands ready. None: always."""

    def runs_at(self, now: datetime) -> bool:
        """Does one that waits switched on run then?"""
        return self.hours is None or self.hours.is_on(now, ahead=SWITCHED_ON_BEFORE)

    def floor_at(self, now: datetime) -> int:
        """So many stand or are being made: who comes in the first minute of the hours finds them ready."""
        is_needed = self.hours is None or self.hours.is_on(now, ahead=MAKING_TIME)
        return min(self.floor, self.ceiling) if is_needed else 0


@dataclass(frozen=True, slots=True)
class Demand:
    coming: int = 0
    """Contracts that start within the making time and have no desktop yet."""
    arrivals: Sequence[int] = ()
    """How many came in each span of the making time lately, also where nobody came."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The number below which no surplus is ended, and when it was last wanted or lowered."""

    count: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of the pool's desktops within `LOOKS_BACK`."""

    served: int = 0
    """Claimed by a workspace."""
    unused: int = 0
    """Ended as surplus, without anybody having used them."""

    @property
    def may_grow(self) -> bool:
        return self.unused * 100 <= self.served * MOST_UNUSED_PERCENT


@dataclass(frozen=True, slots=True)
class Plan:
    make: int
    end: int


def takes_spare(starts_at: datetime | None, at: datetime) -> bool:
    """May an order that is made now take one that waits? Not if one could be made until its start."""
    return starts_at is None or starts_at <= at + MAKING_TIME


def percentile_95(counts: Sequence[int]) -> int:
    """The nearest rank: in 95 of 100 spans no more came. 0 without any."""
    return sorted(counts)[ceil(len(counts) * 95 / 100) - 1] if counts else 0


def most(rule: PoolRule, affordable: int | None) -> int:
    """The ceiling, or less if the budget pays for fewer; `affordable` None: there is no budget."""
    return rule.ceiling if affordable is None else max(min(rule.ceiling, affordable), 0)


def wanted(rule: PoolRule, demand: Demand, *, now: datetime, affordable: int | None = None) -> int:
    """How many should stand now."""
    needed = demand.coming + percentile_95(demand.arrivals)
    return min(max(rule.floor_at(now), needed), most(rule, affordable))


def kept(before: Kept | None, wanted_now: int, *, limit: int, now: datetime) -> Kept:
    """At least what is wanted; what was wanted is kept for a week, then lowered by one a day.

    `limit` (`most`) holds at once: a person who lowers it wants less now.
    """
    if before is None or wanted_now >= min(before.count, limit):
        return Kept(wanted_now, now)
    count, at = min(before.count, limit), before.at
    lowered = max((now - at - KEEPS) // ENDS_EACH + 1, 0) if now - at >= KEEPS else 0
    if not lowered:
        return Kept(count, at)
    count = max(count - lowered, wanted_now)
    return Kept(count, now) if count == wanted_now else Kept(count, at + lowered * ENDS_EACH)


def target(rule: PoolRule, wanted_now: int, balance: Balance, *, now: datetime) -> int:
    """Up to so many are made."""
    return wanted_now if balance.may_grow else min(rule.floor_at(now), wanted_now)


def plan(
    rule: PoolRule,
    *,
    wanted_now: int,
    kept_now: Kept,
    standing: int,
    balance: Balance,
    now: datetime,
) -> Plan:
    """What to do about what stands. Never makes and ends at once."""
    made_up_to = target(rule, wanted_now, balance, now=now)
    return Plan(make=max(made_up_to - standing, 0), end=max(standing - max(kept_now.count, wanted_now), 0))


def is_stale(*, image: str, made_of: str, made_at: datetime, now: datetime) -> bool:
    """Is one that waits better made again? `made_of`: the image of which new ones are made."""
    return image != made_of or now - made_at > MOST_AGE


def replaced_now(stale: int, *, wanted_now: int, standing: int, moving: int) -> int:
    """How many stale ones may be ended for others: a few, and only while the pool is full and still."""
    if moving or standing < wanted_now:
        return 0
    return min(stale, max(wanted_now // REPLACED_AT_ONCE, 1))


def is_stopped_by(failures: int) -> bool:
    """Is nothing more made after so many failures in a row?"""
    return failures >= MOST_FAILURES


def wait_after(failures: int) -> timedelta:
    """How long nothing is made after a failure of this number in a row, counted from 1."""
    return FIRST_WAIT * 2 ** min(failures - 1, 8)
