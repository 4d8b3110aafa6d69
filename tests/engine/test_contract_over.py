"""Orders without a machine whose contract ends: no worker is kept busy with them."""

from datetime import timedelta

from tests.desk import Desk
from tests.windows import DAY, pass_time, set_window, settle
from webapp.domain.lifecycle import Phase, State
from webapp.services import credentials


def test_a_failed_order_of_a_deleted_account_is_closed_when_its_contract_ends(desk: Desk) -> None:
    application_id = desk.add_application().id
    username = desk.order_request().username
    desk.refuse_users(username)
    workspace_id = desk.order(application_id=application_id, username=username)
    desk.live_until(workspace_id, State.ERROR)
    set_window(desk, application_id, ends=DAY)
    settle(desk)
    company_id = desk.provider.company_id or 0
    credentials.delete_credential(desk.context, desk.credential_id, company_id=company_id)
    settle(desk)
    assert desk.row(workspace_id).phase is Phase.CREATE_FAILED

    pass_time(desk, DAY)

    row = desk.row(workspace_id)
    assert (row.phase, row.due_at) == (Phase.GONE, None)
    desk.clock.pause(3600)
    desk.sweep()
    assert desk.row(workspace_id).version == row.version


def test_a_create_in_doubt_is_settled_once_the_contract_is_over(desk: Desk) -> None:
    application_id = desk.add_application().id
    set_window(desk, application_id, ends=timedelta(minutes=2))
    desk.sandbox.add_fault("drop_before", operation="CreateWorkspaces", times=-1)
    workspace_id = desk.order(application_id=application_id)

    desk.live(3600)

    row = desk.row(workspace_id)
    assert (row.phase, row.error_code) == (Phase.CREATE_FAILED, "answer_lost"), desk.story(workspace_id)
    assert row.due_at == row.destroy_at
    desk.live(3600)
    assert desk.row(workspace_id).observed_at == row.observed_at
    pass_time(desk, 8 * DAY)
    assert desk.row(workspace_id).phase is Phase.GONE
