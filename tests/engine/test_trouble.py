"""What goes wrong at the cloud, caused for real, and what becomes of the order."""

import pytest

from sandbox import demo
from tests.desk import Desk
from tests.whole import in_turn
from webapp.domain.lifecycle import Action, Phase, State
from webapp.models import CredentialStatus
from webapp.services.workspace_actions import refresh


def test_transient_trouble_is_tried_again_after_30_60_and_120_seconds(desk: Desk) -> None:
    desk.sandbox.add_fault("http_503", operation="CreateWorkspaces", times=3)
    workspace_id = desk.order()

    desk.live(300, step_s=1)

    sends = [call["simulated_at"] for call in desk.calls("CreateWorkspaces")][-4:]
    gaps = [round(later - earlier) for earlier, later in zip(sends, sends[1:], strict=False)]
    assert [24 <= gaps[0] <= 37, 48 <= gaps[1] <= 73, 96 <= gaps[2] <= 145] == [True] * 3, gaps
    assert desk.row(workspace_id).phase is Phase.CREATING
    assert desk.row(workspace_id).attempt == 4


def test_refreshing_does_not_use_up_the_retries_of_a_throttled_order(desk: Desk) -> None:
    desk.sandbox.add_fault("throttle", operation="CreateWorkspaces", times=1)
    workspace_id = desk.order()
    desk.work()

    for _ in range(5):
        refresh(desk.context, workspace_id, company_id=desk.provider.company_id or 0)
        desk.work()

    assert desk.story(workspace_id).count("create_sent") == 1
    desk.live_until(workspace_id, State.AVAILABLE)
    assert desk.story(workspace_id).count("create_sent") == 2


def test_refreshing_an_order_that_has_nothing_at_the_cloud_holds_no_lock(desk: Desk) -> None:
    workspace_id = desk.order()
    desk.press(workspace_id, Action.TERMINATE)
    desk.work()

    refresh(desk.context, workspace_id, company_id=desk.provider.company_id or 0)

    assert not desk.session.in_transaction()


def test_after_three_retries_the_order_fails_and_says_so(desk: Desk) -> None:
    desk.sandbox.add_fault("http_503", operation="CreateWorkspaces", times=-1)
    workspace_id = desk.order()

    desk.live_until(workspace_id, State.ERROR, limit_s=400)

    row = desk.row(workspace_id)
    assert (row.error_code, row.attempt) == ("cloud_fault", 4)
    assert "retry" in row.allowed_actions


def test_an_order_that_failed_in_doubt_is_closed_only_after_the_settle_time(desk: Desk) -> None:
    desk.sandbox.add_fault("http_503", operation="CreateWorkspaces", times=-1)
    workspace_id = desk.order()
    desk.live_until(workspace_id, State.ERROR, limit_s=400)
    assert desk.row(workspace_id).phase is Phase.CREATE_INTENT

    desk.live(desk.settings.settle_s - 60)
    assert desk.row(workspace_id).phase is Phase.CREATE_INTENT
    desk.live(desk.settings.absence_gap_s * 5)

    assert desk.row(workspace_id).phase is Phase.CREATE_FAILED
    assert desk.row(workspace_id).due_at is None


def test_an_answer_lost_after_the_effect_is_found_and_adopted(desk: Desk) -> None:
    desk.sandbox.add_fault("drop_after", operation="CreateWorkspaces", times=1)
    workspace_id = desk.order()

    desk.live_until(workspace_id, State.AVAILABLE)

    assert len(desk.sandbox.journal()) == 1
    assert "adopted" in desk.story(workspace_id)


def test_a_lost_answer_and_a_hidden_machine_still_make_one(desk: Desk) -> None:
    desk.sandbox.add_fault("visibility_lag", operation="CreateWorkspaces", times=1, seconds=240)
    desk.sandbox.add_fault("drop_after", operation="CreateWorkspaces", times=1)
    workspace_id = desk.order()

    desk.live_until(workspace_id, State.AVAILABLE)

    assert len(desk.sandbox.journal()) == 1
    assert desk.row(workspace_id).state is State.AVAILABLE


def test_permanent_refusals_fail_at_once_in_plain_words(desk: Desk) -> None:
    desk.refuse_users()
    workspace_id = desk.order()

    desk.work()

    row = desk.row(workspace_id)
    assert (row.state, row.phase) == (State.ERROR, Phase.CREATE_FAILED)
    assert row.error_code == "user_renamed"
    assert desk.events(workspace_id)[-1].message.startswith("The user's name in the directory was changed")


def test_only_the_failed_items_of_a_batch_fail(desk: Desk) -> None:
    desk.refuse_users("bad.user")
    bad = desk.order(username="bad.user")
    good = [desk.order() for _ in range(3)]

    desk.work()

    assert desk.row(bad).state is State.ERROR
    assert {desk.row(one).phase for one in good} == {Phase.CREATING}


def test_one_order_that_spoils_the_whole_call_does_not_spoil_the_others(desk: Desk) -> None:
    desk.sandbox.add_fault(
        "error",
        operation="CreateWorkspaces",
        times=-1,
        user_name="poison",
        code="InvalidParameterValuesException",
        status=400,
    )
    good = [desk.order() for _ in range(6)]
    bad = desk.order(username="poison")

    desk.work()

    assert desk.row(bad).error_code == "invalid_request"
    assert {desk.row(one).phase for one in good} == {Phase.CREATING}


def test_a_retry_looks_first_and_then_makes_one_machine(desk: Desk) -> None:
    desk.refuse_users()
    workspace_id = desk.order()
    desk.work()
    desk.sandbox.clear_faults()

    desk.press(workspace_id, Action.RETRY)
    assert desk.row(workspace_id).state is State.PENDING
    desk.live_until(workspace_id, State.AVAILABLE)

    assert len(desk.sandbox.journal()) == 1
    assert desk.row(workspace_id).generation == 2
    assert desk.row(workspace_id).error_code is None


def test_a_failed_launch_is_cleaned_up_and_can_be_retried(desk: Desk) -> None:
    desk.sandbox.add_fault(
        "launch_error",
        operation="CreateWorkspaces",
        times=1,
        code="DomainJoinError",
        message="The domain join failed.",
    )
    workspace_id = desk.order()

    desk.live_until(workspace_id, State.ERROR)
    assert desk.row(workspace_id).error_code == "launch_failed"
    desk.press(workspace_id, Action.RETRY)
    desk.live_until(workspace_id, State.AVAILABLE)

    first, second = desk.sandbox.journal()
    assert first["gone_at"] is not None
    assert second["gone_at"] is None


def test_a_desktop_that_is_not_ready_in_time_is_an_error_and_still_watched(desk: Desk) -> None:
    desk.sandbox.add_fault("stuck", operation="CreateWorkspaces", times=1)
    workspace_id = desk.order()

    desk.live(desk.settings.provision_timeout_of(desk.stage.cloud) - 60)
    assert desk.row(workspace_id).state is State.PENDING
    desk.live(60 + 2 * desk.settings.poll_interval_s)
    assert desk.row(workspace_id).error_code == "provisioning_timeout"
    desk.sandbox.set_workspace(desk.row(workspace_id).cloud_workspace_id or "", state="AVAILABLE")
    desk.live(desk.settings.observe_interval_s + 30)

    row = desk.row(workspace_id)
    assert (row.state, row.error_code) == (State.AVAILABLE, None)


def test_someone_elses_desktop_in_the_slot_is_never_touched(desk: Desk) -> None:
    theirs = desk.sandbox.make_workspace(
        directory_id=demo.DEMO_DIRECTORY_ID, user_name="mina.park", bundle_id=demo.DEMO_UBUNTU_BUNDLE_ID
    )
    workspace_id = desk.order(username="mina.park")

    desk.live(600)
    assert desk.row(workspace_id).error_code == "username_taken"
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    [machine] = desk.machines()
    assert (machine["workspace_id"], machine["state"]) == (theirs["workspace_id"], "AVAILABLE")
    assert [call for call in desk.calls("CreateWorkspaces") if "mina.park" in call["users"]] == []


def test_a_machine_made_by_hand_between_look_and_create_is_a_conflict_too(desk: Desk) -> None:
    workspace_id = desk.order(username="mina.park")

    def somebody_is_faster(name: str) -> None:
        if name == "intent":
            desk.sandbox.make_workspace(
                directory_id=demo.DEMO_DIRECTORY_ID,
                user_name="mina.park",
                bundle_id=demo.DEMO_UBUNTU_BUNDLE_ID,
            )

    desk.work(desk.make_engine(crashpoint=somebody_is_faster))
    desk.live(120)

    assert desk.row(workspace_id).phase is Phase.CONFLICT
    assert len(desk.sandbox.journal()) == 1


def test_a_revoked_key_makes_orders_wait_and_a_new_one_lets_them_go_on(desk: Desk) -> None:
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, state="disabled")
    workspace_id = desk.order()

    desk.live(300)
    waiting = desk.row(workspace_id)
    assert (waiting.state, waiting.attempt) == (State.PENDING, 1)
    assert desk.credential().blocked_code == "invalid_key"
    assert desk.credential().status is CredentialStatus.FAILING
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, state="active")
    desk.live_until(workspace_id, State.AVAILABLE)

    assert desk.credential().blocked_code is None
    assert desk.credential().is_usable


def test_a_missing_right_holds_orders_only(desk: Desk) -> None:
    running = desk.available()
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["workspaces:CreateWorkspaces"])
    waiting = desk.order()

    desk.press(running, Action.STOP)
    desk.live_until(running, State.STOPPED)
    assert desk.row(waiting).state is State.PENDING
    assert desk.row(waiting).attempt == 1
    assert desk.credential().blocked_code == "access_denied"
    assert desk.story(waiting).count("waiting_for_credential") == 1
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[])
    desk.live_until(waiting, State.AVAILABLE)

    assert desk.credential().is_usable


def test_a_refused_stop_says_why_and_leaves_the_desktop_as_it_is(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["workspaces:StopWorkspaces"])

    desk.press(workspace_id, Action.STOP)
    desk.work()

    row = desk.row(workspace_id)
    assert (row.state, row.error_code, row.requested_action) == (State.AVAILABLE, "access_denied", None)


def test_termination_never_gives_up(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["workspaces:TerminateWorkspaces"])
    desk.press(workspace_id, Action.TERMINATE)
    desk.live(1200)
    assert desk.row(workspace_id).state is State.TERMINATING

    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[])
    desk.live_until(workspace_id, State.TERMINATED)

    assert desk.sandbox.journal()[0]["gone_at"] is not None


def test_not_found_right_after_terminate_is_no_proof(desk: Desk) -> None:
    desk.sandbox.add_fault("visibility_lag", operation="CreateWorkspaces", times=1, seconds=600)
    workspace_id = desk.order()
    desk.work()

    desk.press(workspace_id, Action.TERMINATE)
    desk.live(300)
    assert desk.row(workspace_id).state is State.TERMINATING
    desk.live_until(workspace_id, State.TERMINATED)

    assert desk.sandbox.journal()[0]["gone_at"] is not None


def test_a_listing_that_is_empty_for_a_while_loses_nothing(desk: Desk) -> None:
    workspace_id = desk.available()
    fault = desk.sandbox.add_fault("empty_listing", operation="DescribeWorkspaces", times=-1)

    desk.live(desk.settings.observe_interval_s + 240)
    assert desk.row(workspace_id).state is State.AVAILABLE
    desk.sandbox.clear_faults(fault)
    desk.live(120)

    row = desk.row(workspace_id)
    assert (row.phase, row.absent_count) == (Phase.READY, 0)


def test_a_machine_that_vanished_is_reported_lost_only_after_a_quarter_of_an_hour(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.live(desk.settings.settle_s)
    desk.sandbox.vanish_workspace(desk.row(workspace_id).cloud_workspace_id or "")

    desk.live(desk.settings.observe_interval_s + 600)
    assert desk.row(workspace_id).phase is Phase.READY
    desk.live(600)

    row = desk.row(workspace_id)
    assert (row.phase, row.state, row.error_code) == (Phase.LOST, State.ERROR, "workspace_lost")


def test_a_lost_machine_can_be_terminated_in_the_books(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.live(desk.settings.settle_s)
    desk.sandbox.vanish_workspace(desk.row(workspace_id).cloud_workspace_id or "")
    desk.live(desk.settings.observe_interval_s + 1300)

    desk.press(workspace_id, Action.TERMINATE)

    desk.live_until(workspace_id, State.TERMINATED, limit_s=1200)


@pytest.mark.parametrize(
    ("kind", "operation"),
    in_turn(
        ("drop_after", "http_500", "http_503", "throttle", "drop_before", "garbage", "truncated"),
        ("CreateWorkspaces", "DescribeWorkspaces", "TerminateWorkspaces"),
    ),
)
def test_every_passing_fault_passes_and_makes_no_second_machine(
    desk: Desk, kind: str, operation: str
) -> None:
    desk.sandbox.add_fault(kind, operation=operation, times=2)
    workspace_id = desk.available()
    desk.press(workspace_id, Action.TERMINATE)

    desk.live_until(workspace_id, State.TERMINATED)

    [machine] = desk.sandbox.journal()
    assert machine["gone_at"] is not None


def test_the_quota_is_named_when_it_is_reached(desk: Desk) -> None:
    desk.sandbox.add_fault(
        "item_error",
        operation="CreateWorkspaces",
        times=1,
        code="ResourceLimitExceeded",
        message="Limit reached for account 111122223333.",
    )
    workspace_id = desk.order()

    desk.work()

    row = desk.row(workspace_id)
    assert row.error_code == "quota_reached"
    assert "111122223333" not in (row.error_detail or "")


def test_refresh_while_the_cloud_is_silent_is_answered_honestly(desk: Desk) -> None:
    from webapp.domain.errors import Unavailable

    workspace_id = desk.available()
    desk.sandbox.add_fault("http_503", operation="DescribeWorkspaces", times=-1)

    with pytest.raises(Unavailable):
        refresh(desk.context, workspace_id, company_id=desk.provider.company_id or 0)
    assert desk.row(workspace_id).state is State.AVAILABLE


def test_a_lost_create_that_is_listed_late_is_never_called_somebody_elses(desk: Desk) -> None:
    desk.sandbox.add_fault("drop_after", operation="CreateWorkspaces", times=1)
    desk.sandbox.add_fault("visibility_lag", operation="CreateWorkspaces", times=1, seconds=900)
    workspace_id = desk.order()
    states = set()

    for _ in range(20):
        desk.live(60)
        states.add(desk.row(workspace_id).error_code)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert states == {None}
    assert len(desk.machines()) == 1
    assert "adopted" in desk.story(workspace_id)


def test_the_log_of_a_retried_order_says_that_it_was_sent_again(desk: Desk) -> None:
    desk.refuse_users()
    workspace_id = desk.order()
    desk.live_until(workspace_id, State.ERROR)
    desk.sandbox.clear_faults()

    desk.press(workspace_id, Action.RETRY)
    desk.live_until(workspace_id, State.AVAILABLE)

    story = desk.story(workspace_id)
    assert story[story.index("retry") + 1 :][:2] == ["create_sent", "create_accepted"]
