"""What Azure refuses until a person fixes something, or once only: who waits, and what it is called."""

from sandbox.azure.ids import NIC
from tests.desk import Desk
from tests.engine.azure.test_trouble import births
from webapp.domain.lifecycle import State
from webapp.models import CredentialStatus, InquiryKind
from webapp.services.inquiries import ask


def test_a_right_that_only_the_deployment_misses_lets_the_order_wait_until_it_is_there(desk: Desk) -> None:
    desk.sandbox.add_fault(
        "deployment_error",
        code="LinkedAuthorizationFailed",
        message="No permission on the linked scope.",
        resource_type=NIC,
    )
    workspace_id = desk.order()

    desk.live(4 * 3600)

    row = desk.row(workspace_id)
    assert (row.state, row.attempt) == (State.PENDING, 1)
    assert desk.credential().blocked_code == "access_denied"
    assert desk.credential().status is CredentialStatus.FAILING
    assert len(desk.calls("deployments.createOrUpdate")) == 1

    ask(desk.context, credential_id=desk.credential_id, kind=InquiryKind.TEST_CREDENTIAL, must_ask_again=True)
    desk.work()
    desk.live_until(workspace_id, State.AVAILABLE)

    assert len(births(desk)) == 1
    assert desk.credential().blocked_code is None


def test_a_person_whom_the_directory_does_not_know_is_named_as_the_cause(desk: Desk) -> None:
    desk.sandbox.add_fault(
        "error",
        operation="sessionHosts.update",
        times=-1,
        code="404",
        status=404,
        message="ActivityId: x Error: User not found",
    )
    workspace_id = desk.order()

    desk.live_until(workspace_id, State.ERROR)

    assert desk.row(workspace_id).error_code == "person_not_in_tenant"


def test_a_wrong_sign_in_name_is_named_as_the_cause_and_passes_when_the_person_exists(desk: Desk) -> None:
    desk.sandbox.set_people(["sam@example.com"])
    workspace_id = desk.order(username="sma@example.com")
    desk.live_until(workspace_id, State.ERROR)
    assert desk.row(workspace_id).error_code == "person_not_in_tenant"

    desk.sandbox.set_people(None)
    desk.live_until(workspace_id, State.AVAILABLE)


def test_a_token_that_is_stale_for_once_troubles_nobody(desk: Desk) -> None:
    desk.sandbox.add_fault(
        "error",
        operation="hostPools.get",
        code="ExpiredAuthenticationToken",
        status=401,
        message="The access token expiry UTC time is earlier than current UTC time.",
    )
    workspace_id = desk.order()

    desk.sweep()

    assert desk.credential().status is CredentialStatus.OK
    assert desk.credential().blocked_code is None
    assert desk.story(workspace_id)[-1] == "create_accepted"


def test_a_failure_whose_cause_only_the_operations_have_is_reported_with_it(desk: Desk) -> None:
    desk.sandbox.add_fault("deployment_error", code="SkuNotAvailable", message="None here.", is_hidden=True)
    workspace_id = desk.order()

    desk.live_until(workspace_id, State.ERROR)

    row = desk.row(workspace_id)
    assert row.error_code == "size_not_offered"
    assert "None here." in (row.error_detail or "")
    assert len(births(desk)) == 1


def test_a_failure_without_a_cause_is_tried_once_more_also_without_the_right_for_operations(
    desk: Desk,
) -> None:
    desk.sandbox.deny(["Microsoft.Resources/deployments/operations/read"])
    desk.sandbox.add_fault(
        "deployment_error", code="SkuNotAvailable", message="None here.", is_hidden=True, times=-1
    )
    workspace_id = desk.order()

    desk.live_until(workspace_id, State.ERROR, limit_s=6 * 3600)

    row = desk.row(workspace_id)
    assert row.error_code == "deployment_failed"
    assert len(set(births(desk))) == 2
