"""Orders that arrive one by one while a worker works, as a program posts them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from tests.desk import START, Desk
from webapp.engine.reconcile import reconcile
from webapp.models import Schedule, Workspace

IDLE_S = 0.1


@dataclass(slots=True)
class Posts:
    """The desktops exist as rows from the start; each becomes an order at its time on the desk's clock."""

    desk: Desk
    left: list[tuple[int, float]] = field(default_factory=list)

    def post(self, count: int, *, every_s: float, gather_s: float) -> list[int]:
        """Order so many, one each `every_s`, and work until all are sent; how many each create had."""
        desk, start_s = self.desk, self.desk.clock.elapsed_s
        engine = desk.make_engine(gather_s=gather_s)
        ids = [desk.order() for _ in range(count)]
        with desk.sessions.begin() as session:
            session.execute(update(Schedule).where(Schedule.workspace_id.in_(ids)).values(due_at=None))
        self.left = [(one, start_s + place * every_s) for place, one in enumerate(ids)]
        before, pause = len(desk.calls("CreateWorkspaces")), desk.clock.pause
        desk.clock.pause = self._placing(pause)  # type: ignore[method-assign]
        try:
            desk.clock.pause(0)
            while self.left or self._unsent(ids):
                reconcile(engine, desk.credential_id)
                desk.clock.pause(IDLE_S)
        finally:
            desk.clock.pause = pause  # type: ignore[method-assign]
        return [len(call["users"]) for call in desk.calls("CreateWorkspaces")[before:]]

    def _placing(self, pause: Callable[[float], None]) -> Callable[[float], None]:
        def pause_and_place(seconds: float) -> None:
            pause(seconds)
            while self.left and self.left[0][1] <= self.desk.clock.elapsed_s:
                self._place(*self.left.pop(0))

        return pause_and_place

    def _place(self, workspace_id: int, at_s: float) -> None:
        at: datetime = START + timedelta(seconds=at_s)
        with self.desk.sessions.begin() as session:
            row = session.get_one(Workspace, workspace_id)
            row.schedule.due_at = row.created_at = at

    def _unsent(self, ids: list[int]) -> int:
        query = select(func.count()).where(Workspace.id.in_(ids), Workspace.cloud_workspace_id.is_(None))
        with self.desk.sessions.begin() as session:
            return session.scalar(query) or 0
