"""What goes wrong on Azure, caused at the cloud: tried again, explained, never doubled, never left behind."""

from collections import Counter
from datetime import timedelta

import pytest

from tests.desk import Desk
from tests.engine.azure.test_flow import kinds
from webapp.clouds.azure_avd import making
from webapp.domain.lifecycle import Action, Phase, State


def births(desk: Desk) -> list[str]:
    """The names of all machines that ever lived."""
    return [one["name"] for one in desk.sandbox.journal() if one["kind"] == "vm"]


def test_4_while_another_try_is_planned_it_is_pending_and_says_why(desk: Desk) -> None:
    desk.sandbox.add_fault("deployment_error", code="AllocationFailed", message="No capacity.")
    workspace_id = desk.order()
    desk.sweep()
    desk.live(300)

    row = desk.row(workspace_id)
    assert (row.state, row.error_code) == (State.PENDING, "no_capacity")
    desk.live_until(workspace_id, State.AVAILABLE)

    row = desk.row(workspace_id)
    assert (row.generation, row.attempt, row.error_code) == (2, 2, None)
    assert kinds(desk) == {"vm": 1, "nic": 1, "disk": 1, "host": 1}


def test_5_when_no_try_is_left_it_is_an_error_with_the_deepest_code(desk: Desk) -> None:
    desk.sandbox.add_fault("deployment_error", times=-1, code="AllocationFailed", message="No capacity.")
    workspace_id = desk.order()

    desk.live_until(workspace_id, State.ERROR, limit_s=6 * 3600)
    desk.live(1800)

    row = desk.row(workspace_id)
    assert (row.phase, row.error_code, row.generation) == (Phase.CREATE_FAILED, "no_capacity", 4)
    assert "AllocationFailed" in (row.error_detail or "")
    assert kinds(desk) == Counter()


def test_a_set_up_that_fails_is_tried_once_more_under_another_name(desk: Desk) -> None:
    desk.sandbox.add_fault(
        "deployment_error", times=-1, code="VMExtensionProvisioningError", message="exit code 1"
    )
    workspace_id = desk.order()

    desk.live_until(workspace_id, State.ERROR, limit_s=6 * 3600)

    assert desk.row(workspace_id).error_code == "setup_failed"
    names = births(desk)
    assert len(names) == len(set(names)) == 2


def test_a_quota_is_nothing_that_passes(desk: Desk) -> None:
    desk.sandbox.set_quota("cores", 2)
    workspace_id = desk.order()

    desk.live_until(workspace_id, State.ERROR)

    row = desk.row(workspace_id)
    assert (row.phase, row.error_code) == (Phase.CREATE_FAILED, "quota_reached")
    assert births(desk) == []


def test_a_person_may_try_again_when_the_cause_is_fixed(desk: Desk) -> None:
    desk.sandbox.set_quota("cores", 2)
    workspace_id = desk.order()
    desk.live_until(workspace_id, State.ERROR)

    desk.sandbox.set_quota("cores", 100)
    desk.press(workspace_id, Action.RETRY)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert len(births(desk)) == 1


@pytest.mark.parametrize("kind", ["drop_after", "http_500", "http_503", "truncated", "garbage"])
def test_an_order_whose_answer_was_lost_makes_one_machine(desk: Desk, kind: str) -> None:
    desk.sandbox.add_fault(kind, operation="deployments.createOrUpdate")
    workspace_id = desk.order()

    desk.live_until(workspace_id, State.AVAILABLE)

    assert len(births(desk)) == 1


def test_an_order_that_arrives_too_late_makes_nothing_and_begins_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "GOOD_FOR", timedelta(seconds=-60))
    workspace_id = desk.order()
    desk.sweep()
    desk.live(300)
    assert births(desk) == []
    assert desk.row(workspace_id).error_code == "order_too_late"

    monkeypatch.undo()
    desk.live_until(workspace_id, State.AVAILABLE)

    assert len(births(desk)) == 1


def test_9_a_desktop_that_was_shut_down_from_inside_is_switched_off(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.shut_down_in_guest(desk.row(workspace_id).cloud_workspace_id)

    desk.live(1200)

    row = desk.row(workspace_id)
    assert (row.state, row.cloud_word) == (State.STOPPED, "Deallocated")
    assert "upkeep" in desk.story(workspace_id)[-4:]


def test_a_host_pool_of_the_wrong_kind_lets_orders_wait_and_nothing_is_made(desk: Desk) -> None:
    desk.sandbox.set_host_pool(type="Pooled")
    workspace_id = desk.order()

    desk.live(600)

    assert desk.row(workspace_id).state is State.PENDING
    assert desk.row(workspace_id).attempt == 1
    assert desk.credential().blocked_code == "host_pool_unsuitable"
    assert births(desk) == []
    desk.sandbox.set_host_pool(type="Personal")
    desk.live_until(workspace_id, State.AVAILABLE)
    assert desk.credential().blocked_code is None


def test_a_host_pool_that_is_wrong_now_does_not_keep_a_desktop_from_its_end(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.set_host_pool(type="Pooled")

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert kinds(desk) == Counter()


def test_a_right_that_is_taken_away_lets_orders_wait(desk: Desk) -> None:
    desk.sandbox.deny(actions=["Microsoft.Resources/deployments/write"])
    workspace_id = desk.order()
    desk.live(300)

    assert desk.row(workspace_id).state is State.PENDING
    assert desk.credential().blocked_code == "access_denied"
    desk.sandbox.allow()
    desk.live_until(workspace_id, State.AVAILABLE)

    assert desk.row(workspace_id).attempt == 1


def test_a_role_on_the_resource_group_alone_is_enough(desk: Desk) -> None:
    providers = f"/subscriptions/{desk.stage.fields['subscription_id']}/providers"
    desk.sandbox.deny(["Microsoft.Compute/virtualMachines/read"], scope=providers)
    ids = [desk.order() for _ in range(5)]

    for one in ids:
        desk.live_until(one, State.AVAILABLE)
    for one in ids:
        desk.press(one, Action.TERMINATE)
    for one in ids:
        desk.live_until(one, State.TERMINATED)

    assert kinds(desk) == Counter()


def test_a_secret_that_expired_lets_the_account_wait_and_a_new_one_lets_it_go_on(desk: Desk) -> None:
    desk.sandbox.set_secret(state="expired")
    workspace_id = desk.order()
    desk.live(300)

    assert desk.credential().blocked_code == "expired_key"
    desk.sandbox.set_secret(state="active")
    desk.live_until(workspace_id, State.AVAILABLE)

    assert desk.row(workspace_id).attempt == 1


def test_a_cloud_that_asks_for_ten_minutes_is_asked_once_and_blocks_nobody(desk: Desk) -> None:
    desk.sandbox.add_fault("throttle", operation="deployments.createOrUpdate", retry_after_s=600)
    workspace_id = desk.order()
    before_s = desk.clock.elapsed_s

    desk.sweep()

    assert desk.clock.elapsed_s - before_s < 30
    assert len(desk.calls("deployments.createOrUpdate")) == 1
    due_at = desk.row(workspace_id).due_at
    assert due_at is not None and due_at - desk.clock.now() >= timedelta(seconds=570)


def test_a_cloud_that_asks_for_ten_minutes_is_asked_nothing_for_the_whole_account(desk: Desk) -> None:
    desk.sandbox.add_fault("throttle", operation="deployments.createOrUpdate", retry_after_s=600)
    first = desk.order()
    desk.sweep()
    second = desk.order(username="mina@example.com")
    calls = len(desk.sandbox.ledger())

    desk.live(570, step_s=15)

    assert len(desk.sandbox.ledger()) == calls
    assert desk.credential().blocked_code == "throttled"
    for workspace_id in (first, second):
        desk.live_until(workspace_id, State.AVAILABLE)
        assert desk.row(workspace_id).attempt == 1
    assert desk.credential().blocked_code is None


def test_a_person_who_has_a_desktop_in_the_pool_already_is_reported(desk: Desk) -> None:
    desk.stage.plant("sam@example.com")
    workspace_id = desk.order(username="sam@example.com")

    desk.live(1800)

    row = desk.row(workspace_id)
    assert (row.phase, row.error_code) == (Phase.CONFLICT, "username_taken")
    assert len(births(desk)) == 1


def test_an_assignment_that_is_refused_is_reported_and_done_when_it_can_be(desk: Desk) -> None:
    fault = desk.sandbox.add_fault(
        "error",
        operation="sessionHosts.update",
        times=-1,
        code="BadRequest",
        status=400,
        message="User is unknown.",
    )
    workspace_id = desk.order()
    desk.live_until(workspace_id, State.ERROR)
    assert desk.row(workspace_id).error_code == "person_not_in_tenant"

    desk.sandbox.clear_faults(fault)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert desk.row(workspace_id).error_code is None
    assert len(births(desk)) == 1


def test_a_desktop_that_was_deleted_by_hand_is_lost_and_not_made_again(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.stage.vanish(desk.row(workspace_id).cloud_workspace_id or "")

    desk.live(2 * 3600)

    assert desk.row(workspace_id).phase is Phase.LOST
    assert len(births(desk)) == 1


def test_6_a_machine_that_was_deleted_while_its_host_stands_is_an_error(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.delete_by_hand(desk.row(workspace_id).cloud_workspace_id, parts=("vm",))

    desk.live(900)

    assert desk.row(workspace_id).state is State.ERROR


def test_a_machine_that_is_found_late_is_not_called_available_before_it_can_be_used(desk: Desk) -> None:
    desk.sandbox.add_fault("drop_after", operation="deployments.createOrUpdate")
    desk.sandbox.add_fault("agent_silent")
    workspace_id = desk.order()
    desk.sweep()
    desk.clock.pause(1500)  # nobody was at work meanwhile: machine and deployment are done, the host is not

    desk.sweep()

    assert "adopted" in desk.story(workspace_id)
    assert desk.row(workspace_id).state is State.PENDING
    desk.live_until(workspace_id, State.ERROR, limit_s=2 * 3600)
    assert desk.row(workspace_id).error_code == "never_registered"


def test_a_machine_that_is_found_late_is_given_to_its_person_before_it_is_available(desk: Desk) -> None:
    desk.sandbox.add_fault("drop_after", operation="deployments.createOrUpdate")
    workspace_id = desk.order()
    desk.sweep()
    desk.clock.pause(2400)

    desk.sweep()
    desk.live_until(workspace_id, State.AVAILABLE)

    assert desk.story(workspace_id)[-3:] == ["adopted", "upkeep", "available"]
