"""A host pool or a resource group that somebody deleted: desktops still come to their end, orders wait."""

from collections import Counter

import pytest

from tests.desk import Desk
from tests.engine.azure.test_flow import kinds
from webapp.domain.lifecycle import Action, Phase, State
from webapp.services.credentials import delete_credential

GONE = ("pool", "group")


def delete(desk: Desk, what: str) -> None:
    if what == "pool":
        desk.sandbox.set_host_pool(exists=False)
    else:
        desk.sandbox.delete_group()


@pytest.mark.parametrize("what", GONE)
@pytest.mark.parametrize("count", [1, 5], ids=["one", "many"])
def test_desktops_end_when_what_they_stood_in_was_deleted(desk: Desk, what: str, count: int) -> None:
    ids = [desk.available() for _ in range(count)]
    delete(desk, what)

    for one in ids:
        desk.press(one, Action.TERMINATE)
    for one in ids:
        desk.live_until(one, State.TERMINATED)

    assert kinds(desk) == Counter()
    delete_credential(desk.context, desk.credential_id, company_id=desk.provider.company_id or 0)


@pytest.mark.parametrize("what", GONE)
def test_an_order_waits_while_what_it_would_stand_in_is_deleted(desk: Desk, what: str) -> None:
    desk.available()
    delete(desk, what)
    order = desk.order()

    desk.live(600)

    assert desk.row(order).state is State.PENDING
    assert desk.credential().blocked_code == "resource_not_found"
    assert len(desk.calls("deployments.createOrUpdate")) == 1


def test_a_desktop_that_went_with_its_group_is_lost_and_can_be_closed(desk: Desk) -> None:
    workspace_id = desk.available()
    delete(desk, "group")

    desk.live(4 * 3600, step_s=300)
    assert desk.row(workspace_id).phase is Phase.LOST
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)


def test_a_host_pool_that_is_not_found_for_a_moment_is_not_taken_for_deleted(desk: Desk) -> None:
    ids = [desk.available() for _ in range(5)]
    desk.sandbox.add_fault(
        "error", operation="sessionHosts.list", times=-1, code="ResourceNotFound", status=404
    )

    desk.live(3600)

    assert {desk.row(one).state for one in ids} == {State.AVAILABLE}


def test_a_refusal_to_end_is_reported_once_for_each_cause(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.deny(["Microsoft.Compute/virtualMachines/delete"])
    desk.press(workspace_id, Action.TERMINATE)

    desk.live(3600)
    desk.sandbox.allow()
    desk.sandbox.add_fault("error", operation="virtualMachines.delete", times=3, code="Locked", status=409)
    desk.live_until(workspace_id, State.TERMINATED)

    assert desk.story(workspace_id).count("terminate_refused") == 2
