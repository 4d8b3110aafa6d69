"""The page of budgets: what is spent, to come and allowed in numbers, and every change by a form."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from sandbox import demo
from tests.desk import Desk
from tests.pages.counting import counted_queries
from tests.pages.reader import Reader, Visitor
from webapp.domain.costs.budgets import Limits, Subject
from webapp.domain.costs.groups import Dimension
from webapp.domain.costs.spans import day_of, month_of
from webapp.models import Budget, Company, CostMonth, CostSum, ListPrice, WebhookDelivery
from webapp.queries import budgets as queries
from webapp.services import budgets, webhooks
from webapp.services.budgets import BudgetRequest

PAGE = "/costs/budgets/"


def company(desk: Desk) -> int:
    return desk.provider.company_id or 0


def add(desk: Desk, month_minor: int, currency: str = "USD") -> int:
    request = BudgetRequest(Subject.COMPANY, None, currency, Limits(month_minor, None))
    return budgets.add_budget(desk.context, request, company_id=company(desk)).id


def send(who: Visitor, path: str, **values: str) -> tuple[int, Reader]:
    """Send a form: the status, and the page that comes back."""
    answer = who.post(path, dict(values))
    return answer.status_code, Reader(answer.text)


def all_budgets(desk: Desk) -> list[Budget]:
    desk.session.commit()
    with desk.sessions.begin() as session:
        found = list(session.scalars(select(Budget).order_by(Budget.id)))
        session.expunge_all()
    return found


def spend(desk: Desk, billed_minor: int, currency: str = "USD") -> None:
    day = day_of(desk.clock.now()) - timedelta(days=1)
    with desk.sessions.begin() as session:
        session.merge(CostMonth(company_id=company(desk), month=month_of(day), unpriced_desktops=0))
        session.add(
            CostSum(
                company_id=company(desk),
                month=month_of(day),
                dimension=Dimension.DAY,
                key=day.isoformat(),
                currency=currency,
                is_estimated=False,
                estimated_minor=0,
                is_billed=True,
                billed_minor=billed_minor,
            )
        )


def test_a_budget_is_added_changed_and_removed(desk: Desk, provider: Visitor) -> None:
    assert "/costs/budgets/" in provider.read("/costs/").links()
    send(provider, PAGE, subject=f"job:{desk.posting_id}", currency="usd", month="1,500.00", total="20000")

    [made] = all_budgets(desk)
    assert (made.key, made.currency, made.limits) == (
        f"job:{desk.posting_id}",
        "USD",
        Limits(150_000, 2_000_000),
    )
    text = provider.read(PAGE).text
    assert "Job: Analyst" in text
    assert "This month: $0.00 spent and $0.00 still to come, of $1,500.00." in text
    assert "Altogether: $0.00 spent and $0.00 still to come, of $20,000.00." in text

    form = provider.read(f"{PAGE}{made.id}/edit")
    assert form.by_id("month")["value"] == "1,500.00"
    send(provider, f"{PAGE}{made.id}/edit", month="", total="9.50")
    assert [one.limits for one in all_budgets(desk)] == [Limits(None, 950)]

    send(provider, f"{PAGE}{made.id}/delete")
    assert all_budgets(desk) == []


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("month", {"month": "12.345"}),
        ("month", {"month": "a lot"}),
        ("month", {"month": "0"}),
        ("month", {}),
        ("total", {"total": "-1"}),
        ("currency", {"month": "1", "currency": "moo"}),
        ("subject", {"month": "1", "subject": "company:1"}),
        ("subject", {"month": "1", "subject": "company", "again": "yes"}),
    ],
)
def test_what_cannot_be_a_budget_is_said_beside_the_field(
    desk: Desk, provider: Visitor, field: str, values: dict[str, str]
) -> None:
    if values.pop("again", None):
        add(desk, 5)

    status, page = send(provider, PAGE, **({"subject": "company", "currency": "USD"} | values))

    if values.get("subject") == "company:1":
        assert status == 404
    else:
        assert status in (409, 422)
        assert page.error_of(field)
    assert len(all_budgets(desk)) <= 1


def test_spent_and_to_come_stand_in_numbers_and_what_does_not_count_is_said(
    desk: Desk, provider: Visitor
) -> None:
    desk.order()
    spend(desk, 81_00)
    spend(desk, 5_00, "EUR")
    add(desk, 100_00)
    add(desk, 100_00, "EUR")
    desk.session.commit()

    text = provider.read(PAGE).text

    assert "This month: $81.00 spent and $1" in text
    assert "Nearly used up" in text
    assert "This month: €5.00 spent and €0.00 still to come, of €100.00." in text
    assert "Not counted: 1 live desktop with a price in another currency than EUR." in text
    assert "Costs in USD do not count against a budget in EUR." in text
    assert "the higher of what is billed and what is estimated" in text


def test_a_refused_order_says_why_and_a_lift_lets_it_through(desk: Desk, provider: Visitor) -> None:
    desk.order()
    budget_id = add(desk, 1)
    application = desk.add_application()
    order = {
        "application_id": str(application.id),
        "cloud_credential_id": str(desk.credential_id),
        "bundle_id": desk.stage.bundle_id,
        "username": "late.comer",
    }
    status, page = send(provider, "/workspaces/", **order)
    assert (status, "the budget of your company would be passed" in page.text) == (409, True)

    page = provider.read(f"{PAGE}{budget_id}/lift")
    assert page.by_id("until")["value"] == "2026-11-30"
    send(provider, f"{PAGE}{budget_id}/lift", until="2026-11-25", reason="New team")
    text = provider.read(PAGE).text
    assert "New team" in text and "provider@example.com" in text and "Until then orders pass." in text

    assert send(provider, "/workspaces/", **order)[0] == 303

    send(provider, f"{PAGE}{budget_id}/end-lift")
    assert [one.lifted_until for one in all_budgets(desk)] == [None]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("reason", {"until": "2026-11-30", "reason": ""}),
        ("until", {"until": "2026-11-01", "reason": "Late"}),
        ("until", {"until": "", "reason": "Late"}),
        ("until", {"until": "soon", "reason": "Late"}),
        ("until", {"until": "9999-12-31", "reason": "Late"}),
    ],
)
def test_a_lift_without_reason_or_end_is_refused(
    desk: Desk, provider: Visitor, field: str, values: dict[str, str]
) -> None:
    budget_id = add(desk, 1)

    status, page = send(provider, f"{PAGE}{budget_id}/lift", **values)

    assert status == 422
    assert page.error_of(field)
    assert [one.lifted_until for one in all_budgets(desk)] == [None]


def test_caps_of_the_company_and_of_a_cloud_account_are_set_and_taken_away(
    desk: Desk, provider: Visitor
) -> None:
    def caps() -> tuple[int | None, int | None]:
        desk.session.commit()
        with desk.sessions.begin() as session:
            of_company = session.scalars(select(Company.most_desktops)).one()
        return of_company, desk.credential().most_desktops

    desk.order()
    assert "Your company 1 live now" in provider.read(PAGE).text
    send(provider, f"{PAGE}caps", of="", most_desktops="40")
    send(provider, f"{PAGE}caps", of=str(desk.credential_id), most_desktops="7")
    assert caps() == (40, 7)

    for wrong in ("many", "-1", "99999999"):
        status, page = send(provider, f"{PAGE}caps", of="", most_desktops=wrong)
        assert (status, page.error_of("cap-")) == (422, True)
    assert caps() == (40, 7)
    send(provider, f"{PAGE}caps", of="", most_desktops="")
    assert caps() == (None, 7)


def test_another_company_sees_and_changes_nothing_of_it(desk: Desk, rival: Visitor) -> None:
    budget_id = add(desk, 5)

    assert "No budgets yet" in rival.read(PAGE).text
    for path in ("edit", "lift", "delete"):
        assert rival.get(f"{PAGE}{budget_id}/{path}").status_code == 404
    for path in ("edit", "lift", "delete", "end-lift"):
        values = {"month": "9", "until": "2026-12-01", "reason": "x"}
        assert send(rival, f"{PAGE}{budget_id}/{path}", **values)[0] == 404
    assert send(rival, f"{PAGE}caps", of=str(desk.credential_id), most_desktops="1")[0] == 404
    wanted = {"subject": f"job:{desk.posting_id}", "currency": "USD", "month": "5"}
    assert send(rival, PAGE, **wanted)[0] == 404
    assert [one.limits for one in all_budgets(desk)] == [Limits(5, None)]


def test_the_page_asks_a_constant_number_of_questions(desk: Desk, provider: Visitor) -> None:
    asked = []
    for _ in range(2):
        for _ in range(3):
            request = BudgetRequest(Subject.JOB, desk.open_posting(desk.provider), "USD", Limits(5, None))
            budgets.add_budget(desk.context, request, company_id=company(desk))
        desk.session.commit()
        with counted_queries() as count:
            asked.append(len(count))

    assert asked[0] == asked[1] <= 14


def test_the_log_of_a_webhook_shows_messages_about_budgets(desk: Desk, provider: Visitor) -> None:
    endpoint, _ = webhooks.add_endpoint(
        desk.context, company_id=company(desk), url="https://hooks.example.com/", kinds=["budget.reached"]
    )
    add(desk, 1)
    with pytest.raises(Exception, match="would be passed"):
        desk.order()
    with desk.sessions.begin() as session:
        assert session.scalars(select(WebhookDelivery.kind)).all() == ["budget.reached"]
    assert queries.has_limits(desk.session, company_id=company(desk))
    desk.session.commit()

    text = provider.read(f"/webhooks/{endpoint.id}/").text

    assert "A budget is used up, or has refused an order" in text
    assert "none: about a budget" in text


def review(desk: Desk, provider: Visitor, count: int) -> str:
    """What the review of a group order says."""
    form = {
        "key": "k" * 32,
        "name": "May",
        "credential_id": str(desk.credential_id),
        "bundle_id": desk.stage.bundle_id,
        "pattern": "{first}.{last}",
        "application_id": [str(desk.add_application().id) for _ in range(count)],
    }
    answer = provider.post("/cohorts/check", form)
    assert answer.status_code == 200, answer.text
    return Reader(answer.text).text


def test_the_review_of_a_group_order_says_how_many_fit(desk: Desk, provider: Visitor) -> None:
    assert "budgets and limits" not in review(desk, provider, 3)
    budgets.set_cap(desk.context, 2, company_id=company(desk))
    assert "leave room for 2 of these 3." in review(desk, provider, 3)
    budgets.set_cap(desk.context, None, company_id=company(desk))
    add(desk, 1)
    assert "leave room for 0 of these 3." in review(desk, provider, 3)


def test_the_order_and_the_review_say_that_no_budget_counts_an_unknown_price(
    desk: Desk, provider: Visitor
) -> None:
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["pricing:*"])
    desk.add_application()
    desk.session.commit()
    with desk.sessions.begin() as session:
        session.execute(delete(ListPrice))
    assert "counts in no budget" not in provider.read("/workspaces/new").text

    add(desk, 1)
    desk.session.commit()

    assert "counts in no budget: it is let through." in provider.read("/workspaces/new").text
    assert "so no budget counts it: it is let through." in review(desk, provider, 2)
    assert desk.order()
