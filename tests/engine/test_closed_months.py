"""A month's bill is read once more when the cloud has closed it: then it is what the company pays."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from sandbox import demo
from tests.cost_days import later, today
from tests.costs.books import COMPARED
from tests.desk import Desk
from tests.engine.test_costs import check_sums, rows, shares, to_the_middle_of_a_month
from tests.killing import die_at
from webapp.domain.costs.bills import Remainder
from webapp.domain.costs.spans import last_day_of, month_of, next_month
from webapp.domain.duties import READ_BILL
from webapp.engine.context import Engine
from webapp.engine.duties.catalog import DUTIES
from webapp.engine.reconcile import reconcile
from webapp.models import BilledTotal, CostDay

ACCOUNT = demo.DEMO_ACCOUNT_ID
OF_BILL = [one for one in DUTIES if one.name == READ_BILL]
Book = set[tuple[Any, ...]]


@pytest.fixture(autouse=True)
def in_the_middle_of_a_month(desk: Desk) -> None:
    to_the_middle_of_a_month(desk)
    desk.sandbox.set_settings(bill_lag_s=0)


def live_through(desk: Desk, month: date) -> None:
    """Until the bill of the month is closed, and was read often since."""
    while desk.clock.now().date() < next_month(month) + timedelta(days=5):
        later(desk, 24 * 4)
    for _ in range(3):
        later(desk, 25)


def open_days(desk: Desk, month: date) -> list[date]:
    days = [one.day for one in rows(desk, BilledTotal) if one.is_provisional]
    return [day for day in days if month <= day <= last_day_of(month)]


@pytest.mark.parametrize(("with_resources", "has_tag"), [(True, None), (False, True)])
def test_no_day_of_a_closed_month_stays_provisional(
    desk: Desk, with_resources: bool, has_tag: bool | None
) -> None:
    desk.sandbox.set_bill(ACCOUNT, with_resources=with_resources, tags={"berth-claim": has_tag})
    month = month_of(desk.clock.now().date())
    workspace_id = desk.available()

    live_through(desk, month)

    assert open_days(desk, month) == []
    assert set(shares(desk)) == {workspace_id}
    check_sums(desk)


def test_what_is_corrected_when_a_month_is_closed_reaches_its_first_days(desk: Desk) -> None:
    month = month_of(desk.clock.now().date())
    workspace_id = desk.available()
    while desk.clock.now().date() < next_month(month):
        later(desk, 24 * 4)
    desk.sandbox.add_cost(ACCOUNT, day=f"{month.replace(day=11)}", amount="7.00")

    live_through(desk, month)

    assert shares(desk)[Remainder.UNMARKED] == 700
    check_sums(desk)
    with desk.sessions.begin() as session:
        own = select(CostDay.day).where(CostDay.workspace_id == workspace_id, CostDay.day > month)
        assert set(session.scalars(own)) >= {month.replace(day=12), month.replace(day=20)}


def read_daily(desk: Desk, *, since: date, until: date) -> None:
    """The bill alone, of an account that costs something on every day; the next reading is on `until`."""
    desk.sandbox.add_cost(ACCOUNT, day=f"{month_of(since)}", last_day=f"{until}", amount="1.00")
    desk.clock.pause((since - today(desk)) / timedelta(seconds=1))
    while desk.duty(READ_BILL).due_at.date() < until:
        until_due(desk)
        reconcile(desk.engine, desk.credential_id, duties=OF_BILL)
    until_due(desk)


def until_due(desk: Desk) -> None:
    desk.clock.pause(max((desk.duty(READ_BILL).due_at - desk.clock.now()).total_seconds(), 0))


def book(desk: Desk) -> Book:
    """All rows about money, with their flags, each behind the name of its table."""
    found: Book = set()
    for table, without in COMPARED:
        columns = [one for one in table.__table__.columns if one.name not in without]
        with desk.sessions.begin() as session:
            found |= {(table.__tablename__, *row) for row in session.execute(select(*columns))}
    return found


def read_twice(desk: Desk) -> tuple[Book, Book]:
    """Without and with the kill: of a worker that dies when it has written the bill, and of the next one.

    Nothing of the book is written after that point: what the dead one leaves is what it would be without.
    """

    def read_bill(engine: Engine) -> None:
        reconcile(engine, desk.credential_id, duties=OF_BILL)

    die_at(desk, "bill_written", read_bill)
    without_kill = book(desk)
    desk.clock.pause(desk.settings.lease_s + 1)
    read_bill(desk.engine)
    assert desk.duty(READ_BILL).due_at.date() > today(desk)
    return without_kill, book(desk)


@pytest.mark.parametrize("with_resources", [True, False])
def test_a_worker_that_dies_on_the_day_a_month_is_closed_closes_no_day_early(
    desk: Desk, with_resources: bool
) -> None:
    desk.sandbox.set_bill(ACCOUNT, with_resources=with_resources, tags={"berth-claim": True})
    month = month_of(today(desk))
    read_daily(desk, since=last_day_of(month), until=next_month(month) + timedelta(days=5))
    were_open = open_days(desk, month)

    without_kill, with_kill = read_twice(desk)

    assert with_kill == without_kill
    assert len(were_open) == last_day_of(month).day
    assert open_days(desk, month) == [day for day in were_open if day < today(desk) - timedelta(days=12)]


@pytest.mark.parametrize(("with_resources", "first_read_on"), [(True, 12), (False, 31)])
def test_a_worker_that_dies_on_the_day_a_closed_month_is_read_once_more_changes_no_flag(
    desk: Desk, with_resources: bool, first_read_on: int
) -> None:
    """Every day of it was read by machine, or none."""
    desk.sandbox.set_bill(ACCOUNT, with_resources=with_resources, tags={"berth-claim": True})
    month = month_of(today(desk))
    since, until = month.replace(day=first_read_on), next_month(month) + timedelta(days=6)
    read_daily(desk, since=since, until=until)
    were_open, were_asked = open_days(desk, month), len(desk.sandbox.ledger(service="ce"))

    without_kill, with_kill = read_twice(desk)

    assert with_kill == without_kill
    assert were_open and not open_days(desk, month)
    calls = desk.sandbox.ledger(service="ce")[were_asked:]
    assert [one["operation"] for one in calls] == ["GetCostAndUsage"] * 2


def test_a_worker_that_dies_when_berth_reads_what_it_has_missed_changes_no_flag(desk: Desk) -> None:
    month = month_of(today(desk))
    desk.sandbox.add_cost(ACCOUNT, day=f"{month}", last_day=f"{last_day_of(month)}", amount="1.00")
    desk.clock.pause((last_day_of(month) - today(desk)) / timedelta(seconds=1))

    without_kill, with_kill = read_twice(desk)

    assert with_kill == without_kill
    assert open_days(desk, month)[0] == month
