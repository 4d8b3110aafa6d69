"""Azure's bill becomes days of workspaces and a remainder, to the cent; its prices are the base meter's."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.cost_days import later
from tests.desk import Desk
from tests.engine.azure.pools import live_until_ready, want
from tests.engine.azure.snapshots import backed_up
from tests.engine.test_closed_months import live_through, open_days
from tests.engine.test_costs import check_sums, rows, shares, to_the_middle_of_a_month, two_desktops
from tests.windows import set_grace
from webapp.domain.costs.bills import Remainder, Source
from webapp.domain.costs.prices import Part
from webapp.domain.costs.spans import month_of
from webapp.domain.duties import READ_BILL, READ_PRICES
from webapp.domain.lifecycle import Action, State
from webapp.models import BilledTotal, BillReading, CostDay, CostSum, ListPrice


@pytest.fixture(autouse=True)
def in_the_middle_of_a_month(desk: Desk) -> None:
    to_the_middle_of_a_month(desk)


def test_machine_and_disk_of_a_desktop_are_its_cost_and_the_sum_is_the_bill(desk: Desk) -> None:
    first, second = two_desktops(desk, "sam@example.com", "mina@example.com")
    desk.sandbox.set_settings(bill_lag_s=0)
    later(desk, 30)

    truth = sum(Decimal(line["amount"]) for line in desk.sandbox.bill())
    assert abs(check_sums(desk) - truth * 100) < 100
    found = shares(desk)
    assert set(found) - {Remainder.OTHER_SERVICES} == {first, second}
    assert found[first] < found[second]


def test_prices_are_those_that_the_template_pays(desk: Desk) -> None:
    later(desk, 1)

    prices = {(one.sku, one.part): Decimal(one.amount) for one in rows(desk, ListPrice)}
    assert set(prices) == {
        ("Standard_D2s_v5", Part.HOUR),
        ("Standard_D4s_v5", Part.HOUR),
        ("Standard_D8s_v5", Part.HOUR),
        ("Standard_D16s_v5", Part.HOUR),
        ("E10 LRS", Part.DISK_MONTH),
        ("P10 LRS", Part.DISK_MONTH),
        ("Snapshots LRS", Part.DISK_MONTH),
    }
    assert prices["Snapshots LRS", Part.DISK_MONTH] < Decimal("0.1")


@pytest.mark.parametrize("hidden", ["AccountCostDisabled", "DepartmentCostDisabled", "IndirectCostDisabled"])
def test_a_bill_that_the_application_may_not_see_is_no_trouble(desk: Desk, hidden: str) -> None:
    desk.sandbox.set_bill(hidden=hidden)

    workspace_id = desk.order(username="sam@example.com")
    desk.live_until(workspace_id, State.AVAILABLE)
    later(desk, 30)

    [reading] = rows(desk, BillReading)
    assert reading.code == "costs_hidden"
    assert [desk.duty(name).failure_code for name in (READ_BILL, READ_PRICES)] == [None, None]
    assert desk.credential().blocked_code is None


def test_what_waits_in_a_pool_is_a_named_part_of_the_bill_and_what_was_given_away_is_not(desk: Desk) -> None:
    desk.sandbox.set_settings(bill_lag_s=0)
    pool_id = want(desk, 2)
    live_until_ready(desk, 2)
    given = desk.order(username="sam@example.com")
    desk.live_until(given, State.AVAILABLE)
    later(desk, 30)

    waiting = [one for one in rows(desk, CostDay) if one.pool_id is not None]
    assert {(one.pool_id, one.remainder) for one in waiting} == {(pool_id, Remainder.OTHER_MACHINES)}
    assert "given_from_pool" in desk.story(given)
    assert check_sums(desk) > sum(one.amount_minor for one in waiting) > 0
    assert shares(desk)[given] > 0
    named = [one for one in rows(desk, CostSum) if one.key == f"pool:{pool_id}"]
    assert sum(one.billed_minor for one in named) == sum(one.amount_minor for one in waiting)


def test_a_snapshot_is_a_cost_of_its_desktop_also_after_its_end(desk: Desk) -> None:
    set_grace(desk, 0)
    workspace_id = backed_up(desk)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    ended_on = desk.clock.now().date()
    desk.sandbox.set_settings(bill_lag_s=0)

    later(desk, 24 * 8)
    later(desk, 24)

    kept = [
        one
        for one in rows(desk, CostDay)
        if one.source is Source.BILLED and one.day > ended_on + timedelta(days=6) and one.amount_minor
    ]
    assert kept and {one.workspace_id for one in kept} == {workspace_id}


def test_no_day_of_a_closed_month_stays_provisional(desk: Desk) -> None:
    desk.sandbox.set_settings(bill_lag_s=0)
    month = month_of(desk.clock.now().date())
    desk.available(username="sam@example.com")

    live_through(desk, month)

    assert rows(desk, BilledTotal)
    assert open_days(desk, month) == []
    check_sums(desk)
