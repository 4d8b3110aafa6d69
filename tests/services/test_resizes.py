"""What a change of size costs: it must have room in budgets, and one that is not done costs what it did."""

import pytest
from sqlalchemy import update

from tests.desk import Desk
from tests.resizing import asked, grown_up, resize
from webapp.domain.costs.budgets import Limits, Subject
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action
from webapp.domain.resizes import ResizeKind
from webapp.models import Workspace
from webapp.services import budgets
from webapp.services.budgets import BudgetRequest


def price(desk: Desk, workspace_id: int) -> int:
    minor = desk.row(workspace_id).month_price_minor
    assert minor is not None, "the desk's desktops have a price"
    return minor


def test_what_costs_more_must_have_room_in_the_budget_and_what_costs_less_need_not(desk: Desk) -> None:
    workspace_id = grown_up(desk)
    tight = BudgetRequest(Subject.COMPANY, None, "USD", Limits(1, None))
    budgets.add_budget(desk.context, tight, company_id=desk.provider.company_id or 0)

    with pytest.raises(Conflict) as refusal:
        resize(desk, workspace_id, ResizeKind.SIZE, "POWERPRO")
    assert refusal.value.code == "budget_reached"
    assert not asked(desk, workspace_id)

    resize(desk, workspace_id, ResizeKind.SIZE, "VALUE")
    assert asked(desk, workspace_id)


def test_what_costs_more_counts_from_the_press_and_not_when_the_cloud_refuses(desk: Desk) -> None:
    workspace_id = grown_up(desk)
    before = price(desk, workspace_id)
    desk.sandbox.add_fault(
        "error",
        operation="ModifyWorkspaceProperties",
        code="UnsupportedWorkspaceConfigurationException",
        message="Not supported.",
        status=400,
    )

    resize(desk, workspace_id, ResizeKind.SIZE, "PERFORMANCE")
    meanwhile = price(desk, workspace_id)
    desk.work()

    assert meanwhile > before
    assert price(desk, workspace_id) == before


def test_what_costs_less_counts_when_it_is_done(desk: Desk) -> None:
    workspace_id = grown_up(desk)
    before = price(desk, workspace_id)

    resize(desk, workspace_id, ResizeKind.SIZE, "VALUE")
    meanwhile = price(desk, workspace_id)
    desk.live(3600)

    assert not asked(desk, workspace_id)
    assert (meanwhile, price(desk, workspace_id) < before) == (before, True)


def test_what_a_termination_gives_up_costs_what_it_did(desk: Desk) -> None:
    workspace_id = grown_up(desk)
    before = price(desk, workspace_id)
    resize(desk, workspace_id, ResizeKind.SIZE, "PERFORMANCE")

    desk.press(workspace_id, Action.TERMINATE)

    assert (price(desk, workspace_id), asked(desk, workspace_id)) == (before, False)


def test_what_it_cost_is_not_known_again_when_it_was_not_known_and_the_cloud_refuses(desk: Desk) -> None:
    workspace_id = grown_up(desk)
    unknown = {"month_price_minor": None, "month_fee_minor": None, "price_currency": None}
    with desk.sessions.begin() as session:
        session.execute(update(Workspace).where(Workspace.id == workspace_id).values(unknown))
    desk.sandbox.add_fault(
        "error",
        operation="ModifyWorkspaceProperties",
        code="UnsupportedWorkspaceConfigurationException",
        message="Not supported.",
        status=400,
    )

    resize(desk, workspace_id, ResizeKind.SIZE, "PERFORMANCE")
    meanwhile = price(desk, workspace_id)
    desk.work()

    row = desk.row(workspace_id)
    assert meanwhile > 0 and not asked(desk, workspace_id)
    assert {name: getattr(row, name) for name in unknown} == unknown
