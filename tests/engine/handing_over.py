"""A hand-over that is broken at a point of the work that follows it, on any cloud."""

import pytest
from sqlalchemy import select

from tests.desk import Desk
from webapp.domain.lifecycle import Phase
from webapp.engine import leases, rows
from webapp.engine import reconcile as reconciling
from webapp.models import EndRecord
from webapp.services.hand_overs import HandOver, hand_over

STEP_S, STEPS_MOST = 70.0, 240
POINTS = (
    "leased",
    "found",
    "intent",
    "created",
    "recorded",
    "looked",
    "terminating",
    "terminated",
    "proven",
    "end_recorded",
)


class Killed(BaseException):
    """The process is gone."""


def press(desk: Desk, former_id: int, *, username: str, is_kept: bool = False) -> int:
    """The new desktop's id."""
    wanted = HandOver(desk.add_application().id, username, is_kept=is_kept)
    about = {"company_id": desk.provider.company_id or 0, "actor": desk.actor}
    return hand_over(desk.context, former_id, wanted, **about).id


class Story:
    """The worker dies when it reaches the point for the first time; another one goes on."""

    def __init__(self, desk: Desk, point: str) -> None:
        self.desk, self.point = desk, point
        self.was_passed = self.is_dying = False

    def play(self, monkeypatch: pytest.MonkeyPatch, *, former_id: int, username: str) -> int:
        desk = self.desk
        monkeypatch.setattr(leases.Lease, "release", self._spare(leases.Lease.release))
        monkeypatch.setattr(reconciling, "put_aside", self._spare(rows.put_aside))
        desk.engine = desk.make_engine(crashpoint=self._pass)
        made_id = press(desk, former_id, username=username)
        desk.notifier.notifications.clear()  # the web process dies before it notifies: the sweep finds both
        for _ in range(STEPS_MOST):
            if desk.row(former_id).phase is Phase.GONE and desk.row(made_id).phase is Phase.READY:
                break
            try:
                desk.sweep()
            except Killed:
                self.is_dying = False
            desk.clock.pause(STEP_S)
        return made_id

    def _spare(self, work):  # type: ignore[no-untyped-def]
        """What a worker does on its way out, unless it dies."""
        return lambda *given, **named: None if self.is_dying else work(*given, **named)

    def _pass(self, name: str) -> None:
        if name == self.point and not self.was_passed:
            self.was_passed = self.is_dying = True
            raise Killed


def check_ended(desk: Desk, story: Story, former_id: int, made_id: int) -> None:
    """One desktop is gone with its proof, one is there, and each names the other."""
    former, made = desk.row(former_id), desk.row(made_id)
    details = (story.point, desk.story(former_id), desk.story(made_id))
    assert story.was_passed, details
    assert (former.phase, made.phase) == (Phase.GONE, Phase.READY), details
    assert (former.replaced_by_id, made.replaces_id) == (made_id, former_id)
    with desk.sessions() as session:
        record = session.scalars(select(EndRecord)).one()
    assert (record.workspace_id, record.details["replaced_by"]) == (former_id, made_id)
    assert record.absent_count >= 1 and record.absent_last_at is not None
