"""A month's bill is read once more when the cloud has closed it: then it is what the company pays."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from sandbox import demo
from tests.cost_days import later
from tests.desk import Desk
from tests.engine.test_costs import check_sums, rows, shares, to_the_middle_of_a_month
from webapp.domain.costs.bills import Remainder
from webapp.domain.costs.spans import last_day_of, month_of, next_month
from webapp.models import BilledTotal, CostDay

ACCOUNT = demo.DEMO_ACCOUNT_ID


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
