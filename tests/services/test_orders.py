"""Ordering: refused in a fixed order with stable codes, and exactly one winner whoever clicks when."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from sandbox import demo
from tests.conftest import both_databases
from tests.desk import UBUNTU, WINDOWS, Desk
from webapp.domain.errors import AppError, Conflict
from webapp.domain.lifecycle import Action, State
from webapp.models import CloudCredential, CredentialStatus, Event, Workspace
from webapp.queueing import JobName
from webapp.services import orders
from webapp.services.context import ServiceContext

CLICKS = 5


def _refusal(desk: Desk, **changes: object) -> AppError:
    with pytest.raises(AppError) as caught:
        desk.order(**changes)
    return caught.value


def _spoil_credential(desk: Desk) -> int:
    """A second credential that was never tested; its id."""
    credential_id = desk.add_credential("Untested")
    with desk.sessions.begin() as session:
        session.get_one(CloudCredential, credential_id).status = CredentialStatus.UNTESTED
    return credential_id


def test_refusals_come_in_the_documented_order(desk: Desk) -> None:
    """Each step corrects one thing in an order that is wrong in everything."""
    taken = desk.add_application().id
    desk.order(application_id=taken, username="taken")
    order_request: dict[str, object] = {
        "application_id": 4711,
        "cloud_credential_id": 4711,
        "workspace_type": "macos",
        "bundle_id": "wsb-000000000",
        "username": "not a name!",
    }
    steps: list[tuple[dict[str, object], str, str]] = [
        ({}, "application_not_found", "application_id"),
        (
            {"application_id": desk.add_application(is_approved=False).id},
            "application_not_approved",
            "application_id",
        ),
        ({"application_id": taken}, "workspace_exists", "application_id"),
        ({"application_id": desk.add_application().id}, "credential_not_found", "cloud_credential_id"),
        ({"cloud_credential_id": _spoil_credential(desk)}, "credential_not_usable", "cloud_credential_id"),
        ({"cloud_credential_id": desk.credential_id}, "type_not_supported", "workspace_type"),
        ({"workspace_type": "ubuntu"}, "bundle_not_found", "bundle_id"),
        ({"bundle_id": WINDOWS}, "bundle_type_mismatch", "bundle_id"),
        ({"bundle_id": UBUNTU}, "username_invalid", "username"),
        ({"username": "TAKEN"}, "username_taken", "username"),
    ]
    for change, code, field in steps:
        order_request |= change
        refusal = _refusal(desk, **order_request)
        assert (refusal.code, refusal.field) == (code, field)

    assert desk.order(**(order_request | {"username": "free"}))


def test_a_refused_order_leaves_nothing_behind(desk: Desk) -> None:
    desk.notifier.notifications.clear()

    _refusal(desk, username="not a name!")
    desk.session.commit()

    with desk.sessions.begin() as session:
        assert session.scalar(select(func.count()).select_from(Workspace)) == 0
        assert session.scalar(select(func.count()).select_from(Event)) == 0
    assert desk.notifier.notifications == []


def test_an_order_is_a_row_an_event_and_a_notification(desk: Desk) -> None:
    workspace_id = desk.order(username=" Ada.L ")

    row = desk.row(workspace_id)
    assert (row.state, row.username, row.due_at) == (State.PENDING, "Ada.L", desk.clock.now())
    assert desk.story(workspace_id) == ["ordered"]
    assert desk.notifier.notifications == [(JobName.RECONCILE, desk.credential_id)]


def test_nothing_of_another_company_can_be_ordered_with(desk: Desk) -> None:
    other = desk.add_provider("other@example.com", company="Elsewhere")

    with pytest.raises(AppError) as caught:
        orders.order_workspace(
            desk.context, desk.order_request(), company_id=other.company_id or 0, actor=desk.actor
        )

    assert caught.value.code == "application_not_found"


def test_the_credential_of_another_company_does_not_exist(desk: Desk) -> None:
    other = desk.add_provider("other@example.com", company="Elsewhere")
    desk.provider, mine = other, desk.provider
    theirs = desk.add_credential("Theirs")
    desk.provider = mine

    assert _refusal(desk, cloud_credential_id=theirs).code == "credential_not_found"


def test_a_failing_credential_takes_no_orders(desk: Desk) -> None:
    desk.order()
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, state="disabled")
    desk.work()

    assert _refusal(desk).code == "credential_not_usable"


def test_the_name_is_free_again_when_its_workspace_has_ended(desk: Desk) -> None:
    workspace_id = desk.available(username="ada")
    desk.press(workspace_id, Action.TERMINATE)
    assert _refusal(desk, username="ada").code == "username_taken"

    desk.live_until(workspace_id, State.TERMINATED)

    assert desk.order(username="ada")


def _click_at_once(
    desk: Desk, order_request_of: Callable[[int], orders.OrderRequest]
) -> tuple[list[int], list[AppError]]:
    """Orders from as many browsers at the same moment: the ids that were made, and the refusals."""
    order_requests = [order_request_of(number) for number in range(CLICKS)]
    company_id, actor, sealer = desk.provider.company_id or 0, desk.actor, desk.context.sealer
    desk.session.close()
    gate = threading.Barrier(CLICKS)
    made: list[int] = []
    refused: list[AppError] = []

    def click(order_request: orders.OrderRequest) -> None:
        with desk.sessions() as session:
            context = ServiceContext(session, desk.clock, desk.notifier, desk.settings, sealer)
            gate.wait(timeout=20)
            try:
                made.append(
                    orders.order_workspace(context, order_request, company_id=company_id, actor=actor).id
                )
            except AppError as error:
                refused.append(error)

    threads = [threading.Thread(target=click, args=(order_request,)) for order_request in order_requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return made, refused


@both_databases
def test_many_clicks_for_one_application_make_one_workspace(desk: Desk) -> None:
    application_id = desk.add_application().id

    made, refused = _click_at_once(desk, lambda number: desk.order_request(application_id=application_id))

    assert len(made) == 1
    assert [(type(error), error.code) for error in refused] == [(Conflict, "workspace_exists")] * (CLICKS - 1)
    assert {error.extra["workspace_id"] for error in refused} == set(made)


@both_databases
def test_many_orders_for_one_user_name_make_one_workspace(desk: Desk) -> None:
    names = ["ada", "ADA", "Ada", "aDa", " ada "]

    made, refused = _click_at_once(desk, lambda number: desk.order_request(username=names[number]))

    assert len(made) == 1
    assert {error.code for error in refused} == {"username_taken"}
    assert len(refused) == CLICKS - 1


@both_databases
def test_orders_that_do_not_meet_are_all_taken(desk: Desk) -> None:
    made, refused = _click_at_once(desk, lambda number: desk.order_request())

    assert (len(made), refused) == (CLICKS, [])
