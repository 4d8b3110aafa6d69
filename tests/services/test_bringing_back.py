"""The files of a desktop that is gone come back in a new one, until its last snapshot goes."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.conftest import both_databases
from tests.desk import Desk
from tests.kept_files import bring_back, change, failed, gone, left
from tests.services.test_removal import at_once
from tests.windows import DAY, HOUR, have_window
from webapp.domain.disk_snapshots import SnapshotPolicy, SnapshotState
from webapp.domain.errors import Conflict, NotFound
from webapp.domain.file_returns import ReturnState
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.roles import ApplicationStatus
from webapp.engine.rows import write_versioned
from webapp.models import (
    Application,
    CloudCredential,
    Company,
    DiskSnapshot,
    Duty,
    Event,
    FileReturn,
    Workspace,
)
from webapp.queries.file_returns import find_open_of
from webapp.services import bringing_back as service
from webapp.services.bringing_back import Offer, Returned
from webapp.services.context import ServiceContext
from webapp.services.disk_snapshots import set_policy

pytestmark = both_databases
MINUTE = timedelta(minutes=1)


def try_again(desk: Desk, workspace_id: int) -> int:
    about = {"company_id": desk.provider.company_id or 0, "actor": desk.actor}
    return service.try_again(desk.context, workspace_id, **about).id


def offer(desk: Desk, workspace_id: int) -> Offer | None:
    former = service.former_of(desk.context, workspace_id, company_id=desk.provider.company_id or 0)
    found = service.offer_of(desk.context, former)
    desk.session.commit()
    return found


def returned(desk: Desk, workspace_id: int) -> Returned | None:
    found = service.returned_to(desk.context, desk.session.get_one(Workspace, workspace_id))
    desk.session.commit()
    return found


def rows(desk: Desk) -> list[FileReturn]:
    with desk.sessions() as session:
        return list(session.scalars(select(FileReturn).order_by(FileReturn.id)))


def refused(desk: Desk, workspace_id: int) -> str:
    """The code; neither a desktop nor a return is left of it."""
    with desk.sessions() as session:
        before = len(session.scalars(select(Workspace.id)).all())
    with pytest.raises(Conflict) as caught:
        bring_back(desk, workspace_id)
    with desk.sessions() as session:
        assert len(session.scalars(select(Workspace.id)).all()) == before
    assert rows(desk) == []
    return caught.value.code


def test_one_press_orders_the_same_desktop_for_the_same_person_and_writes_the_return(desk: Desk) -> None:
    former_id = gone(desk)
    former = desk.row(former_id)

    made = bring_back(desk, former_id)

    new = desk.row(made)
    same = ("application_id", "credential_id", "bundle_id", "workspace_type", "username", "slot")
    assert [getattr(new, name) for name in same] == [getattr(former, name) for name in same]
    assert (new.phase, new.make_at) == (Phase.REQUESTED, None)
    [row] = rows(desk)
    assert (row.workspace_id, row.former_id, row.state) == (made, former_id, ReturnState.WAITING)
    assert (row.snapshot, row.taken_at) == (f"{former.cloud_workspace_id}-s1", desk.clock.now() - 2 * DAY)
    assert row.credential_id == former.credential_id and row.disk is None


def test_the_log_of_the_new_desktop_says_which_files_come_and_where(desk: Desk) -> None:
    made = bring_back(desk, former_id := gone(desk))

    with desk.sessions() as session:
        said = session.scalars(
            select(Event).where(Event.workspace_id == made, Event.event == "files_asked_for")
        ).one()
    assert said.message.startswith(f"The files of desktop {former_id} as of ")
    assert said.message.endswith(r"are brought back into C:\Former files once it is available.")
    assert said.actor_id == desk.provider.id


def test_it_is_offered_until_the_snapshot_goes_and_to_the_second_not_longer(desk: Desk) -> None:
    former_id = gone(desk)
    found = offer(desk, former_id)
    assert found is not None and found.refusal is None
    assert (found.taken_at, found.until) == (desk.clock.now() - 2 * DAY, desk.clock.now() + left())

    desk.clock.pause((left() - MINUTE).total_seconds())
    almost = offer(desk, former_id)
    desk.clock.pause(MINUTE.total_seconds())

    assert almost is not None
    assert offer(desk, former_id) is None
    assert refused(desk, former_id) == "no_snapshot_kept"


@pytest.mark.parametrize("state", [SnapshotState.INTENT, SnapshotState.ENDING])
def test_a_snapshot_that_is_not_complete_or_is_being_deleted_brings_nothing_back(
    desk: Desk, state: SnapshotState
) -> None:
    former_id = gone(desk)
    change(desk, DiskSnapshot, state=state)
    desk.session.expire_all()

    assert offer(desk, former_id) is None
    assert refused(desk, former_id) == "no_snapshot_kept"


def test_where_the_company_keeps_nothing_after_the_end_nothing_is_offered(desk: Desk) -> None:
    former_id = gone(desk)
    about = {"company_id": desk.provider.company_id or 0}
    set_policy(desk.context, desk.credential_id, SnapshotPolicy(days_after_end=0), **about)

    assert offer(desk, former_id) is None
    assert refused(desk, former_id) == "no_snapshot_kept"


def test_the_files_of_a_desktop_that_is_there_or_of_amazon_are_not_brought_back(desk: Desk) -> None:
    at_amazon = desk.available()

    assert offer(desk, at_amazon) is None
    assert refused(desk, at_amazon) == "no_snapshot_kept"


def test_a_desktop_of_another_company_is_not_found(desk: Desk) -> None:
    former_id = gone(desk)
    rival = desk.add_provider("rival@example.com", company="Rival")

    with pytest.raises(NotFound):
        bring_back(desk, former_id, company_id=rival.company_id)
    assert rows(desk) == []


def test_who_has_a_desktop_already_gets_no_second_one(desk: Desk) -> None:
    former_id = gone(desk)
    other = desk.order(
        application_id=desk.row(former_id).application_id,
        workspace_type="windows",
        bundle_id="az-standard",
        username="other@quayside.example",
    )

    found = offer(desk, former_id)

    assert found is not None and found.refusal is not None
    assert (found.refusal.code, found.refusal.extra) == ("workspace_exists", {"workspace_id": other})
    assert refused(desk, former_id) == "workspace_exists"


def test_pressed_twice_it_is_one_desktop_and_one_return(desk: Desk) -> None:
    former_id = gone(desk)
    made = bring_back(desk, former_id)

    with pytest.raises(Conflict) as again:
        bring_back(desk, former_id)

    found = offer(desk, former_id)
    assert (again.value.code, again.value.extra) == ("workspace_exists", {"workspace_id": made})
    assert len(rows(desk)) == 1
    assert found is not None and found.way_to == made


def test_after_the_contract_has_ended_the_order_is_refused(desk: Desk) -> None:
    former_id = gone(desk)
    have_window(desk, desk.row(former_id).application_id, ends=-HOUR)
    desk.session.expire_all()

    found = offer(desk, former_id)

    assert found is not None and found.refusal is not None and found.refusal.code == "contract_ended"
    assert refused(desk, former_id) == "contract_ended"


def test_who_is_not_hired_any_more_gets_nothing_back(desk: Desk) -> None:
    former_id = gone(desk)
    change(desk, Application, status=ApplicationStatus.REJECTED)
    desk.session.expire_all()

    found = offer(desk, former_id)

    assert found is not None and found.refusal is not None
    assert refused(desk, former_id) == found.refusal.code == "application_not_approved"


def test_the_limit_of_desktops_holds_and_a_refused_order_leaves_no_return(desk: Desk) -> None:
    former_id = gone(desk)
    change(desk, Company, most_desktops=0)

    assert refused(desk, former_id) == "desktop_limit_reached"


def test_an_account_that_cannot_be_used_just_now_refuses_and_a_deleted_one_offers_nothing(desk: Desk) -> None:
    former_id = gone(desk)
    change(desk, CloudCredential, account_id=None)
    assert refused(desk, former_id) == "credential_not_usable"

    change(desk, CloudCredential, is_deleted=True)
    desk.session.expire_all()

    assert offer(desk, former_id) is None
    assert refused(desk, former_id) == "no_snapshot_kept"


def test_a_worker_that_has_read_the_snapshot_before_the_press_does_not_delete_it(desk: Desk) -> None:
    former = gone(desk)
    with desk.sessions() as session:
        read = session.scalars(select(DiskSnapshot)).one()
        session.expunge_all()

    bring_back(desk, former)

    with desk.sessions.begin() as session:
        assert not write_versioned(session, read, {"state": SnapshotState.ENDING})


def test_a_desktop_that_no_list_shows_any_more_is_brought_back_too(desk: Desk) -> None:
    former_id = gone(desk)
    change(desk, Workspace, is_deleted=True)
    desk.session.expire_all()

    assert offer(desk, former_id) is not None
    assert rows(desk) == [] and bring_back(desk, former_id) and len(rows(desk)) == 1


def test_after_a_failure_one_may_try_again_while_the_snapshot_is_kept(desk: Desk) -> None:
    made = failed(desk)
    known = returned(desk, made)
    desk.notifier.notifications.clear()

    again = try_again(desk, made)

    assert known is not None and known.has_failed and known.may_try_again
    first, second = rows(desk)
    assert (second.id, second.state, second.error_code) == (again, ReturnState.WAITING, None)
    same = ("workspace_id", "former_id", "snapshot_id", "taken_at", "credential_id")
    assert [getattr(second, one) for one in same] == [getattr(first, one) for one in same]
    assert desk.notifier.notifications
    now = returned(desk, made)
    assert now is not None and not now.has_failed and not now.may_try_again


def test_trying_again_twice_is_trying_once(desk: Desk) -> None:
    made = failed(desk)

    assert try_again(desk, made) == try_again(desk, made)
    assert len(rows(desk)) == 2


def test_trying_again_makes_the_duty_of_the_account_due(desk: Desk) -> None:
    made, later = failed(desk), desk.clock.now() + HOUR
    duty = {"credential_id": desk.row(made).credential_id, "kind": "keep_disk_snapshots"}
    with desk.sessions.begin() as session:
        session.add(Duty(**duty, due_at=later))

    try_again(desk, made)

    with desk.sessions() as session:
        assert session.scalars(select(Duty.due_at).filter_by(**duty)).one() == desk.clock.now()


def test_nothing_is_tried_again_before_it_has_failed(desk: Desk) -> None:
    made = bring_back(desk, gone(desk))

    try_again(desk, made)

    assert len(rows(desk)) == 1


@pytest.mark.parametrize("is_copied", [True, False])
def test_what_is_there_or_whose_disk_still_goes_is_not_tried_again(desk: Desk, is_copied: bool) -> None:
    made = failed(desk, state=ReturnState.DONE if is_copied else ReturnState.ENDING)
    if is_copied:
        change(desk, FileReturn, copied_at=desk.clock.now(), error_code=None, error_at=None)

    with pytest.raises(Conflict) as caught:
        try_again(desk, made)

    assert caught.value.code == "action_not_allowed" and len(rows(desk)) == 1


def test_after_the_retention_nothing_is_tried_again(desk: Desk) -> None:
    made = failed(desk)
    desk.clock.pause(left().total_seconds())

    with pytest.raises(Conflict) as caught:
        try_again(desk, made)

    known = returned(desk, made)
    assert caught.value.code == "no_snapshot_kept" and len(rows(desk)) == 1
    assert known is not None and (known.until, known.may_try_again) == (None, False)


def test_a_desktop_that_is_ending_gets_no_files(desk: Desk) -> None:
    made = failed(desk)
    with desk.sessions.begin() as session:
        ending = {"desired": Desired.ABSENT}
        session.execute(update(Workspace).where(Workspace.id == made).values(ending))

    with pytest.raises(Conflict) as caught:
        try_again(desk, made)

    assert caught.value.code == "action_not_allowed" and len(rows(desk)) == 1


def test_a_desktop_to_which_no_files_were_to_come_has_nothing_to_try(desk: Desk) -> None:
    with pytest.raises(Conflict):
        try_again(desk, desk.order())


def test_a_return_is_open_until_its_desktop_is_gone(desk: Desk) -> None:
    former_id = gone(desk)
    made = bring_back(desk, former_id)
    former = desk.session.get_one(Workspace, former_id)
    found = find_open_of(desk.session, former)
    assert found is not None and found.workspace_id == made

    desk.session.execute(update(Workspace).where(Workspace.id == made).values(phase=Phase.GONE))

    assert find_open_of(desk.session, former) is None


def test_two_who_press_at_the_same_moment_order_one_desktop_with_one_return(desk: Desk) -> None:
    former_id = gone(desk)
    about = {"company_id": desk.provider.company_id or 0, "actor": desk.actor}

    def press(context: ServiceContext) -> None:
        service.bring_back(context, former_id, **about)

    assert sorted(at_once(desk, press, press)) == ["done", "workspace_exists"]
    assert len(rows(desk)) == 1


def test_two_who_try_again_at_the_same_moment_add_one_return(desk: Desk) -> None:
    made = failed(desk)
    about = {"company_id": desk.provider.company_id or 0, "actor": desk.actor}

    def press(context: ServiceContext) -> None:
        service.try_again(context, made, **about)

    assert at_once(desk, press, press) == ["done", "done"]
    assert [one.state for one in rows(desk)] == [ReturnState.DONE, ReturnState.WAITING]
