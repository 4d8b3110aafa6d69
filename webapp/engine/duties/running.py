"""Duties in a run: which is the turn of one, a step of it, and what becomes of it."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp import metrics
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
"""A run goes on for so long to bring a duty to its end that was begun: 12,000 machines of an inventory at two
calls a second."""
GIVES_WAY_FOR = timedelta(hours=1)
"""A duty that is overdue for longer gives way no more, or presses without end would keep it from its end."""
TOO_SLOW = Failure("duty_too_slow", Trouble.PERMANENT)
UNFORESEEN = Failure("duty_unforeseen", Trouble.PERMANENT)


class GaveWay(Exception):
    """Something more urgent is due: the duty begins again when that is done."""


@dataclass(slots=True)
class _Begun:
    """A duty that is under way, and left between two steps."""

    kind: DutyKind
    began_at: datetime
    began_s: float
    steps: Iterator[None]


class Duties:
    """The duties of one account during one run."""

    def __init__(
        self, run: Run, kinds: Sequence[DutyKind], gate: AccountGate, *, has_urgent: Callable[[], bool]
    ) -> None:
        """`has_urgent`: is something due that a person waits for? Asked before each call of a duty."""
        self._run, self._gate, self._has_urgent = run, gate, has_urgent
        self._rows = rows.load(run, kinds)
        self._kinds = [kind for kind in kinds if kind.name in self._rows]
        self._begun: _Begun | None = None

    def turn_of(
        self, need: Need | None, workspaces: Sequence[Workspace], *, left_s: float
    ) -> DutyKind | None:
        """The duty that is the most urgent thing now; `need` is the most urgent of the `workspaces`.

        Of several, the first in the list. None is begun that would need more than `left_s`.
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
        """Is one due that had no time any more?"""
        now = self._run.engine.clock.now()
        return any(duty.due_at <= now for duty in self._rows.values())

    @property
    def must_finish(self) -> bool:
        """What was begun is brought to its end, also when the run's time is up; within reason."""
        begun = self._begun
        return begun is not None and self._run.engine.clock.monotonic_s() - begun.began_s < READING_LIMIT_S

    def step(self, kind: DutyKind) -> None:
        """One step; after the last one the duty is done. A failure leaves everything else as it was."""
        began_at = self._begun.began_at if self._begun else self._run.engine.clock.now()
        duty, failure, at_least_s, outcome = self._rows[kind.name], UNFORESEEN, 0.0, "failed"
        try:
            is_done = self._advance(kind, duty, began_at)
            outcome = "done" if is_done else ""
            if is_done:
                rows.succeeded(self._run, kind, duty, began_at=began_at)
        except CloudError as error:
            outcome, failure, at_least_s = "stopped", error.failure, error.retry_after_s or 0.0
            raise_if_account(error)
            outcome = "failed"
        except GaveWay:
            outcome = "gave_way"
        except (AccountTrouble, LeaseLost):
            outcome = "stopped"
            raise
        finally:
            # The trace of what nobody foresaw is the job's to report; the account's other work must go on.
            if outcome:
                self._begun = None
                metrics.count(metrics.DUTIES, kind.name, outcome)
            if outcome == "failed":
                rows.failed(self._run, kind, duty, failure, at_least_s=at_least_s)

    def give_up(self) -> None:
        """The time is up: what is still not at its end begins again, later."""
        if self._begun is not None:
            kind, self._begun = self._begun.kind, None
            metrics.count(metrics.DUTIES, kind.name, "failed")
            rows.failed(self._run, kind, self._rows[kind.name], TOO_SLOW)

    def _advance(self, kind: DutyKind, duty: Duty, began_at: datetime) -> bool:
        """True when it is at its end."""
        if self._begun is None:
            steps = self._begin(kind, duty)
            if steps is None:
                return True
            self._begun = _Begun(kind, began_at, self._run.engine.clock.monotonic_s(), steps)
        return next(self._begun.steps, "end") == "end"

    def _begin(self, kind: DutyKind, duty: Duty) -> Iterator[None] | None:
        """What cannot be left between two steps makes way before each of its calls."""
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
