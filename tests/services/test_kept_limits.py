"""A desktop that is kept after a hand-over is one more: what limits say to it, and to its return."""

import pytest
from sqlalchemy import select, update

from tests.conftest import both_databases
from tests.desk import Desk
from tests.windows import DAY, access_of, set_exactly, set_grace, settle, undo
from webapp.domain.access import Access, Because
from webapp.domain.costs.budgets import Limits, Subject, still_to_come
from webapp.domain.costs.spans import day_of
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, Desired
from webapp.domain.windows import Window
from webapp.models import Company, Workspace
from webapp.services import budgets
from webapp.services.budgets import BudgetRequest
from webapp.services.hand_overs import HandOver, hand_over

pytestmark = both_databases


def next_of(desk: Desk, workspace_id: int, *, is_kept: bool) -> int:
    """The desktop of somebody who takes over."""
    wanted = HandOver(desk.add_application().id, desk.order_request().username, is_kept=is_kept)
    about = {"company_id": desk.provider.company_id or 0, "actor": desk.actor}
    return hand_over(desk.context, workspace_id, wanted, **about).id


def quota(desk: Desk, most: int | None) -> None:
    """The operator's, of the company."""
    with desk.sessions.begin() as session:
        session.execute(update(Company).values(quota_desktops=most))


def test_a_termination_on_the_way_lets_nobody_back_past_a_cap(desk: Desk) -> None:
    set_grace(desk)
    former_id = desk.available()
    application_id = desk.row(former_id).application_id
    quota(desk, 1)
    next_of(desk, former_id, is_kept=True)
    desk.press(former_id, Action.TERMINATE)
    longer = Window(None, desk.clock.now() + 5 * DAY, "UTC")

    with pytest.raises(Conflict) as extended:
        set_exactly(desk, application_id, longer)
    quota(desk, 2)
    set_exactly(desk, application_id, longer)
    quota(desk, 1)
    with pytest.raises(Conflict) as undone:
        undo(desk, former_id)

    assert extended.value.code == undone.value.code == "desktop_limit_reached"
    assert desk.row(former_id).suspended_because is Because.TERMINATE_REQUESTED
    quota(desk, 2)
    undo(desk, former_id)
    assert access_of(desk, former_id) is Access.OPEN


def test_an_extension_between_an_undo_and_the_next_look_is_asked_too(desk: Desk) -> None:
    set_grace(desk)
    former_id = desk.available()
    application_id = desk.row(former_id).application_id
    next_of(desk, former_id, is_kept=True)
    desk.press(former_id, Action.TERMINATE)
    undo(desk, former_id)
    quota(desk, 1)
    assert desk.row(former_id).suspended_at is None

    with pytest.raises(Conflict) as refused:
        set_exactly(desk, application_id, Window(None, None, "UTC"))

    assert refused.value.code == "desktop_limit_reached"


def test_an_undo_without_a_hand_over_is_refused_by_no_cap(desk: Desk) -> None:
    set_grace(desk)
    workspace_id = desk.available()
    desk.press(workspace_id, Action.TERMINATE)
    quota(desk, 0)

    undo(desk, workspace_id)

    assert access_of(desk, workspace_id) is Access.OPEN


def test_one_desktop_may_be_kept_past_a_cap_and_no_second_one(desk: Desk) -> None:
    first = desk.available()
    quota(desk, 1)
    second = next_of(desk, first, is_kept=True)
    settle(desk, minutes=40)

    with pytest.raises(Conflict) as refused:
        next_of(desk, second, is_kept=True)

    assert refused.value.code == "desktop_limit_reached"
    assert desk.row(second).replaced_by_id is None
    next_of(desk, second, is_kept=False)
    assert desk.row(second).desired is Desired.ABSENT


def test_a_budget_counts_the_whole_price_beside_one_that_is_kept(desk: Desk) -> None:
    former_id = desk.available()
    with desk.sessions() as session:
        price = session.scalars(select(Workspace.month_price_minor)).one() or 0
    month_minor = still_to_come(price * 3 // 2, day_of(desk.clock.now()))
    request = BudgetRequest(Subject.COMPANY, None, "USD", Limits(month_minor, None))
    budgets.add_budget(desk.context, request, company_id=desk.provider.company_id or 0)
    desk.session.commit()

    with pytest.raises(Conflict) as refused:
        next_of(desk, former_id, is_kept=True)

    assert refused.value.code == "budget_reached"
    assert next_of(desk, former_id, is_kept=False)
