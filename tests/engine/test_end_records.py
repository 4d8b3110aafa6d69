"""The record of an end: written once, with the end, complete; later, partial, for what ended before."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from tests.conftest import both_databases
from tests.cost_days import add_day
from tests.desk import Desk
from webapp.domain.costs.bills import Source
from webapp.domain.end_records import EndReason
from webapp.domain.lifecycle import Action, Phase, State
from webapp.engine import rows
from webapp.engine.end_records import keep_records
from webapp.models import CostDay, EndRecord, Event, Installation, User, Workspace
from webapp.services.workspace_actions import delete_workspace, refresh

pytestmark = both_databases
DAY_S = 86_400.0


def find(desk: Desk, workspace_id: int) -> EndRecord | None:
    with desk.sessions.begin() as session:
        found = session.scalar(select(EndRecord).where(EndRecord.workspace_id == workspace_id))
        session.expunge_all()
    return found


def get(desk: Desk, workspace_id: int) -> EndRecord:
    found = find(desk, workspace_id)
    assert found is not None
    return found


def ended(desk: Desk, **changes: object) -> int:
    workspace_id = desk.available(**changes)
    end(desk, workspace_id)
    return workspace_id


def end(desk: Desk, workspace_id: int) -> None:
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)


def keep_now(desk: Desk) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(Installation).values(records_due_at=None))
    keep_records(desk.engine, 1)


def test_the_end_leaves_a_record_with_everything_in_it(desk: Desk) -> None:
    workspace_id = desk.available(username="mina.park")
    machine = desk.row(workspace_id).cloud_workspace_id
    desk.live(3600)
    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)
    pressed_at = desk.clock.now()
    end(desk, workspace_id)

    record, row = get(desk, workspace_id), desk.row(workspace_id)
    with desk.sessions() as session:
        person = session.get(User, record.person_id)
    assert person is not None
    assert (record.person_name, record.person_email) == (person.name, person.email)
    assert (record.ordered_by_email, record.ended_by) == (desk.provider.email, desk.provider.email)
    assert (record.end_reason, record.end_requested_at) == (EndReason.PERSON, pressed_at)
    assert record.end_message == "Terminated; the cloud no longer has the desktop."
    assert (record.username, record.account_id) == ("mina.park", row.account_id)
    assert set(record.place) == {"region", "directory_id"}
    assert record.absent_count == 3
    assert record.absent_first_at is not None and record.absent_first_at < record.terminated_at
    assert [one["cloud_id"] for one in record.details["machines"]] == [machine]
    assert record.details["counts"] == {
        "attempts": 1,
        "starts": 0,
        "stops": 1,
        "restarts": 0,
        "rebuilds": 0,
        "restores": 0,
    }
    assert record.details["running_s"] >= 3600
    assert {one["part"] for one in record.details["parts"]} >= {"machine", "disks", "snapshots"}
    # Not built yet; nothing is made up for it.
    assert record.details["use"] == {"days": 0, "seconds": None, "first_at": None, "last_at": None}
    assert (record.details["directory_user"], record.access_ended_at) == (None, None)
    assert not record.is_partial and record.costs_closed_at is None


def test_the_record_and_the_end_are_one_transaction(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.TERMINATE)

    class Broken(Exception):
        pass

    def fail(*_: object) -> None:
        raise Broken

    with monkeypatch.context() as patch:
        patch.setattr(rows, "write_record", fail)
        for _ in range(30):
            desk.clock.pause(120)
            try:
                desk.sweep()
            except Broken:
                break
    assert desk.row(workspace_id).phase is not Phase.GONE

    desk.live_until(workspace_id, State.TERMINATED)
    assert get(desk, workspace_id).absent_count == 3


def test_an_order_of_which_there_never_was_a_machine_leaves_none(desk: Desk) -> None:
    desk.notifier.notifications.clear()
    workspace_id = desk.order()
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert find(desk, workspace_id) is None


def test_a_launch_that_the_cloud_refused_leaves_none(desk: Desk) -> None:
    desk.sandbox.add_fault("error", operation="CreateWorkspaces", code="InvalidParameterValuesException")
    workspace_id = desk.order()
    desk.live_until(workspace_id, State.ERROR)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert desk.row(workspace_id).cloud_workspace_id is None
    assert find(desk, workspace_id) is None


def test_a_create_whose_answer_was_lost_leaves_one(desk: Desk) -> None:
    """There may have been a machine: its absence had to be proven."""
    desk.sandbox.add_fault("drop_before", operation="CreateWorkspaces")
    workspace_id = desk.order()
    desk.work()
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    record = get(desk, workspace_id)
    assert record.details["machines"] == []
    assert record.absent_count == 3
    assert record.available_at is None


def test_what_was_deleted_outside_says_so_and_names_nobody(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.terminate_workspace(desk.row(workspace_id).cloud_workspace_id or "")
    refresh(desk.context, workspace_id, company_id=desk.provider.company_id or 0)
    seen_at = desk.clock.now()
    desk.live_until(workspace_id, State.TERMINATED)

    record = get(desk, workspace_id)
    assert (record.end_reason, record.ended_by) == (EndReason.OUTSIDE, None)
    assert record.end_requested_at == seen_at


def test_whoever_hides_what_is_being_ended_has_not_ended_it(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.TERMINATE)
    asked_at = desk.clock.now()
    desk.clock.pause(1)
    delete_workspace(desk.context, workspace_id, company_id=desk.provider.company_id or 0, actor=desk.actor)
    desk.live_until(workspace_id, State.TERMINATED)

    assert get(desk, workspace_id).end_requested_at == asked_at


def test_desktops_of_before_get_a_partial_record_once(desk: Desk) -> None:
    first, second = ended(desk), ended(desk)
    with desk.sessions.begin() as session:
        session.execute(delete(EndRecord))
        session.execute(delete(Event).where(Event.event.in_(["create_accepted", "stop_done"])))
    desk.clock.pause(2 * 3600)
    keep_now(desk)

    records = [get(desk, first), get(desk, second)]
    assert [one.is_partial for one in records] == [True, True]
    assert [one.absent_count for one in records] == [3, 3]
    assert all(one.details["machines"] for one in records)

    keep_now(desk)
    with desk.sessions.begin() as session:
        assert session.scalar(select(func.count()).select_from(EndRecord)) == 2


def test_a_record_that_is_there_stays_as_it_is(desk: Desk) -> None:
    workspace_id = ended(desk)
    before = get(desk, workspace_id).id
    desk.clock.pause(2 * 3600)
    keep_now(desk)

    assert (get(desk, workspace_id).id, get(desk, workspace_id).is_partial) == (before, False)


def test_costs_are_closed_once_when_no_bill_of_the_month_changes_any_more(desk: Desk) -> None:
    workspace_id = ended(desk)
    day = desk.row(workspace_id).created_at.date()
    add_day(desk, workspace_id, estimated=120, billed=125, day=day)
    final_at = get(desk, workspace_id).costs_final_at
    keep_now(desk)
    assert get(desk, workspace_id).costs is None

    desk.clock.pause((final_at - desk.clock.now()) / timedelta(seconds=1))
    keep_now(desk)
    closed = get(desk, workspace_id)
    assert closed.costs is not None and closed.costs_closed_at == final_at
    assert closed.costs["amounts"] == [{"currency": "USD", "estimated_minor": 120, "billed_minor": 125}]

    with desk.sessions.begin() as session:
        session.execute(delete(CostDay).where(CostDay.source == Source.BILLED))
    desk.clock.pause(DAY_S)
    keep_now(desk)
    assert get(desk, workspace_id).costs == closed.costs


def test_the_scheduler_finds_what_is_due_by_itself(desk: Desk) -> None:
    workspace_id = ended(desk)
    with desk.sessions.begin() as session:
        session.execute(delete(EndRecord))
        session.execute(update(Workspace).values(is_deleted=True))
    desk.clock.pause(2 * 3600)
    desk.sweep()

    assert get(desk, workspace_id).is_partial


def test_a_record_written_while_somebody_was_removed_names_them_for_an_hour_at_most(desk: Desk) -> None:
    workspace_id = ended(desk)
    with desk.sessions.begin() as session:
        for user_id in (desk.provider.id, get(desk, workspace_id).person_id):
            session.execute(
                update(User)
                .where(User.id == user_id)
                .values(
                    name="Removed person", email=f"{user_id}@removed.invalid", removed_at=desk.clock.now()
                )
            )
    keep_now(desk)

    record = get(desk, workspace_id)
    assert (record.person_name, record.ordered_by_name, record.ended_by) == ("Removed person",) * 3
    assert record.person_email == f"{record.person_id}@removed.invalid"
    assert record.ordered_by_email == f"{desk.provider.id}@removed.invalid"
