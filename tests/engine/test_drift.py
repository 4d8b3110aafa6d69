"""Drift detection: machines without a row, and rows whose machine somebody changed by hand."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from tests.conftest import both_databases
from tests.desk import Desk
from tests.rows import set_rows
from webapp.clouds.aws_workspaces.driver import AwsWorkspaces
from webapp.domain.duties import TAKE_INVENTORY
from webapp.domain.lifecycle import Action, CloudState, Phase, State
from webapp.domain.orphans import OrphanKind, OrphanStatus
from webapp.engine.reconcile import reconcile
from webapp.models import Duty, Orphan, Workspace
from webapp.services import orphans

ROUND_S = 900.0


def _late_machine(desk: Desk, workspace_id: int, username: str) -> str:
    """A machine of a row that is over already: its create arrived very late."""
    row = desk.row(workspace_id)
    return desk.plant(username, claim=f"{desk.installation()}/{row.uid}/{row.generation}")


def _closed_row(desk: Desk) -> int:
    """A workspace that was terminated, properly, to its end."""
    workspace_id = desk.available()
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    return workspace_id


def test_a_machine_made_by_hand_is_found_within_one_round_and_left_alone(desk: Desk) -> None:
    machine_id = desk.plant("by.hand")

    desk.live(ROUND_S)

    orphan = desk.orphan(machine_id)
    assert (orphan.kind, orphan.status) == (OrphanKind.UNMARKED, OrphanStatus.OPEN)
    assert (orphan.username, orphan.compute_type, orphan.running_mode) == ("by.hand", "STANDARD", "AUTO_STOP")
    desk.live(3 * ROUND_S, step_s=ROUND_S)
    assert desk.writes_about(machine_id) == []


def test_a_planted_orphan_of_a_closed_row_is_ended_after_its_second_observation(desk: Desk) -> None:
    workspace_id = _closed_row(desk)
    machine_id = _late_machine(desk, workspace_id, "late.twin")

    desk.live(ROUND_S)
    assert desk.orphan(machine_id).kind is OrphanKind.CLOSED_ROW
    assert desk.writes_about(machine_id) == []
    desk.live(ROUND_S)

    assert desk.writes_about(machine_id) == ["TerminateWorkspaces"]
    assert (desk.orphan(machine_id).status, desk.orphan(machine_id).decided_by) == (
        OrphanStatus.TERMINATING,
        "berth",
    )
    desk.live(3 * ROUND_S)
    assert desk.orphan(machine_id).status is OrphanStatus.GONE
    assert [one["workspace_id"] for one in desk.machines() if one["gone_at"] is None] == []


def test_an_orphan_that_lost_its_mark_meanwhile_is_not_ended(desk: Desk) -> None:
    workspace_id = _closed_row(desk)
    machine_id = _late_machine(desk, workspace_id, "late.twin")
    desk.live(ROUND_S)

    desk.sandbox.set_workspace(machine_id, tags_visible_at=desk.sandbox.now() + 86_400)
    desk.live(2 * ROUND_S)

    assert desk.writes_about(machine_id) == []
    assert desk.orphan(machine_id).status is OrphanStatus.OPEN


def test_a_machine_of_another_installation_and_one_of_an_unknown_row_wait_for_a_person(desk: Desk) -> None:
    other = desk.plant("other.berth", claim=f"{uuid.uuid4().hex}/{uuid.uuid4().hex}/1")
    unknown = desk.plant("unknown.row", claim=f"{desk.installation()}/{uuid.uuid4().hex}/1")
    nonsense = desk.plant("nonsense", claim="not a claim")

    desk.live(4 * ROUND_S, step_s=ROUND_S / 2)

    assert desk.orphan(other).kind is OrphanKind.OTHER_INSTALLATION
    assert desk.orphan(unknown).kind is OrphanKind.UNKNOWN_ROW
    assert desk.orphan(nonsense).kind is OrphanKind.OTHER_INSTALLATION
    assert {one.status for one in desk.orphans()} == {OrphanStatus.OPEN}
    assert [desk.writes_about(one) for one in (other, unknown, nonsense)] == [[], [], []]


def test_a_second_machine_of_a_live_row_is_shown_and_neither_is_ended(desk: Desk) -> None:
    workspace_id = desk.available()
    second = _late_machine(desk, workspace_id, "second.one")

    desk.live(3 * ROUND_S, step_s=ROUND_S / 2)

    assert desk.orphan(second).kind is OrphanKind.SECOND
    assert desk.orphan(second).workspace_id == workspace_id
    assert desk.writes_about(second) == []
    assert desk.row(workspace_id).state is State.AVAILABLE


def test_a_machine_that_appears_after_its_order_had_failed_is_taken_over(desk: Desk) -> None:
    desk.refuse_users("late.user")
    workspace_id = desk.order(username="late.user")
    desk.work()
    row = desk.row(workspace_id)
    assert row.phase is Phase.CREATE_FAILED
    machine_id = desk.plant("late.user", claim=f"{desk.installation()}/{row.uid}/1")

    desk.live(2 * ROUND_S + 60)

    row = desk.row(workspace_id)
    assert (row.state, row.cloud_workspace_id, row.error_code) == (State.AVAILABLE, machine_id, None)
    assert "adopted" in desk.story(workspace_id)
    assert desk.orphan(machine_id).status is OrphanStatus.ADOPTED


@pytest.mark.slow
def test_a_thousand_foreign_machines_are_only_read(desk: Desk) -> None:
    ours, closed = desk.available(), _closed_row(desk)
    foreign = {desk.plant(f"foreign.{number}") for number in range(1000)}
    late = _late_machine(desk, closed, "late.twin")

    desk.live(2 * ROUND_S + 60, step_s=300)

    touched = {
        machine_id
        for line in desk.sandbox.ledger()
        if line["operation"] and not line["operation"].startswith(("Describe", "Get"))
        for machine_id in line["ids"]
    }
    assert touched & foreign == set()
    assert late in touched
    assert len([one for one in desk.orphans() if one.cloud_workspace_id in foreign]) == 1000
    assert {one["gone_at"] for one in desk.machines() if one["workspace_id"] in foreign} == {None}
    assert desk.row(ours).state is State.AVAILABLE


def test_a_machine_ended_by_hand_is_noticed_within_one_round(desk: Desk) -> None:
    workspace_id = desk.available()
    _sleep_long(desk, workspace_id)
    desk.sandbox.vanish_workspace(desk.row(workspace_id).cloud_workspace_id or "")

    desk.live(ROUND_S)
    assert desk.row(workspace_id).absent_count > 0
    desk.live(ROUND_S)

    assert desk.row(workspace_id).phase is Phase.LOST


def test_a_machine_stopped_by_hand_is_seen_stopped_within_one_round(desk: Desk) -> None:
    workspace_id = desk.available()
    _sleep_long(desk, workspace_id)
    desk.sandbox.set_workspace(desk.row(workspace_id).cloud_workspace_id or "", state="STOPPED")

    desk.live(ROUND_S)

    assert desk.row(workspace_id).cloud_state is CloudState.STOPPED


def _sleep_long(desk: Desk, workspace_id: int) -> None:
    """Only drift detection comes by: the row's own next look is far away."""
    with desk.sessions.begin() as session:
        late = desk.clock.now() + timedelta(days=9)
        set_rows(session, Workspace.id == workspace_id, due_at=late, updated_at=desk.clock.now())


def test_a_machine_that_is_not_listed_for_two_rounds_is_gone_and_open_when_it_comes_back(desk: Desk) -> None:
    machine_id = desk.plant("by.hand")
    desk.live(ROUND_S)

    desk.sandbox.set_workspace(machine_id, visible_at=desk.sandbox.now() + 2.5 * ROUND_S)
    desk.live(ROUND_S)
    assert desk.orphan(machine_id).status is OrphanStatus.OPEN
    desk.live(ROUND_S)
    assert desk.orphan(machine_id).status is OrphanStatus.GONE
    desk.live(ROUND_S)

    orphan = desk.orphan(machine_id)
    assert (orphan.status, orphan.observations) == (OrphanStatus.OPEN, 1)


def test_an_incomplete_inventory_says_nothing_and_is_tried_again_soon(desk: Desk) -> None:
    machine_id = desk.plant("by.hand")
    desk.live(ROUND_S)
    before = desk.duty(TAKE_INVENTORY).last_good_at
    desk.sandbox.add_fault("truncated", operation="GetResources", times=1)

    desk.live(ROUND_S + 30)
    assert desk.orphan(machine_id).observations == 1
    desk.live(ROUND_S)

    assert desk.orphan(machine_id).missed == 0
    assert desk.orphan(machine_id).observations >= 2
    assert desk.duty(TAKE_INVENTORY).last_good_at != before


def test_an_inventory_costs_one_listing_and_no_call_more_for_a_cohort(desk: Desk) -> None:
    desk.live(ROUND_S - 300)  # the next one is nearly due
    before = len(desk.calls("DescribeWorkspaces"))
    for _ in range(10):
        desk.order()
    desk.work()

    assert len(desk.calls("DescribeWorkspaces")) - before == 1
    assert desk.credential().inventory == {"machines": 0, "ours": 0, "orphans": 0}
    assert len(desk.calls("CreateWorkspaces")) >= 1


@both_databases
def test_what_drift_detection_writes_holds_on_both_databases(desk: Desk) -> None:
    closed = _closed_row(desk)
    late, by_hand = _late_machine(desk, closed, "late.twin"), desk.plant("by.hand")

    desk.live(2 * ROUND_S + 60, step_s=300)

    assert desk.orphan(late).status is OrphanStatus.TERMINATING
    assert desk.orphan(by_hand).observations >= 2
    for changes in ({"cloud_workspace_id": by_hand}, {"status": OrphanStatus.TERMINATING}):
        wanted = late if "cloud_workspace_id" in changes else by_hand
        with pytest.raises(IntegrityError), desk.sessions.begin() as session:
            session.execute(update(Orphan).where(Orphan.cloud_workspace_id == wanted).values(**changes))


def test_two_credentials_for_one_directory_show_each_machine_once(desk: Desk) -> None:
    second = desk.add_credential("The same again")
    machine_id = desk.plant("by.hand")

    desk.live(3 * ROUND_S, step_s=300)

    found = [one for one in desk.orphans() if one.cloud_workspace_id == machine_id]
    assert len(found) == 1
    assert found[0].observations >= 2
    assert found[0].credential_id in (desk.credential_id, second)


def test_a_company_that_shares_the_account_sees_no_orphan_in_the_others_machines(desk: Desk) -> None:
    workspace_id = desk.available()
    owner, desk.provider = desk.provider, desk.add_provider("rival@example.com", company="Rival")
    desk.add_credential("Shared")
    machine_id = desk.plant("by.hand")

    desk.live(2 * ROUND_S, step_s=300)

    companies = {(one.company_id, one.cloud_workspace_id) for one in desk.orphans()}
    assert companies == {(owner.company_id, machine_id), (desk.provider.company_id, machine_id)}
    assert desk.row(workspace_id).state is State.AVAILABLE
    assert desk.writes_about(machine_id) == []


def test_the_mark_is_read_once_more_right_before_the_end(desk: Desk) -> None:
    machine_id = desk.plant("forgotten", claim=f"{desk.installation()}/{uuid.uuid4().hex}/1")
    desk.live(ROUND_S)
    orphans.terminate(
        desk.context,
        desk.orphan(machine_id).id,
        company_id=desk.provider.company_id or 0,
        actor=desk.actor,
        confirmed_id=machine_id,
    )

    desk.sandbox.set_workspace(machine_id, tags_visible_at=desk.sandbox.now() + 86_400)
    desk.work()

    assert desk.writes_about(machine_id) == []
    assert desk.orphan(machine_id).status is OrphanStatus.OPEN


def _inventory_is_due(desk: Desk) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(Duty).where(Duty.kind == TAKE_INVENTORY).values(due_at=desk.clock.now()))


def test_an_inventory_counts_as_the_look_at_what_it_shows_unchanged(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.clock.pause(((desk.row(workspace_id).due_at or desk.clock.now()) - desk.clock.now()).total_seconds())
    _inventory_is_due(desk)
    version, looks = desk.row(workspace_id).version, len(desk.calls("DescribeWorkspaces"))

    desk.sweep()

    row = desk.row(workspace_id)
    assert (row.observed_at, row.due_at) == (desk.clock.now(), desk.clock.now() + desk.engine.rest)
    assert row.version == version
    assert len(desk.calls("DescribeWorkspaces")) == looks + 1, "one listing answers both"


def test_an_inventory_does_not_put_off_what_was_pressed_while_it_was_read(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.clock.pause(30)
    _inventory_is_due(desk)

    class Pressing(AwsWorkspaces):
        def claims(self) -> dict[str, str]:
            desk.press(workspace_id, Action.STOP)
            return super().claims()

    stops = len(desk.calls("StopWorkspaces"))
    reconcile(desk.make_engine(drivers={Pressing.key: Pressing}), desk.credential_id)

    assert len(desk.calls("StopWorkspaces")) == stops + 1


def test_an_inventory_does_not_count_as_a_look_at_what_it_shows_changed(desk: Desk) -> None:
    workspace_id = desk.available()
    with desk.sessions.begin() as session:
        set_rows(session, Workspace.id == workspace_id, ip_address="10.9.9.9")
    desk.clock.pause(1)
    _inventory_is_due(desk)

    due_at = desk.row(workspace_id).due_at
    desk.sweep()

    assert desk.row(workspace_id).due_at == due_at
