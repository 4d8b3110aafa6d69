"""A move is priced as the desktop is billed, and every budget that counts the desktop must have room."""

import pytest
from sqlalchemy import select, update

from tests.desk import Desk
from webapp.domain.costs.budgets import Limits, Subject
from webapp.domain.lifecycle import State
from webapp.models import Workspace
from webapp.queries.workspaces import get_workspace
from webapp.services import budgets, moves
from webapp.services.budgets import BudgetRequest
from webapp.services.cohort_plan import Entry
from webapp.services.cohorts import CohortRequest, order_cohort
from webapp.services.order_limits import BudgetReached


def company(desk: Desk) -> int:
    return desk.provider.company_id or 0


def targets(desk: Desk, workspace_id: int) -> list[moves.Target]:
    desk.session.expire_all()
    found = moves.targets(desk.context, get_workspace(desk.session, workspace_id, company_id=company(desk)))
    desk.session.commit()
    return found


def test_the_budget_of_a_group_holds_for_a_move_too(desk: Desk) -> None:
    entries = [Entry(desk.add_application().id, username="group.1")]
    request = CohortRequest(
        "k" * 32, "May", desk.credential_id, desk.stage.workspace_type, desk.stage.bundle_id
    )
    cohort = order_cohort(desk.context, request, entries, company_id=company(desk), actor=desk.actor)
    desk.session.commit()
    with desk.sessions.begin() as session:
        workspace_id = session.scalars(select(Workspace.id)).one()
    desk.live_until(workspace_id, State.AVAILABLE)
    asked = BudgetRequest(Subject.COHORT, cohort.id, "USD", Limits(1, None))
    budgets.add_budget(desk.context, asked, company_id=company(desk))
    before = desk.row(workspace_id).month_price_minor or 0
    found = targets(desk, workspace_id)
    dearer = next(one for one in found if one.rates and one.rates.usual_month.amount_minor > before)

    with pytest.raises(BudgetReached):
        moves.ask_move(
            desk.context, workspace_id, dearer.bundle_id, company_id=company(desk), actor=desk.actor
        )
    assert desk.row(workspace_id).move is None


def test_a_move_is_priced_in_the_running_mode_of_its_desktop(desk: Desk) -> None:
    workspace_id = desk.available()
    by_the_hour = {one.bundle_id: one.rates for one in targets(desk, workspace_id)}
    with desk.sessions.begin() as session:
        session.execute(
            update(Workspace).where(Workspace.id == workspace_id).values(running_mode="ALWAYS_ON")
        )

    always_on = {one.bundle_id: one.rates for one in targets(desk, workspace_id)}

    assert any(by_the_hour.values()) and always_on.keys() == by_the_hour.keys()
    assert all(one != by_the_hour[bundle_id] for bundle_id, one in always_on.items() if one is not None)
