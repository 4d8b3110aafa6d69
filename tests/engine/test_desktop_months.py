"""What lists show of a desktop's month is written with its sums: one figure, and whether it is all."""

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from tests.cost_days import add_day, add_unpriced_day, later
from tests.desk import Desk
from tests.engine.test_costs import to_the_middle_of_a_month
from webapp.domain.costs.money import Money
from webapp.models import CostSum, DesktopMonth

pytestmark = both_databases


@pytest.fixture(autouse=True)
def in_the_middle_of_a_month(desk: Desk) -> None:
    to_the_middle_of_a_month(desk)


def of_lists(desk: Desk) -> dict[int, tuple[Money | None, bool, bool]]:
    with desk.sessions.begin() as session:
        return {
            one.workspace_id: (one.amount, one.is_billed, one.is_unpriced)
            for one in session.scalars(select(DesktopMonth))
        }


def test_the_duties_write_it_with_the_sums(desk: Desk) -> None:
    workspace_id = desk.available()
    for _ in range(2):
        later(desk, 25)

    with desk.sessions.begin() as session:
        [own] = session.scalars(select(CostSum).where(CostSum.workspace_id == workspace_id))
        billed = own.billed_minor
    assert billed > 0
    assert of_lists(desk) == {workspace_id: (Money("USD", billed), True, False)}


def test_a_bill_goes_before_an_estimate_whatever_the_currency(desk: Desk) -> None:
    first, second = desk.order(username="a"), desk.order(username="b")
    add_day(desk, first, estimated=900)
    add_day(desk, first, billed=850, currency="EUR")
    add_day(desk, second, estimated=700)

    assert of_lists(desk) == {
        first: (Money("EUR", 850), True, False),
        second: (Money("USD", 700), False, False),
    }


def test_what_has_no_price_is_noted_with_and_without_a_figure(desk: Desk) -> None:
    partly, wholly = desk.order(username="a"), desk.order(username="b")
    add_day(desk, partly, estimated=300)
    add_unpriced_day(desk, partly)
    add_unpriced_day(desk, wholly)

    assert of_lists(desk) == {partly: (Money("USD", 300), False, True), wholly: (None, False, True)}
