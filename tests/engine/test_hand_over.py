"""What follows a hand-over, with a worker that dies at each point of it: both desktops end as they should."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from tests.desk import Desk
from tests.engine.handing_over import POINTS, Killed, Story, check_ended, press
from tests.engine.hours.story import give_hours, office_hours
from tests.rows import set_rows
from webapp.domain.roles import ApplicationStatus
from webapp.models import Application, Workspace
from webapp.services import hand_overs, windows


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_dies_leaves_one_desktop_gone_and_one_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    former_id = desk.available()
    story = Story(desk, point)

    made_id = story.play(monkeypatch, former_id=former_id, username="next.person")

    check_ended(desk, story, former_id, made_id)
    living = [one["workspace_id"] for one in desk.sandbox.journal() if one["gone_at"] is None]
    assert living == [desk.row(made_id).cloud_workspace_id]
    assert len(desk.sandbox.journal()) == 2


def test_the_former_desktop_is_ended_before_the_next_one_is_created(desk: Desk) -> None:
    former_id = desk.available()
    press(desk, former_id, username="next.person")

    desk.live(600)

    [ended], creates = desk.calls("TerminateWorkspaces"), desk.calls("CreateWorkspaces")
    assert ended["seq"] < creates[-1]["seq"]


def test_a_web_process_that_dies_half_way_has_changed_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    former_id, undecided = desk.available(), desk.add_application(is_approved=False).id
    before = desk.row(former_id)

    def die(*_: object) -> bool:
        raise Killed

    wanted = hand_overs.HandOver(undecided, "next.person")
    monkeypatch.setattr(hand_overs, "change_row", die)  # the last step before the commit
    with pytest.raises(Killed):
        hand_overs.hand_over(desk.context, former_id, wanted, company_id=before.company_id, actor=desk.actor)
    desk.session.rollback()

    after = desk.row(former_id)
    assert (after.version, after.desired, after.ends_at) == (before.version, before.desired, before.ends_at)
    with desk.sessions() as session:
        assert session.scalar(select(func.count(Workspace.id))) == 1
        assert session.get_one(Application, undecided).status is ApplicationStatus.SUBMITTED


def test_the_hours_of_the_contract_and_the_profile_of_the_desktop_go_on(desk: Desk) -> None:
    former_id = desk.available()
    hours = office_hours()
    give_hours(desk, former_id, hours)
    set_rows(desk.session, Workspace.id == former_id, profile_id=7, profile_version=3)
    desk.session.commit()

    made = desk.row(press(desk, former_id, username="next.person"))

    assert made.hours == hours
    assert (made.profile_id, made.profile_version) == (7, 3)


def test_hours_that_the_next_person_has_already_stay(desk: Desk) -> None:
    former_id, candidate = desk.available(), desk.add_application()
    give_hours(desk, former_id, office_hours())
    own = replace(office_hours(), idle_min=45)
    windows.set_window(
        desk.context,
        candidate.id,
        candidate.window,
        hours=own,
        company_id=desk.provider.company_id or 0,
        actor=desk.actor,
        may_end=True,
    )

    wanted = hand_overs.HandOver(candidate.id, "next.person")
    about = {"company_id": desk.provider.company_id or 0, "actor": desk.actor}
    made = hand_overs.hand_over(desk.context, former_id, wanted, **about)

    assert desk.row(made.id).hours == own
