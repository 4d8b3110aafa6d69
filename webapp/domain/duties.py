"""Periodic duties of a cloud account: how long one waits that failed, when the night is, what people read.

The list of duties, with what each does, is in `engine/duties/catalog.py`; here is what the web may know too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from webapp.domain import catalogue

TAKE_INVENTORY = "take_inventory"
LOOK_AT_CONNECTIONS = "look_at_connections"
TEST_CREDENTIAL = "test_credential"
READ_BUNDLES = "read_bundles"
READ_BILL = "read_bill"
READ_PRICES = "read_prices"
ESTIMATE_COSTS = "estimate_costs"
END_USERS = "end_users"
READ_LOADS = "read_loads"
KEEP_POOLS = "keep_pools"
PLAN_STARTS = "plan_starts"
READ_SNAPSHOTS = "read_snapshots"
KEEP_DISK_SNAPSHOTS = "keep_disk_snapshots"
KEEP_SYSTEM_IMAGES = "keep_system_images"
COMPARE_MODES = "compare_modes"

LABELS: dict[str, str] = {
    TAKE_INVENTORY: "compare the cloud account with its records",
    LOOK_AT_CONNECTIONS: "see who is connected",
    TEST_CREDENTIAL: "test the cloud account",
    READ_BUNDLES: "read the list of bundles",
    READ_BILL: "read the bill of the cloud account",
    READ_PRICES: "read the cloud's price list",
    ESTIMATE_COSTS: "estimate what desktops cost",
    END_USERS: "disable the users of desktops that have ended",
    READ_LOADS: "read how busy the desktops are",
    KEEP_POOLS: "keep the warm pools filled",
    PLAN_STARTS: "plan when desktops are created for their start",
    COMPARE_MODES: "compare the running modes of desktops with their use",
    READ_SNAPSHOTS: "read when snapshots of desktops were made",
    KEEP_DISK_SNAPSHOTS: "take and delete snapshots of disks",
    KEEP_SYSTEM_IMAGES: "create and delete images of desktops' systems",
}
"""By kind, after “Berth could not”. A kind without an entry is read out."""

REPORT_AFTER = 2
"""A trouble that passes by itself is reported when it came so often in a row."""
NIGHT_BEGINS, NIGHT = time(0, 0, tzinfo=UTC), timedelta(hours=5)
"""When the nightly duties of all accounts are done, spread evenly."""


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a duty waits that failed. Each further failure doubles the wait, up to the longest."""

    passing: timedelta = timedelta(seconds=60)
    """After trouble that passes by itself."""
    longest_passing: timedelta = timedelta(hours=1)
    lasting: timedelta = timedelta(hours=1)
    """After trouble that needs a person, and after a fault that nobody foresaw."""
    longest_lasting: timedelta = timedelta(hours=6)
    spread: float = 0.2
    """The caller moves a wait by up to this share of it, so that accounts do not all ask at once."""

    def after(self, failures: int, *, is_transient: bool) -> timedelta:
        """The wait after the failure of this number in a row, counted from 1."""
        first, longest = (
            (self.passing, self.longest_passing) if is_transient else (self.lasting, self.longest_lasting)
        )
        return min(first * 2 ** min(failures - 1, 16), longest)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingDuty:
    """A duty whose last run failed."""

    kind: str
    failures: int
    """In a row."""
    code: str
    """Our code of the trouble."""
    is_transient: bool
    failed_at: datetime
    due_at: datetime
    """When it is tried again."""
    last_good_at: datetime | None = None
    cloud_code: str = ""
    detail: str = ""
    """A short, redacted extract of the cloud's text; untrusted."""

    @property
    def is_worth_reporting(self) -> bool:
        return self.failures >= REPORT_AFTER or not self.is_transient

    @property
    def label(self) -> str:
        return LABELS.get(self.kind, self.kind.replace("_", " "))


@dataclass(frozen=True, slots=True)
class DutyTrouble:
    """What an account's pages and findings say about duties that keep failing."""

    failing: tuple[FailingDuty, ...]
    gravest: FailingDuty
    """The one that does not pass by itself, if there is one."""
    code: str = "duty_failing"

    @property
    def next_try_at(self) -> datetime:
        return min(one.due_at for one in self.failing)

    @property
    def summary(self) -> str:
        *others, last = (one.label for one in self.failing)
        return f"Berth could not {', '.join(others)}{' and ' if others else ''}{last}."

    @property
    def remedy(self) -> str:
        """Why, what to do, and what it means until then."""
        words = catalogue.entry(self.gravest.code)
        return f"{words.message} {words.remedy} Desktops in use are not affected, and Berth keeps trying."


def trouble_of(failing: Sequence[FailingDuty]) -> DutyTrouble | None:
    """None when nothing fails, or only what will have passed with the next try."""
    reported = tuple(one for one in failing if one.is_worth_reporting)
    return DutyTrouble(reported, min(reported, key=lambda one: one.is_transient)) if reported else None


def next_night(now: datetime, *, share: float, at_least: timedelta) -> datetime:
    """The first moment at this share (0 to 1) of a night that is `at_least` so far ahead of `now`."""
    earliest = now.astimezone(UTC) + at_least
    begins = datetime.combine(earliest.date(), NIGHT_BEGINS)
    moment = begins + NIGHT * share
    return moment if moment >= earliest else moment + timedelta(days=1)
