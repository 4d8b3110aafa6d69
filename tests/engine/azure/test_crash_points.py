"""A worker that dies, or sleeps for forty minutes, at each named point of its work on Azure: same end."""

from collections import Counter

import pytest

from tests.desk import Desk
from tests.engine.azure.test_flow import deployments, kinds
from tests.whole import in_turn
from webapp.domain.lifecycle import Action, Desired, Phase
from webapp.engine import leases, rows
from webapp.engine import reconcile as reconciling

MAKING = ("leased", "found", "intent", "created", "recorded", "looked", "follow_up", "follow_ups_done")
ENDING = ("terminating", "terminated", "end_recorded", "proven")
WAYS = ("crash", "overtaken", "asleep")
NAP_S, STEP_S = 2400.0, 60.0
PERSON = "sam@example.com"


class Killed(BaseException):
    """The worker is gone."""


class Story:
    """One order and, where its end is broken, its end."""

    def __init__(self, desk: Desk, point: str, way: str) -> None:
        self.desk, self.point, self.way = desk, point, way
        self.was_passed = self.is_dying = False

    def play(self, monkeypatch: pytest.MonkeyPatch) -> int:
        desk = self.desk
        release, aside = leases.Lease.release, rows.put_aside
        monkeypatch.setattr(leases.Lease, "release", self._spare(release))
        monkeypatch.setattr(reconciling, "put_aside", self._spare(aside))
        workspace_id = desk.available(username=PERSON) if self.point in ENDING else 0
        desk.engine = desk.make_engine(crashpoint=self._pass)
        if workspace_id:
            desk.press(workspace_id, Action.TERMINATE)
        else:
            workspace_id = desk.order(username=PERSON)
        for _ in range(240):
            row = desk.row(workspace_id)
            if row.phase is (Phase.READY if row.desired is Desired.PRESENT else Phase.GONE):
                break
            try:
                desk.sweep()
            except Killed:
                self.is_dying = False
            desk.clock.pause(STEP_S)
        return workspace_id

    def _spare(self, work):  # type: ignore[no-untyped-def]
        """What a worker does on its way out, unless it dies."""
        return lambda *given, **named: None if self.is_dying else work(*given, **named)

    def _pass(self, name: str) -> None:
        if name != self.point or self.was_passed:
            return
        self.was_passed = True
        if self.way == "crash":
            self.is_dying = True
            raise Killed
        seconds = self.desk.settings.lease_s + 1 if self.way == "overtaken" else NAP_S
        while seconds > 0:
            self.desk.clock.pause(min(STEP_S + 1, seconds))
            self.desk.sweep()
            seconds -= STEP_S + 1


@pytest.mark.parametrize(("point", "way"), in_turn((*MAKING, *ENDING), WAYS))
def test_work_on_azure_that_is_broken_at_a_point_ends_as_if_undisturbed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, point: str, way: str
) -> None:
    story = Story(desk, point, way)

    row = desk.row(story.play(monkeypatch))

    assert story.was_passed
    assert row.error_code is None, desk.story(row.id)
    vms = [one for one in desk.sandbox.journal() if one["kind"] == "vm"]
    assert len(vms) == 1
    if point in ENDING:
        assert row.phase is Phase.GONE and kinds(desk) == Counter() and deployments(desk) == []
    else:
        assert row.phase is Phase.READY
        assert kinds(desk) == {"vm": 1, "nic": 1, "disk": 1, "host": 1}
        [host] = [one for one in desk.sandbox.parts() if one["kind"] == "host"]
        assert host["assigned_user"] == PERSON
