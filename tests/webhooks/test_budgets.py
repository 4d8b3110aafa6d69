"""Budgets tell people by webhook how far they are used up: each kind once a month, and nothing is stopped."""

from datetime import timedelta

import pytest

from sandbox import demo
from tests.conftest import both_databases
from tests.desk import Desk
from tests.webhooks.conftest import Post
from tests.webhooks.receiver import Receiver
from webapp.domain.costs.budgets import Limits, Subject
from webapp.domain.costs.spans import next_month, starts_at
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import State
from webapp.engine.pruning import prune
from webapp.engine.reconcile import reconcile
from webapp.models import Budget
from webapp.services import budgets
from webapp.services.budgets import BudgetRequest

KINDS = ("budget.warning", "budget.reached")


@pytest.fixture(autouse=True)
def in_the_middle_of_a_month(desk: Desk) -> None:
    now = desk.clock.now()
    begin = (now.replace(day=1) + timedelta(days=40)).replace(day=10, hour=6, minute=0)
    desk.clock.pause((begin - now).total_seconds())
    desk.sandbox.set_now(begin.timestamp())
    desk.sandbox.set_settings(bill_lag_s=0)


def add(desk: Desk, month_minor: int) -> Budget:
    request = BudgetRequest(Subject.COMPANY, None, "USD", Limits(month_minor, None))
    return budgets.add_budget(desk.context, request, company_id=desk.provider.company_id or 0)


def spend(desk: Desk, amount: str) -> None:
    """On today's bill; then a day passes, and the bill is read."""
    desk.sandbox.add_cost(demo.DEMO_ACCOUNT_ID, day=f"{desk.clock.now():%Y-%m-%d}", amount=amount)
    for seconds in (25 * 3600, 60, 60):
        desk.clock.pause(seconds)
        reconcile(desk.engine, desk.credential_id)


def refuse(desk: Desk) -> None:
    """Nothing is delivered by it: the workers have not come."""
    with pytest.raises(Conflict):
        desk.order()


def sent(post: Post) -> list[str]:
    return [one.kind for one in post.rows()]


@both_databases
def test_a_warning_and_the_end_of_a_budget_are_sent_once_a_month(desk: Desk, add_endpoint) -> None:
    post: Post = add_endpoint(*KINDS)
    add(desk, 100_00)

    spend(desk, "79.99")
    assert sent(post) == []
    for _ in range(2):
        spend(desk, "1.00")
    assert sent(post) == ["budget.warning"]
    for _ in range(2):
        spend(desk, "20.00")
    assert sent(post) == [*KINDS]

    now = desk.clock.now()
    desk.clock.pause((starts_at(next_month(now.date())) + timedelta(hours=6) - now).total_seconds())
    spend(desk, "300.00")
    assert sent(post) == [*KINDS, "budget.reached"]


def test_the_forecast_warns_before_the_money_is_spent_and_stops_no_desktop(desk: Desk, add_endpoint) -> None:
    post: Post = add_endpoint(*KINDS)
    workspace_id = desk.available()
    budget = add(desk, 30_00)

    spend(desk, "0.01")

    [row] = post.rows()
    facts = row.notice or {}
    assert (row.kind, facts["budget_id"], facts["subject"], facts["term"]) == (
        "budget.warning",
        budget.id,
        "company",
        "month",
    )
    assert facts["spent_minor"] < 24_00
    assert facts["spent_minor"] + facts["still_to_come_minor"] > facts["limit_minor"] == 30_00
    assert desk.row(workspace_id).state is State.AVAILABLE


def test_the_message_is_signed_and_has_the_figures_without_a_desktop(
    desk: Desk, add_endpoint, receiver: Receiver
) -> None:
    post: Post = add_endpoint(*KINDS)
    budget = add(desk, 1_00)
    refuse(desk)

    assert post.work() == 1

    [got] = receiver.got
    assert got.is_signed_with(post.key)
    assert got.message["type"] == "budget.reached"
    facts = got.message["data"]
    assert facts.pop("still_to_come_minor") > 1_00, "with the desktop that was refused"
    assert facts == {
        "budget_id": budget.id,
        "subject": "company",
        "job_posting_id": None,
        "cohort_id": None,
        "term": "month",
        "currency": "USD",
        "limit_minor": 100,
        "spent_minor": 0,
        "href": f"/api/workspaces/budgets/{budget.id}/",
    }
    assert got.message["timestamp"].startswith(f"{desk.clock.now():%Y-%m-}")


def test_another_limit_is_reported_again(desk: Desk, add_endpoint) -> None:
    post: Post = add_endpoint(*KINDS)
    budget = add(desk, 100_00)
    spend(desk, "90.00")

    limits, company = Limits(110_00, None), desk.provider.company_id or 0
    budgets.change_budget(desk.context, budget.id, limits, company_id=company)
    spend(desk, "1.00")

    assert sent(post) == ["budget.warning"] * 2


def test_messages_of_events_and_of_budgets_are_sent_in_their_order(
    desk: Desk, add_endpoint, receiver: Receiver
) -> None:
    post: Post = add_endpoint()
    desk.order()
    add(desk, 1_00)
    refuse(desk)
    post.work()

    kinds = [one.message["type"] for one in receiver.got]
    assert kinds == ["workspace.state_changed", "budget.reached"]


def test_delivered_messages_of_budgets_are_deleted_like_all_others(desk: Desk, add_endpoint) -> None:
    post: Post = add_endpoint(*KINDS)
    add(desk, 1_00)
    refuse(desk)
    post.work()
    assert sent(post) == ["budget.reached"]

    desk.clock.elapsed_s += 31 * 86_400
    prune(desk.engine, 1)

    assert sent(post) == []
