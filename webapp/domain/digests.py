"""The digest, one mail a day about what needs whoever works for a company: when it is due, how long it is."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

BEGINS, ENDS = time(7), time(12)
"""The morning, in the reader's zone; one that is missed altogether is left out."""
READ_UNTIL = timedelta(hours=12)
"""What waits longer for the mail server is not sent any more: the next one says it better."""
FEW = 5
"""Lines of one topic."""
MOST_LINES = 20


class Topic(StrEnum):
    """In the order in which a person should read them."""

    HELP = "help"
    FAILED = "failed"
    LATE = "late"
    """Not ready although the contract begins."""
    ABSENT = "absent"
    """Never connected."""
    SHORT_RATE = "short_rate"
    """This and the next three: what will not suffice for those who start."""
    SHORT_QUOTA = "short_quota"
    SHORT_ADDRESSES = "short_addresses"
    SHORT_CAP = "short_cap"
    ENDING = "ending"
    STARTING = "starting"
    UNDECIDED = "undecided"
    UNSERVED = "unserved"
    ACCOUNTS = "accounts"
    POOLS = "pools"
    """Warm pools that have stopped."""
    ORPHANS = "orphans"
    BUDGETS = "budgets"


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    about: str = ""
    """The job, or the figures."""
    at: str = ""
    """When, in the reader's zone."""


@dataclass(frozen=True, slots=True)
class Section:
    topic: Topic
    lines: tuple[Line, ...]
    total: int
    """At least the lines."""
    most: int = 0
    """Counted until there are more than this; 0: to the end."""

    def as_parameter(self) -> dict[str, Any]:
        """As the row of the mail keeps it."""
        left_out = self.total - len(self.lines)
        return {
            "topic": self.topic.value,
            "total": self.total,
            "left_out": left_out,
            "most": self.most,
            "lines": [asdict(one) for one in self.lines],
        }


def morning_of(now: datetime, zone: str) -> date | None:
    """The day whose digest is due now; None outside the morning."""
    local = now.astimezone(ZoneInfo(zone))
    return local.date() if BEGINS <= local.time() < ENDS else None


def bounded(sections: Sequence[Section]) -> list[Section]:
    """Those that say something, with `MOST_LINES` lines in all, `FEW` of each."""
    found, left = [], MOST_LINES
    for one in sections:
        if one.total:
            lines = one.lines[: min(FEW, left)]
            found.append(replace(one, lines=lines))
            left -= len(lines)
    return found
