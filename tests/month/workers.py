"""One worker for each account, started by what is pressed and by what the database says is due."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from tests.month.timeline import Timeline, seconds_of
from webapp.engine.context import Engine
from webapp.engine.reconcile import reconcile
from webapp.models import CloudCredential, Duty, Schedule
from webapp.queueing import JobName


class Workers:
    """The notifier of the product, and the scheduler: nobody sweeps while nothing is due."""

    def __init__(self, timeline: Timeline, *, every_s: float, begins_s: float) -> None:
        """`every_s`: between a run and the next that nobody presses. Before `begins_s` nobody works."""
        self.timeline, self._every_s, self._begins_s = timeline, every_s, begins_s
        self.engine: Engine | None = None
        self.runs = 0
        self._next: dict[int, float] = {}
        self._running: set[int] = set()
        self._again: set[int] = set()

    # The notifier (webapp.queueing.Notifier)

    def notify(self, name: JobName, subject_id: int) -> None:
        if name is JobName.RECONCILE:
            self.wake(subject_id, self.timeline.now_s)

    def notify_due(self, found: Sequence[tuple[JobName, int]]) -> None:
        for name, subject_id in found:
            self.notify(name, subject_id)

    def is_other_pressed(self, *_: object) -> bool:
        return False  # each account has a worker of its own here

    # The scheduler

    def wake(self, account_id: int, at_s: float) -> None:
        at_s = max(at_s, self._begins_s)
        if self._next.get(account_id, float("inf")) <= at_s:
            return
        self._next[account_id] = at_s
        self.timeline.at(at_s, lambda: self._go(account_id, at_s))

    def _go(self, account_id: int, at_s: float) -> None:
        if self._next.get(account_id) != at_s:
            return  # it came sooner
        del self._next[account_id]
        if account_id in self._running:
            self._again.add(account_id)
            return
        self.timeline.start(lambda: self._work(account_id))

    def _work(self, account_id: int) -> None:
        assert self.engine is not None
        self.runs += 1
        self._running.add(account_id)
        reconcile(self.engine, account_id)
        self._running.discard(account_id)
        now_s = self.timeline.now_s
        if account_id in self._again:
            self._again.discard(account_id)
            self.wake(account_id, now_s)
        elif (due_at := self._due_at(self.engine, account_id)) is not None:
            self.wake(account_id, max(seconds_of(due_at), now_s + self._every_s))

    def _due_at(self, engine: Engine, account_id: int) -> datetime | None:
        rows = select(func.min(Schedule.due_at)).where(Schedule.credential_id == account_id)
        duties = select(func.min(Duty.due_at)).where(Duty.credential_id == account_id)
        blocked = select(CloudCredential.blocked_until).where(CloudCredential.id == account_id)
        with engine.sessions.begin() as session:
            due = [at for query in (rows, duties) if (at := session.scalar(query)) is not None]
            until = session.scalar(blocked)
        at = min(due, default=None)
        return at if at is None or until is None else max(at, until)
