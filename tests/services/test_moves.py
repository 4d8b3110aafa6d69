"""A move is priced as the desktop is billed, and every budget that counts the desktop must have room."""

import pytest
from sqlalchemy import select, update

from tests.desk import Desk
from webapp.domain.costs.budgets import Limits, Subject, still_to_come
from webapp.domain.costs.spans import day_of
from webapp.domain.lifecycle import Action, State
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


def prices(desk: Desk, workspace_id: int) -> tuple[int | None, int | None, str | None]:
    row = desk.row(workspace_id)
    return row.month_price_minor, row.month_fee_minor, row.price_currency


def dearest(desk: Desk, workspace_id: int) -> moves.Target:
    priced = [one for one in targets(desk, workspace_id) if one.rates is not None]
    return max(priced, key=lambda one: one.rates.usual_month.amount_minor if one.rates else 0)


def ask(desk: Desk, workspace_id: int, target: moves.Target) -> None:
    moves.ask_move(desk.context, workspace_id, target.bundle_id, company_id=company(desk), actor=desk.actor)


def test_two_moves_that_no_worker_has_begun_share_the_room_of_one_budget(desk: Desk) -> None:
    first, second = desk.available(), desk.available()
    target = dearest(desk, first)
    assert target.rates is not None
    now_each, then_each = prices(desk, first)[0] or 0, target.rates.usual_month.amount_minor
    room_for_one = 2 * now_each + (then_each - now_each) * 3 // 2
    limit = still_to_come(room_for_one, day_of(desk.clock.now()))
    asked = BudgetRequest(Subject.COMPANY, None, "USD", Limits(limit, None))
    budgets.add_budget(desk.context, asked, company_id=company(desk))

    ask(desk, first, target)
    with pytest.raises(BudgetReached):
        ask(desk, second, target)

    assert prices(desk, first)[0] == then_each and prices(desk, second)[0] == now_each
    desk.press(first, Action.TERMINATE)  # its move is dropped
    assert prices(desk, first)[0] == now_each
    ask(desk, second, target)
    assert desk.row(second).move is not None


@pytest.mark.parametrize("is_done", [True, False])
def test_a_desktop_counts_the_dearer_size_until_its_move_is_done_or_given_up(
    desk: Desk, is_done: bool
) -> None:
    workspace_id = desk.available()
    before, target = prices(desk, workspace_id), dearest(desk, workspace_id)
    assert target.rates is not None and before[0] is not None
    after = target.rates.usual_month.amount_minor
    if not is_done:
        desk.sandbox.add_fault("error", operation="MigrateWorkspace", code="OperationNotSupportedException")

    ask(desk, workspace_id, target)
    assert prices(desk, workspace_id)[0] == after > before[0]
    desk.work()

    row = desk.row(workspace_id)
    assert row.move is None and prices(desk, workspace_id)[0] == (after if is_done else before[0])
    assert (row.moved_from or {}).get("month_price_minor") == (before[0] if is_done else None)


def test_a_move_to_a_cheaper_size_lowers_what_counts_when_it_is_done(desk: Desk) -> None:
    workspace_id = desk.available()
    ask(desk, workspace_id, dearest(desk, workspace_id))
    desk.live_until(workspace_id, State.AVAILABLE)
    before = prices(desk, workspace_id)
    assert before[0] is not None
    priced = [one for one in targets(desk, workspace_id) if one.rates is not None]
    target = min(priced, key=lambda one: one.rates.usual_month.amount_minor if one.rates else 0)

    ask(desk, workspace_id, target)

    assert prices(desk, workspace_id) == before
