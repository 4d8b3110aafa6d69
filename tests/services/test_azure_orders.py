"""Ordering on Azure: refused in the same order as everywhere, with Azure's own rules."""

import pytest
from sqlalchemy import func, select

from tests.azure_rows import GUEST, MEMBER, add_azure_credential, make_ready, observe
from tests.conftest import both_databases
from tests.desk import Desk
from webapp.domain.errors import AppError, Conflict
from webapp.domain.lifecycle import Action, CloudState, State
from webapp.models import Inquiry, Workspace
from webapp.queries import workspaces as queries
from webapp.queueing import JobName
from webapp.services.connection import connection_of, connection_string

AZURE_ORDER_REQUEST = {"workspace_type": "windows", "bundle_id": "az-standard", "username": MEMBER}


@pytest.fixture
def azure(desk: Desk) -> Desk:
    """The desk, with an Azure credential as its own."""
    desk.credential_id = add_azure_credential(desk.context, company_id=desk.provider.company_id or 0)
    return desk


def _order(azure: Desk, **changes: object) -> int:
    return azure.order(**(AZURE_ORDER_REQUEST | changes))


def _load(azure: Desk, workspace_id: int) -> Workspace:
    return queries.get_workspace(azure.session, workspace_id, company_id=azure.provider.company_id or 0)


def _refusal(azure: Desk, **changes: object) -> AppError:
    with pytest.raises(AppError) as caught:
        _order(azure, **changes)
    return caught.value


@both_databases
def test_the_longest_name_of_a_guest_fits(azure: Desk) -> None:
    name = f"{'g' * 40}_home.example#EXT#@{'d' * 30}.onmicrosoft.com"

    workspace_id = _order(azure, username=name)

    row = azure.row(workspace_id)
    assert (row.username, row.cloud_provider, row.running_mode) == (name, "azure", "ON_DEMAND")
    assert row.slot.endswith(name.lower())
    assert azure.notifier.notifications == [(JobName.RECONCILE, azure.credential_id)]


def test_the_deadline_is_that_of_the_cloud(azure: Desk) -> None:
    row = azure.row(_order(azure))

    assert (row.deadline_at - row.created_at).total_seconds() == azure.settings.provision_timeout_of("azure")
    assert azure.settings.provision_timeout_of("azure") > azure.settings.provision_timeout_of("aws")


def test_ubuntu_is_refused_before_anything_is_asked(azure: Desk) -> None:
    azure.session.execute(Inquiry.__table__.delete())
    azure.session.commit()

    refusal = _refusal(azure, workspace_type="ubuntu", bundle_id="nothing", username="")

    assert (refusal.code, refusal.field) == ("type_not_supported", "workspace_type")
    assert refusal.message == (
        "Ubuntu desktops are not available on Azure Virtual Desktop. Choose Windows 11, or a cloud that"
        " offers Linux."
    )
    assert azure.session.scalar(select(func.count()).select_from(Inquiry)) == 0
    assert azure.notifier.notifications == []


def test_a_name_of_a_directory_is_no_name_of_entra(azure: Desk) -> None:
    refusal = _refusal(azure, username="sam.okafor")

    assert (refusal.code, refusal.field) == ("username_invalid", "username")
    assert "sam@example.com" in refusal.message


def test_one_person_has_one_desktop_in_a_host_pool(azure: Desk) -> None:
    _order(azure)

    assert _refusal(azure, username=MEMBER.upper()).code == "username_taken"
    assert _order(azure, username=GUEST)


def test_a_desktop_is_not_rebuilt_but_everything_else_works(azure: Desk) -> None:
    workspace_id = _order(azure)
    make_ready(azure.context, workspace_id, at=azure.clock.now())

    with pytest.raises(Conflict) as caught:
        azure.press(workspace_id, Action.REBUILD)

    assert caught.value.message == "Azure cannot rebuild a desktop in place; terminate it and order again."
    assert azure.row(workspace_id).allowed_actions == ["stop", "restart", "terminate"]
    assert azure.press(workspace_id, Action.STOP).state is State.STOPPING


def test_the_way_to_connect_needs_no_code(azure: Desk) -> None:
    workspace_id = _order(azure)
    assert connection_string(_load(azure, workspace_id), now=azure.clock.now()) is None
    make_ready(azure.context, workspace_id, at=azure.clock.now())

    way = connection_of(_load(azure, workspace_id), now=azure.clock.now())

    assert way.connection_string.startswith("ms-avd:connect?")
    assert (way.registration_code, way.cloud_provider) == (None, "azure")


@pytest.mark.parametrize("cloud_state", [CloudState.STOPPED, CloudState.STOPPING])
def test_a_desktop_that_connecting_does_not_start_says_who_can(azure: Desk, cloud_state: CloudState) -> None:
    workspace_id = _order(azure)
    make_ready(azure.context, workspace_id, at=azure.clock.now(), cloud_state=cloud_state)
    assert connection_of(_load(azure, workspace_id), now=azure.clock.now())

    observe(azure.context, azure.credential_id, starts_on_connect=False)

    with pytest.raises(Conflict) as caught:
        connection_of(_load(azure, workspace_id), now=azure.clock.now())
    assert caught.value.code == "not_connectable"
    assert "Ask the company to start it" in caught.value.message
