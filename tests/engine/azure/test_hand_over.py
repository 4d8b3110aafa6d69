"""A hand-over on Azure: a new machine, never the former one, whose disk has the profile of its person."""

import pytest

from tests.desk import Desk
from tests.engine.azure.test_flow import kinds
from tests.engine.handing_over import Story, check_ended

POINTS = ("intent", "created", "follow_up", "terminating", "terminated", "proven", "end_recorded")


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_dies_leaves_one_machine_gone_with_its_disk_and_one_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    former_id = desk.available(username="sam@example.com")
    before = desk.row(former_id).cloud_workspace_id
    story = Story(desk, point)

    made_id = story.play(monkeypatch, former_id=former_id, username="mina@example.com")

    check_ended(desk, story, former_id, made_id)
    assert desk.row(made_id).cloud_workspace_id != before
    assert all(count == 1 for count in kinds(desk).values())
