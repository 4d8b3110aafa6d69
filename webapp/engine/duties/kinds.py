"""What a kind of duty is: a function, when it is due, and what it costs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.domain.decisions.needs import Need
from webapp.domain.duties import Waits, next_night
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.engine.context import Engine
from webapp.engine.run import Run
from webapp.models import Duty, Workspace

JITTER = 0.1
"""A duty starts up to this share of its interval early, so that accounts are not all read at once."""
BETWEEN_NIGHTS, AFTER_ENTRY = timedelta(hours=8), timedelta(hours=20)
"""Minimum time since the last run, for example a test when the key was entered."""

Due = Callable[[Run, datetime], datetime]
"""When it is due next, after a run that started then."""
JoinsIn = Callable[[Run, Duty, Need | None, Sequence[Workspace]], bool]


def _never(_run: Run, _duty: Duty, _need: Need | None, _rows: Sequence[Workspace]) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyKind:
    name: str
    """Stable: used in the column `duties.kind` and in metrics."""
    do: Callable[[Run], Iterator[None] | None]
    """Runs under the lease. One that yields may be interrupted between two steps for more urgent work; any
    other gives way to that and begins again. Raises CloudError when it failed: then it waits."""
    next_due: Due
    first_due: Due | None = None
    """When it is due for an account without a row yet; by default as after a run."""
    calls: int
    """How many calls of the account's rate it costs, or one step of it, in an account of usual size. It is
    begun only when the run has time for them."""
    waits: Waits = Waits()
    joins_in: JoinsIn = _never
    """Is it worth running a little early, together with the most urgent work?"""

    def due_at_first(self, run: Run, now: datetime) -> datetime:
        return (self.first_due or self.next_due)(run, now)


def every(interval: timedelta | Callable[[Engine], timedelta], *, jitter: float = JITTER) -> Due:
    """Again after the interval, up to `jitter` of it early."""

    def due(run: Run, began_at: datetime) -> datetime:
        length = interval if isinstance(interval, timedelta) else interval(run.engine)
        return began_at + length * (1 - run.engine.rng.uniform(0, jitter))

    return due


def at_once(_run: Run, now: datetime) -> datetime:
    return now


def every_night(run: Run, began_at: datetime) -> datetime:
    """In the next night (UTC), each account at its own time."""
    return next_night(began_at, share=share_of(run), at_least=BETWEEN_NIGHTS)


def in_the_night_after_entry(run: Run, now: datetime) -> datetime:
    return next_night(now, share=share_of(run), at_least=AFTER_ENTRY)


def share_of(run: Run) -> float:
    """The time of night for this account: always the same, and spread evenly over all accounts."""
    return int(run.credential.uid[:8], 16) / 16**8


def of_duty(error: CloudError, *, passing: str, lasting: str) -> CloudError:
    """The same, but of one duty only: never a reason to hold the account's work."""
    failure = error.failure
    is_passing = failure.trouble.is_transient
    code, trouble = (passing, Trouble.TRANSIENT) if is_passing else (lasting, Trouble.PERMANENT)
    named = Failure(code, trouble, cloud_code=failure.cloud_code, detail=failure.detail)
    return CloudError(named, retry_after_s=error.retry_after_s)
