"""Caps and budgets hold, whoever orders at the same moment; no order is refused without its reason."""

import threading
from collections import Counter
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import both_databases
from tests.desk import WINDOWS, Desk
from webapp.domain.costs.budgets import Limits, Subject, still_to_come
from webapp.domain.costs.groups import Dimension
from webapp.domain.costs.money import Money
from webapp.domain.costs.spans import day_of, month_of, next_month, starts_at
from webapp.domain.errors import AppError, NotFound
from webapp.domain.lifecycle import Action, State
from webapp.domain.webhooks import BUDGET_REACHED, KINDS
from webapp.models import Budget, CohortRow, CostMonth, CostSum, WebhookDelivery, Workspace
from webapp.queries import credentials as credential_queries
from webapp.services import budgets, orders, webhooks
from webapp.services.budgets import BudgetRequest
from webapp.services.cohort_plan import Entry
from webapp.services.cohorts import CohortRequest, order_cohort, retry
from webapp.services.context import ServiceContext
from webapp.services.order_changes import change_order
from webapp.services.prices import bundle_rates

WANTED, FITTING = 20, 10


def company(desk: Desk) -> int:
    return desk.provider.company_id or 0


def reading(desk: Desk) -> AbstractContextManager[Session]:
    """A transaction of the test's own: the entry points' has ended."""
    desk.session.commit()
    return desk.sessions.begin()


def add(
    desk: Desk,
    month_minor: int | None = None,
    *,
    total: int | None = None,
    subject: Subject = Subject.COMPANY,
    of: int | None = None,
    currency: str = "USD",
) -> Budget:
    request = BudgetRequest(subject, of, currency, Limits(month_minor, total))
    return budgets.add_budget(desk.context, request, company_id=company(desk))


def month_price(desk: Desk) -> int:
    """Of the desktop that the desk orders, as the first one was priced."""
    desk.order()
    with reading(desk) as session:
        [row] = session.scalars(select(Workspace))
        assert (row.price_currency, row.month_price_minor is not None) == ("USD", True)
        return row.month_price_minor or 0


def rest(desk: Desk, count: int, each: int) -> int:
    return still_to_come(count * each, day_of(desk.clock.now()))


def refusal(desk: Desk, **changes: object) -> AppError:
    with pytest.raises(AppError) as caught:
        desk.order(**changes)
    return caught.value


def order_at_once(desk: Desk, count: int) -> tuple[int, list[AppError]]:
    """So many people order one desktop each at the same moment: how many were made, and the refusals."""
    requests = [desk.order_request() for _ in range(count)]
    company_id, actor, sealer = company(desk), desk.actor, desk.context.sealer
    desk.session.close()
    gate = threading.Barrier(count)
    made: list[int] = []
    refused: list[AppError] = []

    def press(request: orders.OrderRequest) -> None:
        with desk.sessions() as session:
            context = ServiceContext(session, desk.clock, desk.notifier, desk.settings, sealer)
            gate.wait(timeout=60)
            try:
                made.append(orders.order_workspace(context, request, company_id=company_id, actor=actor).id)
            except AppError as error:
                refused.append(error)

    threads = [threading.Thread(target=press, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return len(made), refused


@both_databases
def test_a_cap_of_ten_lets_ten_of_twenty_through_and_refuses_the_others_by_name(desk: Desk) -> None:
    budgets.set_cap(desk.context, FITTING, company_id=company(desk))

    made, refused = order_at_once(desk, WANTED)

    assert made == FITTING
    assert Counter(one.code for one in refused) == {"desktop_limit_reached": WANTED - FITTING}
    assert {one.message for one in refused} == {
        "Your company may have 10 live desktops at once, and has that many."
        " Owners, managers and finance can change it under Costs, Budgets."
    }


@both_databases
def test_a_budget_worth_ten_desktops_lets_ten_of_twenty_through(desk: Desk) -> None:
    each = month_price(desk)
    budget = add(desk, rest(desk, FITTING, each))

    made, refused = order_at_once(desk, WANTED)

    assert made == FITTING - 1, "one was there before"
    assert Counter(one.code for one in refused) == {"budget_reached": WANTED - FITTING + 1}
    with_it, limit = Money("USD", rest(desk, FITTING + 1, each)), Money("USD", rest(desk, FITTING, each))
    assert {one.message for one in refused} == {
        f"With this desktop the budget of your company would be passed: {with_it} of {limit} until"
        " 30 November. Owners, managers and finance can lift or raise it under Costs, Budgets."
    }
    assert {one.extra["budget_id"] for one in refused} == {budget.id}


def test_a_cloud_account_has_a_cap_of_its_own(desk: Desk) -> None:
    desk.order()
    other = desk.add_credential("Second")
    budgets.set_cap(desk.context, 1, company_id=company(desk), credential_id=desk.credential_id)

    assert refusal(desk).message.startswith("“Cloud” may have 1 live desktop at once")
    assert desk.order(cloud_credential_id=other)


def test_what_has_ended_makes_room_and_a_cap_stops_nothing_that_lives(desk: Desk) -> None:
    first, second = desk.available(), desk.available()
    budgets.set_cap(desk.context, 1, company_id=company(desk))
    desk.live(600)
    assert [desk.row(one).state for one in (first, second)] == [State.AVAILABLE] * 2

    for one in (first, second):
        assert refusal(desk).code == "desktop_limit_reached"
        desk.press(one, Action.TERMINATE)
        desk.live_until(one, State.TERMINATED)

    assert desk.order()


def test_a_lift_lets_the_next_order_through_and_ends_by_the_clock(desk: Desk) -> None:
    budget = add(desk, 1)
    assert refusal(desk).code == "budget_reached"

    budgets.lift_budget(
        desk.context,
        budget.id,
        until=desk.clock.now() + timedelta(hours=2),
        reason="The new team starts today.",
        company_id=company(desk),
        actor=desk.actor,
    )
    assert desk.order()
    [state] = budgets.state_of(desk.context, company_id=company(desk))
    assert (state.is_lifted, state.budget.lifted_by) == (True, desk.provider.email)

    desk.clock.pause(2 * 3600)

    assert refusal(desk).code == "budget_reached"
    [state] = budgets.state_of(desk.context, company_id=company(desk))
    assert not state.is_lifted


def test_a_lift_needs_a_reason_and_an_end_to_come(desk: Desk) -> None:
    budget = add(desk, 1)

    for reason, hours, field in (("  ", 1, "reason"), ("Yes", 0, "until")):
        with pytest.raises(AppError) as caught:
            budgets.lift_budget(
                desk.context,
                budget.id,
                until=desk.clock.now() + timedelta(hours=hours),
                reason=reason,
                company_id=company(desk),
                actor=desk.actor,
            )
        assert caught.value.field == field


def test_the_budget_of_a_job_counts_only_its_desktops_and_has_its_name(desk: Desk) -> None:
    each = month_price(desk)
    other_job = desk.open_posting(desk.provider)
    add(desk, rest(desk, 1, each), subject=Subject.JOB, of=desk.posting_id)

    assert "the budget of “Analyst” would be passed" in refusal(desk).message
    assert desk.order(application_id=desk.add_application(posting_id=other_job).id)


def test_each_person_of_a_group_who_does_not_fit_keeps_the_reason(desk: Desk) -> None:
    budgets.set_cap(desk.context, 2, company_id=company(desk))
    entries = [Entry(desk.add_application().id, username=f"group.{number}") for number in range(3)]
    request = CohortRequest(
        "k" * 32, "May", desk.credential_id, desk.stage.workspace_type, desk.stage.bundle_id
    )

    cohort = order_cohort(desk.context, request, entries, company_id=company(desk), actor=desk.actor)

    with reading(desk) as session:
        codes = session.scalars(
            select(CohortRow.code).where(CohortRow.cohort_id == cohort.id).order_by(CohortRow.place)
        ).all()
    assert codes == [None, None, "desktop_limit_reached"]


def test_the_budget_of_a_group_holds_when_its_refused_rows_are_tried_again(desk: Desk) -> None:
    budgets.set_cap(desk.context, 1, company_id=company(desk))
    entries = [Entry(desk.add_application().id, username=f"group.{number}") for number in range(3)]
    request = CohortRequest(
        "k" * 32, "May", desk.credential_id, desk.stage.workspace_type, desk.stage.bundle_id
    )
    cohort_id = order_cohort(desk.context, request, entries, company_id=company(desk), actor=desk.actor).id
    with reading(desk) as session:
        each = session.scalars(select(Workspace.month_price_minor)).one() or 0
    budgets.set_cap(desk.context, None, company_id=company(desk))
    add(desk, rest(desk, 2, each), subject=Subject.COHORT, of=cohort_id)

    retry(desk.context, cohort_id, {}, company_id=company(desk), actor=desk.actor)

    with reading(desk) as session:
        rows = session.execute(
            select(CohortRow.code, CohortRow.message)
            .where(CohortRow.cohort_id == cohort_id)
            .order_by(CohortRow.place)
        ).all()
    assert [row.code for row in rows] == [None, None, "budget_reached"]
    assert "the budget of “May” would be passed" in (rows[2].message or "")
    assert desk.order(), "an order outside the group is no part of its budget"


def cost(desk: Desk, dimension: Dimension, key: str, currency: str, *, months_ago: int, **minor: int) -> None:
    month = month_of(day_of(desk.clock.now()))
    for _ in range(months_ago):
        month = month_of(month - timedelta(days=1))
    with reading(desk) as session:
        session.merge(CostMonth(company_id=company(desk), month=month, unpriced_desktops=0))
        session.add(
            CostSum(
                company_id=company(desk),
                month=month,
                dimension=dimension,
                key=key.replace("MONTH", f"{month:%Y-%m}"),
                currency=currency,
                is_estimated=True,
                estimated_minor=minor.get("estimated", 0),
                is_billed=True,
                billed_minor=minor.get("billed", 0),
            )
        )


@both_databases
def test_the_higher_of_billed_and_estimated_counts_month_by_month(desk: Desk) -> None:
    cost(desk, Dimension.DAY, "MONTH-03", "USD", months_ago=0, estimated=700, billed=500)
    cost(desk, Dimension.DAY, "MONTH-04", "USD", months_ago=0, estimated=100, billed=500)
    cost(desk, Dimension.DAY, "MONTH-24", "USD", months_ago=0, billed=9999)
    cost(desk, Dimension.DAY, "MONTH-05", "USD", months_ago=1, estimated=300, billed=20)
    cost(desk, Dimension.DAY, "MONTH-06", "USD", months_ago=2, estimated=10, billed=40)
    cost(desk, Dimension.JOB, str(desk.posting_id), "USD", months_ago=0, estimated=60, billed=50)
    cost(desk, Dimension.JOB, str(desk.posting_id), "USD", months_ago=1, estimated=6, billed=7)
    cost(desk, Dimension.JOB, "4711", "USD", months_ago=0, estimated=5000)
    add(desk, 10_000, total=20_000)
    add(desk, 10_000, total=20_000, subject=Subject.JOB, of=desk.posting_id)

    whole, job = budgets.state_of(desk.context, company_id=company(desk))

    assert [(one.limit_minor, one.spent_minor) for one in whole.figures] == [(10_000, 1000), (20_000, 1340)]
    assert [(one.limit_minor, one.spent_minor) for one in job.figures] == [(10_000, 60), (20_000, 67)]


@both_databases
def test_the_budget_of_a_group_counts_what_its_desktops_cost(desk: Desk) -> None:
    entries = [Entry(desk.add_application().id, username="group.1")]
    request = CohortRequest(
        "k" * 32, "May", desk.credential_id, desk.stage.workspace_type, desk.stage.bundle_id
    )
    cohort = order_cohort(desk.context, request, entries, company_id=company(desk), actor=desk.actor)
    with reading(desk) as session:
        own = session.scalars(select(Workspace)).one()
    cost(desk, Dimension.DESKTOP, str(own.id), "USD", months_ago=0, estimated=60, billed=50)
    cost(desk, Dimension.DESKTOP, str(own.id), "USD", months_ago=2, estimated=6, billed=7)
    cost(desk, Dimension.DESKTOP, "4711", "USD", months_ago=0, estimated=999)
    add(desk, 10_000, total=20_000, subject=Subject.COHORT, of=cohort.id)

    [state] = budgets.state_of(desk.context, company_id=company(desk))

    assert [one.spent_minor for one in state.figures] == [60, 67]
    assert state.spending.month_prices_minor == own.month_price_minor
    assert state.name == "May"


def test_a_limit_for_the_whole_does_not_start_over_with_the_month(desk: Desk) -> None:
    cost(desk, Dimension.DAY, "MONTH-05", "USD", months_ago=1, billed=1000)
    budget = add(desk, 1_000_000, total=1000)

    assert "of $10.00 for the whole." in refusal(desk).message
    budgets.change_budget(desk.context, budget.id, Limits(1_000_000, None), company_id=company(desk))
    assert desk.order()


def test_a_budget_in_euros_counts_no_dollars_and_says_so(desk: Desk) -> None:
    cost(desk, Dimension.DAY, "MONTH-03", "USD", months_ago=0, billed=5000)
    add(desk, 1, currency="EUR")

    assert desk.order()
    [state] = budgets.state_of(desk.context, company_id=company(desk))
    assert (state.figures[0].spent_minor, state.figures[0].to_come_minor) == (0, 0)
    assert state.spending.foreign_desktops == 1
    assert budgets.other_currencies(desk.context, "EUR", company_id=company(desk)) == ["USD"]


def test_what_has_no_known_price_passes_and_is_counted(desk: Desk) -> None:
    desk.order()
    with reading(desk) as session:
        session.execute(update(Workspace).values(month_price_minor=None, price_currency=None))
    add(desk, 10_000_000)

    [state] = budgets.state_of(desk.context, company_id=company(desk))

    assert (state.spending.unpriced_desktops, state.figures[0].to_come_minor) == (1, 0)


def test_a_changed_order_may_not_pass_a_budget_and_may_become_cheaper(desk: Desk) -> None:
    ubuntu = month_price(desk)
    with reading(desk) as session:
        workspace_id = session.scalars(select(Workspace.id)).one()
    add(desk, rest(desk, 1, ubuntu))

    def change(**values: object) -> Workspace:
        return change_order(
            desk.context,
            workspace_id,
            lambda before: orders.OrderRequest(
                **{
                    "application_id": before.application_id,
                    "cloud_credential_id": before.cloud_credential_id,
                    "workspace_type": before.workspace_type,
                    "bundle_id": before.bundle_id,
                    "username": before.username,
                }
                | values
            ),
            company_id=company(desk),
            actor=desk.actor,
        )

    assert change(username="other.name").username == "other.name"
    with pytest.raises(AppError) as caught:
        change(workspace_type="windows", bundle_id=WINDOWS)
    assert caught.value.code == "budget_reached"


@both_databases
def test_a_refused_order_tells_once_a_month_that_the_budget_is_reached(desk: Desk) -> None:
    webhooks.add_endpoint(
        desk.context, company_id=company(desk), url="https://hooks.example.com/", kinds=KINDS
    )
    budget = add(desk, 1)

    def sent() -> list[tuple[str, datetime | None]]:
        with reading(desk) as session:
            rows = session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)).all()
            assert all((row.notice or {})["budget_id"] == budget.id for row in rows)
            return [(row.kind, row.noticed_at) for row in rows]

    for _ in range(3):
        refusal(desk)
    first = desk.clock.now()
    assert sent() == [(BUDGET_REACHED, first)]

    day = day_of(first)
    desk.clock.pause((starts_at(next_month(day)) - first).total_seconds())
    refusal(desk)
    again = desk.clock.now()
    assert day_of(again) == next_month(day)
    assert sent() == [(BUDGET_REACHED, first), (BUDGET_REACHED, again)]


def test_the_budget_of_another_company_is_not_found(desk: Desk) -> None:
    budget = add(desk, 1)
    other = desk.add_provider("other@example.com", company="Elsewhere").company_id or 0
    about = {"company_id": other}

    for attempt in (
        lambda: budgets.state_of_one(desk.context, budget.id, **about),
        lambda: budgets.change_budget(desk.context, budget.id, Limits(5, None), **about),
        lambda: budgets.end_lift(desk.context, budget.id, **about),
        lambda: budgets.remove_budget(desk.context, budget.id, **about),
        lambda: budgets.set_cap(desk.context, 1, credential_id=desk.credential_id, **about),
        lambda: budgets.add_budget(
            desk.context, BudgetRequest(Subject.JOB, desk.posting_id, "USD", Limits(1, None)), **about
        ),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert budgets.state_of(desk.context, **about) == []
    assert [one.budget.id for one in budgets.state_of(desk.context, company_id=company(desk))] == [budget.id]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (BudgetRequest(Subject.COMPANY, None, "USD", Limits(None, None)), "month_minor"),
        (BudgetRequest(Subject.COMPANY, None, "USD", Limits(0, None)), "month_minor"),
        (BudgetRequest(Subject.COMPANY, None, "USD", Limits(1, 10**16)), "total_minor"),
        (BudgetRequest(Subject.COMPANY, None, "moons", Limits(1, None)), "currency"),
        (BudgetRequest(Subject.JOB, None, "USD", Limits(1, None)), "subject"),
    ],
)
def test_a_budget_that_means_nothing_is_refused(desk: Desk, request_: BudgetRequest, field: str) -> None:
    with pytest.raises(AppError) as caught:
        budgets.add_budget(desk.context, request_, company_id=company(desk))

    assert caught.value.field == field


@both_databases
def test_there_is_one_budget_for_a_subject_in_a_currency(desk: Desk) -> None:
    add(desk, 5)

    with pytest.raises(AppError) as caught:
        add(desk, 6)

    assert caught.value.code == "budget_exists"
    assert add(desk, 6, currency="EUR")


def test_the_price_of_an_order_is_that_of_the_pages(desk: Desk) -> None:
    each = month_price(desk)
    credential = credential_queries.get_credential(desk.session, desk.credential_id, company_id=company(desk))
    [bundle] = [
        one
        for one in orders.bundles_of(desk.context, credential_id=desk.credential_id)
        if one["bundle_id"] == desk.stage.bundle_id
    ]

    rates = bundle_rates(desk.context, credential, [bundle])[desk.stage.bundle_id]

    assert rates is not None
    assert each == rates.usual_month.amount_minor
