"""Duties in a run: when one is next, one step of it, and its result."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from webapp import metrics
from webapp.database_trouble import trouble_of
from webapp.domain.decisions.needs import Need
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.engine.account import AccountGate, AccountTrouble, raise_if_account
from webapp.engine.duties import rows
from webapp.engine.duties.kinds import DutyKind
from webapp.engine.leases import LeaseLost
from webapp.engine.run import Run
from webapp.models import Duty, Workspace

log = logging.getLogger(__name__)

READING_LIMIT_S = 240.0
"""How long a run may continue to finish a duty it has started: 12,000 machines of an inventory at two
calls a second."""
GIVES_WAY_FOR = timedelta(hours=1)
"""A duty overdue for longer no longer gives way; otherwise people's actions could block it for ever."""
TOO_SLOW = Failure("duty_too_slow", Trouble.TRANSIENT)
"""It passes: mostly a worker slept in it, or another used the rate. In an account where it is always so, the
duty rests at least as long as it ran."""
UNFORESEEN = Failure("duty_unforeseen", Trouble.PERMANENT)


class GaveWay(Exception):
    """Something more urgent is due: the duty starts again when that is done."""


@dataclass(slots=True)
class _Begun:
    """A duty in progress, interrupted between two steps."""

    kind: DutyKind
    began_at: datetime
    began_s: float
    steps: Iterator[None]


class Duties:
    """The duties of one account during one run."""

    def __init__(
        self, run: Run, kinds: Sequence[DutyKind], gate: AccountGate, *, has_urgent: Callable[[], bool]
    ) -> None:
        """`has_urgent`: is something due that a person waits for? Checked before each call of a duty."""
        self._run, self._gate, self._has_urgent = run, gate, has_urgent
        self._rows = rows.load(run, kinds)
        self._kinds = [kind for kind in kinds if kind.name in self._rows]
        self._begun: _Begun | None = None

    def turn_of(
        self, need: Need | None, workspaces: Sequence[Workspace], *, left_s: float
    ) -> DutyKind | None:
        """The duty, if it is the most urgent work now; `need` is the most urgent of the `workspaces`.

        Of several, the first in the list. None is started that would need more than `left_s`.
        """
        if need is not None and need < Need.LOOK:
            return None
        if self._begun is not None:
            return self._begun.kind
        now = self._run.engine.clock.now()
        for kind in self._kinds:
            duty = self._rows[kind.name]
            if duty.due_at <= now or kind.joins_in(self._run, duty, need, workspaces):
                return kind if self._has_time_for(kind, left_s) else None
        return None

    def is_any_left(self) -> bool:
        """Is one due that the run had no time for?"""
        now = self._run.engine.clock.now()
        return any(duty.due_at <= now for duty in self._rows.values())

    @property
    def must_finish(self) -> bool:
        """Finish what was started, even if the run's time is up; within limits."""
        begun = self._begun
        return begun is not None and self._run.engine.clock.monotonic_s() - begun.began_s < READING_LIMIT_S

    def step(self, kind: DutyKind) -> None:
        """One step; after the last one the duty is done. A failure changes nothing else."""
        began_at = self._begun.began_at if self._begun else self._run.engine.clock.now()
        duty, failure, at_least_s, outcome = self._rows[kind.name], UNFORESEEN, 0.0, "failed"
        try:
            is_done = self._advance(kind, duty, began_at)
            outcome = "done" if is_done else ""
            if is_done:
                rows.succeeded(self._run, kind, duty, began_at=began_at)
        except CloudError as error:
            failure, at_least_s = error.failure, error.retry_after_s or 0.0
            # Of a limited rate the duty waits as well: it may be what used it up.
            outcome = "failed" if failure.trouble is Trouble.THROTTLED else "stopped"
            raise_if_account(error)
            outcome = "failed"
        except GaveWay:
            outcome = "gave_way"
        except (AccountTrouble, LeaseLost):
            outcome = "stopped"
            raise
        except SQLAlchemyError as error:
            if trouble_of(error) is not None:
                outcome = "stopped"  # it says nothing about the duty, which is due at once
            raise
        finally:
            # The trace of what nobody foresaw is the job's to report; the account's other work must go on.
            if outcome:
                self._begun = None
                metrics.count(metrics.DUTIES, kind.name, outcome)
            if outcome == "failed":
                rows.failed(self._run, kind, duty, failure, at_least_s=at_least_s)

    def give_up(self) -> None:
        """Time is up: an unfinished duty starts again later."""
        if self._begun is not None:
            kind, self._begun = self._begun.kind, None
            metrics.count(metrics.DUTIES, kind.name, "failed")
            rows.failed(self._run, kind, self._rows[kind.name], TOO_SLOW, at_least_s=READING_LIMIT_S)

    def _advance(self, kind: DutyKind, duty: Duty, began_at: datetime) -> bool:
        """True if it is done."""
        if self._begun is None:
            steps = self._begin(kind, duty)
            if steps is None:
                return True
            self._begun = _Begun(kind, began_at, self._run.engine.clock.monotonic_s(), steps)
        return next(self._begun.steps, "end") == "end"

    def _begin(self, kind: DutyKind, duty: Duty) -> Iterator[None] | None:
        """A duty that cannot be interrupted between steps gives way before each of its calls."""
        goes_on, overdue = self._gate.before_call, self._run.engine.clock.now() - duty.due_at
        self._gate.before_call = goes_on if overdue > GIVES_WAY_FOR else self._make_way
        try:
            return kind.do(self._run)
        finally:
            self._gate.before_call = goes_on

    def _make_way(self) -> None:
        if self._has_urgent():
            raise GaveWay

    def _has_time_for(self, kind: DutyKind, left_s: float) -> bool:
        return kind.calls / self._gate.rate.per_s <= left_s
