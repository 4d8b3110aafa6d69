"""Interleavings that a review of the engine found; each left a request open or a machine unknown."""

import pytest

from sandbox import demo
from tests.desk import Desk, at_endpoint
from webapp.domain.endpoints import Endpoint
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, Phase, State
from webapp.engine.reconcile import reconcile
from webapp.models import CredentialStatus
from webapp.services.credentials import delete_credential
from webapp.services.workspace_actions import delete_workspace, refresh


def _living(desk: Desk) -> int:
    return sum(machine["gone_at"] is None for machine in desk.sandbox.journal())


def _fail(desk: Desk) -> int:
    """An order that the cloud refused for good: proven that nothing was made."""
    code = "InvalidParameterValuesException"
    desk.sandbox.add_fault("error", operation="CreateWorkspaces", times=1, code=code)
    workspace_id = desk.order()
    desk.sweep()
    assert desk.row(workspace_id).phase is Phase.CREATE_FAILED
    return workspace_id


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_a_machine_whose_claim_is_not_readable_yet_is_not_taken_for_a_foreign_one(
    desk: Desk, is_cancelled: bool
) -> None:
    desk.sandbox.set_settings(tag_lag_s=90)
    desk.sandbox.add_fault("drop_after", operation="CreateWorkspaces", times=1)
    workspace_id = desk.order()
    desk.sweep()
    if is_cancelled:
        desk.press(workspace_id, Action.TERMINATE)

    desk.live_until(workspace_id, State.TERMINATED if is_cancelled else State.AVAILABLE)

    assert _living(desk) == (0 if is_cancelled else 1)


def test_a_retry_of_a_desktop_that_is_ended_outside_makes_a_new_one(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.set_workspace(str(desk.row(workspace_id).cloud_workspace_id), state="TERMINATING")
    desk.live_until(workspace_id, State.ERROR)

    desk.press(workspace_id, Action.RETRY)
    desk.sandbox.vanish_workspace(str(desk.row(workspace_id).cloud_workspace_id))
    desk.live_until(workspace_id, State.AVAILABLE)

    assert "retry" in desk.story(workspace_id)


def test_an_order_that_waited_for_its_credential_has_its_full_time(desk: Desk) -> None:
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["workspaces:CreateWorkspaces"])
    workspace_id = desk.order()
    desk.live(desk.settings.provision_timeout_of(desk.stage.cloud) + 120)

    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[])
    desk.live_until(workspace_id, State.AVAILABLE)

    assert "stalled" not in desk.story(workspace_id)


def test_orders_that_are_held_do_not_keep_a_desktop_from_being_looked_at(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["workspaces:CreateWorkspaces"])
    desk.order()
    desk.sweep()
    assert desk.credential().blocked_code == "access_denied"

    row = refresh(desk.context, workspace_id, company_id=desk.provider.company_id or 0)

    assert row.look_requested_at is None


def test_a_passing_trouble_on_top_of_a_lasting_one_leaves_no_failing_credential(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, state="disabled")
    desk.live(700)
    assert desk.credential().status is CredentialStatus.FAILING
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, state="active")
    nowhere = at_endpoint(desk.settings, desk.stage.cloud, Endpoint("http://127.0.0.1:9"))
    away = desk.make_engine(settings=nowhere)
    desk.clock.pause(1000)
    reconcile(away, desk.credential_id)

    desk.live(2000)

    credential = desk.credential()
    assert (credential.blocked_code, credential.status) == (None, CredentialStatus.OK)
    assert desk.row(workspace_id).state is not State.ERROR


def test_a_cancel_between_the_look_and_the_repeated_create_sends_nothing(desk: Desk) -> None:
    desk.sandbox.add_fault("throttle", operation="CreateWorkspaces", times=2)
    workspace_ids = [desk.order() for _ in range(26)]
    desk.sweep()
    assert {desk.row(one).phase for one in workspace_ids} == {Phase.CREATE_INTENT}
    desk.clock.pause(40)
    cancelled: list[int] = []

    def cancel_one_of_the_next_batch(name: str) -> None:
        if name == "created" and not cancelled:
            rows = [desk.row(one) for one in workspace_ids]
            cancelled.extend(row.id for row in rows if row.issued_at != max(one.issued_at for one in rows))
            desk.press(cancelled[0], Action.TERMINATE)

    reconcile(desk.make_engine(crashpoint=cancel_one_of_the_next_batch), desk.credential_id)

    assert len(cancelled) == 1
    assert len(desk.sandbox.journal()) == 25


def test_deleting_an_order_whose_retry_is_asked_for_makes_no_machine(desk: Desk) -> None:
    workspace_id = _fail(desk)
    desk.press(workspace_id, Action.RETRY)

    delete_workspace(desk.context, workspace_id, company_id=desk.provider.company_id or 0, actor=desk.actor)
    desk.live(600)

    assert _living(desk) == 0
    assert desk.row(workspace_id).phase is Phase.GONE


def test_a_failed_order_whose_credential_is_deleted_can_be_ended_but_not_retried(desk: Desk) -> None:
    workspace_id = _fail(desk)
    delete_credential(desk.context, desk.credential_id, company_id=desk.provider.company_id or 0)

    with pytest.raises(Conflict):
        desk.press(workspace_id, Action.RETRY)
    desk.press(workspace_id, Action.TERMINATE)
    desk.sweep()

    assert (desk.row(workspace_id).phase, desk.row(workspace_id).due_at) == (Phase.GONE, None)
