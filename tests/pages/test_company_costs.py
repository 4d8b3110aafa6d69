"""The page of a company's costs: two figures side by side, what is missing in words, and the rows behind."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, insert, select

from sandbox import demo
from tests.conftest import both_databases, postgres_first
from tests.cost_days import add_day, add_unpriced_day, later
from tests.desk import Desk
from tests.pages.conftest import SignIn
from tests.pages.counting import counted_queries
from tests.pages.reader import Visitor
from webapp.domain.costs.bills import Remainder, Source
from webapp.domain.costs.spans import month_of
from webapp.engine.cost_sums import sum_months
from webapp.models import Application, BilledTotal, CostDay, CostSum, ListPrice, User, Workspace
from webapp.pages import costs as costs_page
from webapp.services import company_costs


@pytest.fixture(autouse=True)
def in_the_middle_of_a_month(desk: Desk) -> None:
    now = desk.clock.now()
    begin = (now.replace(day=1) + timedelta(days=40)).replace(day=10, hour=6, minute=0)
    desk.clock.pause((begin - now).total_seconds())
    desk.sandbox.set_now(begin.timestamp())


def visitor(desk: Desk, sign_in: SignIn) -> Visitor:
    """Somebody who signs in now: time has passed."""
    desk.session.commit()
    return Visitor(sign_in("provider@example.com"))


def test_a_month_without_data_says_so(desk: Desk, sign_in: SignIn) -> None:
    text = visitor(desk, sign_in).read("/costs/").text

    assert "No costs in December 2026" in text
    assert "$" not in text


@both_databases
def test_billed_and_estimated_stand_side_by_side_with_the_named_remainder(
    desk: Desk, sign_in: SignIn
) -> None:
    desk.sandbox.set_settings(bill_lag_s=0)
    desk.sandbox.add_cost(demo.DEMO_ACCOUNT_ID, day=f"{desk.clock.now():%Y-%m-%d}", amount="12.34")
    desk.available()
    for _ in range(2):
        later(desk, 25)

    page = visitor(desk, sign_in).read("/costs/")

    for words in ("in days of UTC", "provisional", "billed through", "Not marked", "$12.34", "not estimated"):
        assert words in page.text
    assert "never added to what is billed" in page.text


@postgres_first
def test_each_figure_leads_to_the_desktops_behind_it(desk: Desk, sign_in: SignIn) -> None:
    workspace_id = desk.available()
    for _ in range(2):
        later(desk, 25)

    who = visitor(desk, sign_in)
    for by in ("job", "person", "bundle", "cloud", "credential"):
        page = who.read(f"/costs/?by={by}")
        [link] = [one for one in page.links() if one.startswith("/costs/desktops")]
        assert f"/workspaces/{workspace_id}/" in who.read(link).links()


def test_the_file_adds_up_to_the_bill_and_has_the_currency(desk: Desk, sign_in: SignIn) -> None:
    desk.sandbox.set_settings(bill_lag_s=0)
    desk.sandbox.add_cost(demo.DEMO_ACCOUNT_ID, day=f"{desk.clock.now():%Y-%m-%d}", amount="-3.21")
    desk.available()
    for _ in range(2):
        later(desk, 25)
    with desk.sessions.begin() as session:
        billed = sum(session.scalars(select(BilledTotal.amount_minor)))

    answer = visitor(desk, sign_in).get("/costs/costs.csv?by=person")

    head, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert head == ["Person", "Currency", "Estimated", "Billed"]
    assert sum(Decimal(row[3]) for row in rows) * 100 == billed
    assert {row[1] for row in rows} == {"USD"}
    assert rows[-1] == ["Not marked", "USD", "", "-3.21"]


def test_the_file_has_every_group_however_many_there_are(
    desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.available()
    fill(desk, 7)
    monkeypatch.setattr(costs_page, "MOST_ROWS", 3)

    answer = visitor(desk, sign_in).get("/costs/costs.csv?order=estimated")

    names = [row[0] for row in csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))]
    assert {str(1000 + place) for place in range(7)} <= set(names)
    assert len(names) == 1 + 7 + 2 * 2


def test_a_price_that_is_not_known_is_counted_and_not_shown_as_nothing(desk: Desk, sign_in: SignIn) -> None:
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["ce:*", "pricing:*"])
    with desk.sessions.begin() as session:
        session.execute(delete(ListPrice))
    desk.available()
    for _ in range(2):
        later(desk, 25)

    text = visitor(desk, sign_in).read("/costs/").text

    assert "1 desktop without a known price" in text
    assert "Not included" in text
    assert "$0" not in text


def test_the_desktops_without_a_known_price_are_listed(
    desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [desk.order(username=f"user.{letter}") for letter in "abc"]
    for one in ids:
        add_unpriced_day(desk, one)
    add_day(desk, ids[1], estimated=700)
    monkeypatch.setattr(company_costs, "PAGE_SIZE", 2)
    who = visitor(desk, sign_in)

    [link] = [one for one in who.read("/costs/").links() if one.startswith("/costs/unpriced")]
    first = who.read(link)
    [after] = [one for one in first.links() if "after=" in one]
    second = who.read(after)

    linked = [[one for one in ids if f"/workspaces/{one}/costs" in page.links()] for page in (first, second)]
    assert linked == [ids[:2], ids[2:]]
    assert "$7.00 estimated, incomplete" in first.text and "unknown" in first.text
    assert "No such desktop" in who.read("/costs/unpriced?month=2026-01").text


def test_a_total_is_compared_with_the_same_days_of_the_month_before(desk: Desk, sign_in: SignIn) -> None:
    workspace_id = desk.order()
    newest = desk.clock.now().date() - timedelta(days=1)
    for day, estimated, billed in (
        (newest, 1000, None),
        (newest - timedelta(days=1), 1200, 300),
        (newest.replace(month=newest.month - 1), 2000, 5000),
        (newest.replace(month=newest.month - 1) - timedelta(days=1), None, 400),
    ):
        add_day(desk, workspace_id, estimated=estimated, billed=billed, day=day)

    text = visitor(desk, sign_in).read("/costs/").text

    # The bill's newest day is a day older, so it is compared with a day less.
    assert "25 % less than in the same days of the month before ($4.00)." in text
    assert "10 % more than in the same days of the month before ($20.00)." in text


def test_without_a_month_before_nothing_is_compared(desk: Desk, sign_in: SignIn) -> None:
    add_day(desk, desk.order(), estimated=700)

    text = visitor(desk, sign_in).read("/costs/").text

    assert "$7.00" in text and "month before" not in text


def test_a_right_that_is_missing_is_said_with_its_remedy(desk: Desk, sign_in: SignIn) -> None:
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["ce:*"])
    desk.available()
    for _ in range(2):
        later(desk, 25)

    text = visitor(desk, sign_in).read("/costs/").text

    assert "Berth may not read the bill" in text
    assert "lacks a permission that Berth needs." in text
    assert "Until then costs are estimated." in text


def test_another_company_sees_nothing_of_it(desk: Desk, rival: Visitor) -> None:
    desk.available()
    for _ in range(2):
        later(desk, 2)
    fill(desk, 3)

    assert "No costs in" in rival.read("/costs/").text
    month = f"{desk.clock.now():%Y-%m}"
    path = f"/costs/desktops?month={month}&by=job&key={desk.posting_id}&currency=USD"
    assert "No desktop of this group has costs" in rival.read(path).text
    [person] = _people(desk)
    named = rival.read(f"/costs/desktops?month={month}&by=person&key={person.id}&currency=USD")
    assert person.name not in named.text
    assert "No such desktop" in rival.read("/costs/unpriced").text
    assert len(rival.get("/costs/costs.csv").data.splitlines()) == 1


@pytest.mark.parametrize(
    "query",
    ["month=2026-13", "month=9999-01", "month=%00", "by=day", "after=x", "after=9e99,1", "currency=€"],
)
def test_an_address_that_means_nothing_shows_this_month(desk: Desk, sign_in: SignIn, query: str) -> None:
    assert visitor(desk, sign_in).get(f"/costs/?{query}").status_code == 200


def _people(desk: Desk) -> list[User]:
    with desk.sessions.begin() as session:
        found = list(session.scalars(select(User).join(Application, Application.seeker_id == User.id)))
        session.expunge_all()
    return found


def fill(desk: Desk, size: int) -> None:
    """The costs of so many jobs, in the newest finished day: both figures, two currencies, remainders."""
    company, day = desk.provider.company_id or 0, desk.clock.now().date() - timedelta(days=1)
    with desk.sessions.begin() as session:
        workspace_id = session.scalars(select(Workspace.id)).first()
        account = {"company_id": company, "credential_id": desk.credential_id, "day": day}
        for currency in ("USD", "EUR"):
            row = account | {"currency": currency, "workspace_id": workspace_id, "remainder": None}
            other = row | {"workspace_id": None, "remainder": Remainder.OTHER_SERVICES}
            of_bill = {"source": Source.BILLED, "amount_minor": 100}
            estimate = {"source": Source.ESTIMATED, "amount_minor": 100}
            session.execute(insert(CostDay), [row | estimate, row | of_bill, other | of_bill])
            total = {"amount_minor": 200, "is_provisional": True, "is_by_machine": True}
            session.execute(delete(BilledTotal).where(BilledTotal.currency == currency))
            session.execute(
                insert(BilledTotal),
                [account | total | {"currency": currency, "read_at": desk.clock.now()}],
            )
        sum_months(session, company, [month_of(day)])
        session.execute(insert(CostSum), [_job(company, month_of(day), place) for place in range(size)])


def _job(company: int, month: date, place: int) -> dict[str, object]:
    return {
        "company_id": company,
        "month": month,
        "dimension": "job",
        "key": str(1000 + place),
        "currency": "USD",
        "is_estimated": True,
        "estimated_minor": place,
        "is_billed": False,
        "billed_minor": 0,
    }


@postgres_first
def test_the_page_asks_a_constant_number_of_questions_and_shows_twenty_five(
    desk: Desk, sign_in: SignIn
) -> None:
    desk.available()
    asked, lengths = [], []
    for size in (60, 600):
        with desk.sessions.begin() as session:
            session.execute(delete(CostDay))
        fill(desk, size)
        who = visitor(desk, sign_in)
        with counted_queries() as count:
            page = who.read("/costs/?order=estimated&currency=USD")
        assert "€" in page.text and "Other services" not in page.text
        asked.append(len(count))
        lengths.append(len([one for one in page.links() if one.startswith("/costs/desktops")]))

    assert asked == [asked[0]] * 2
    assert asked[0] <= 6
    assert lengths == [25, 25]


@both_databases
def test_pages_follow_each_other_and_each_group_comes_once(desk: Desk, sign_in: SignIn) -> None:
    desk.available()
    fill(desk, 120)
    who, seen, path = visitor(desk, sign_in), [], "/costs/?order=estimated&currency=USD"
    while path:
        links = who.read(path).links()
        seen += [one for one in links if one.startswith("/costs/desktops")]
        path = next((one for one in links if "after=" in one), "")

    assert len(seen) == len(set(seen)) == 121
