"""The account's bill becomes days of workspaces and a named remainder, to the cent."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

import pytest
from sqlalchemy import select

from sandbox import demo
from tests.conftest import both_databases
from tests.cost_days import HOUR_S, later, work_and_die
from tests.desk import Desk
from webapp.domain.costs.bills import Remainder, Source
from webapp.domain.duties import READ_BILL, READ_PRICES
from webapp.domain.lifecycle import Action, State
from webapp.models import Base, BilledTotal, BillReading, CostDay, ListPrice
from webapp.queries import workspaces as queries
from webapp.services import credentials
from webapp.services.costs import costs_of

ACCOUNT = demo.DEMO_ACCOUNT_ID
HOUR_CENTS = 33
"""An hour that has begun since the newest look."""
DAY_CENTS = 24 * HOUR_CENTS
"""The hours of a desktop that runs all day."""
T = TypeVar("T", bound=Base)


def to_the_middle_of_a_month(desk: Desk) -> None:
    """So that no test spans its end by chance; and the bill's days are those of our clock."""
    now = desk.clock.now()
    begin = (now.replace(day=1) + timedelta(days=40)).replace(day=10, hour=6, minute=0)
    desk.clock.pause((begin - now).total_seconds())
    desk.sandbox.set_now(begin.timestamp())


@pytest.fixture(autouse=True)
def in_the_middle_of_a_month(desk: Desk) -> None:
    to_the_middle_of_a_month(desk)


def rows(desk: Desk, table: type[T]) -> list[T]:
    with desk.sessions.begin() as session:
        found = list(session.scalars(select(table).order_by(*table.__mapper__.primary_key)))
        session.expunge_all()
    return found


def billed(desk: Desk) -> list[CostDay]:
    return [one for one in rows(desk, CostDay) if one.source is Source.BILLED]


def shares(desk: Desk) -> dict[int | Remainder, int]:
    """All days together, in cents."""
    sums: dict[int | Remainder, int] = defaultdict(int)
    for one in billed(desk):
        sums[one.workspace_id or one.remainder or Remainder.UNMARKED] += one.amount_minor
    return dict(sums)


def check_sums(desk: Desk) -> int:
    """Each day's shares are its total; returns the sum of all."""
    by_day: dict[object, int] = defaultdict(int)
    for one in billed(desk):
        by_day[one.day, one.currency] += one.amount_minor
    totals = {(one.day, one.currency): one.amount_minor for one in rows(desk, BilledTotal)}
    assert by_day == totals
    return sum(totals.values())


def truth(desk: Desk, **wanted: str) -> Decimal:
    """What the cloud really charges, all days together."""
    return sum(
        (Decimal(one["amount"]) for one in desk.sandbox.bill(account_id=ACCOUNT, **wanted)), Decimal(0)
    )


def cents(desk: Desk, workspace_id: int) -> int:
    """What the cloud really charges for this workspace."""
    machine = desk.row(workspace_id).cloud_workspace_id
    lines = desk.sandbox.bill(account_id=ACCOUNT)
    return round(sum(Decimal(one["amount"]) for one in lines if one["workspace_id"] == machine) * 100)


def two_desktops(desk: Desk, *usernames: str) -> tuple[int, int]:
    """For two days; the first one is stopped at night."""
    first, second = (desk.available(username=name) for name in usernames or ("sam.okafor", "mina.park"))
    for _ in range(2):
        later(desk, 8)
        desk.press(first, Action.STOP)
        desk.live_until(first, State.STOPPED)
        later(desk, 15)
        desk.press(first, Action.START)
        desk.live_until(first, State.AVAILABLE)
    return first, second


@pytest.mark.parametrize("with_resources", [True, False])
def test_workspaces_and_remainder_are_the_bill_to_the_cent(desk: Desk, with_resources: bool) -> None:
    desk.sandbox.set_bill(ACCOUNT, with_resources=with_resources, tags={"berth-claim": True})
    desk.sandbox.add_cost(ACCOUNT, day=f"{desk.clock.now():%Y-%m-%d}", amount="12.345")
    first, second = two_desktops(desk)
    desk.sandbox.set_settings(bill_lag_s=0)
    later(desk, 30)

    total = check_sums(desk)

    assert abs(total - truth(desk) * 100) < 100
    found = shares(desk)
    assert set(found) == {first, second, Remainder.UNMARKED}
    assert found[Remainder.UNMARKED] in (1234, 1235)
    assert found[first] < found[second]


def test_reading_again_changes_nothing_and_a_correction_only_what_it_corrects(desk: Desk) -> None:
    first, second = two_desktops(desk)
    desk.sandbox.set_settings(bill_lag_s=0)
    later(desk, 30)
    before = shares(desk)

    desk.sandbox.add_cost(
        ACCOUNT,
        day=f"{desk.clock.now() - timedelta(days=2):%Y-%m-%d}",
        amount="-1.50",
        workspace_id=desk.row(first).cloud_workspace_id,
    )
    later(desk, 0.2)
    assert shares(desk) == before
    later(desk, 25)

    after = shares(desk)
    assert check_sums(desk) == sum(after.values())
    assert abs(after[first] - cents(desk, first)) <= 3


def test_one_call_a_day_reads_the_bill(desk: Desk) -> None:
    two_desktops(desk)
    for _ in range(3):
        later(desk, 25)

    calls = desk.sandbox.ledger(service="ce", outcome="ok")
    of_bill = [line for line in calls if line["operation"].startswith("GetCostAndUsage")]
    days = [int(line["simulated_at"] // 86_400) for line in of_bill]
    assert len(days) == len(set(days)) >= 3
    # The nightly test asks once whether our tag counts.
    assert {line["operation"] for line in calls if line not in of_bill} <= {"ListCostAllocationTags"}


def test_a_key_that_may_not_read_costs_is_no_trouble(desk: Desk) -> None:
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["ce:*", "pricing:*"])

    workspace_id = desk.available()
    later(desk, 30)

    [reading] = rows(desk, BillReading)
    assert (reading.code, billed(desk)) == ("access_denied", [])
    assert desk.duty(READ_BILL).failure_code is None
    assert (desk.credential().blocked_code, desk.row(workspace_id).state) == (None, State.AVAILABLE)


@pytest.mark.parametrize("kind", ["http_503", "throttle", "drop_after", "garbage"])
def test_trouble_with_costs_holds_no_desktop_and_passes(desk: Desk, kind: str) -> None:
    for operation in ("GetCostAndUsage", "GetProducts"):
        desk.sandbox.add_fault(kind, operation=operation, times=1)
    workspace_id = desk.order()

    desk.live_until(workspace_id, State.AVAILABLE)

    assert desk.credential().blocked_code is None
    later(desk, 3)
    assert [desk.duty(name).failure_code for name in (READ_BILL, READ_PRICES)] == [None, None]
    assert rows(desk, ListPrice) and rows(desk, BillReading)


def test_an_account_that_does_not_show_machines_is_read_by_our_mark(desk: Desk) -> None:
    desk.sandbox.set_bill(ACCOUNT, with_resources=False)
    first, second = two_desktops(desk)
    for _ in range(2):
        later(desk, 25)

    [reading] = rows(desk, BillReading)
    assert (reading.code, reading.by_machine_refused_at is None) == (None, False)
    assert {first, second} <= set(shares(desk))


def test_what_was_read_by_machine_stays_when_our_mark_counts_nothing(desk: Desk) -> None:
    first, second = two_desktops(desk)
    desk.sandbox.set_settings(bill_lag_s=0)
    later(desk, 30)
    known = shares(desk)

    desk.sandbox.set_bill(ACCOUNT, with_resources=False, tags={"berth-claim": None})
    later(desk, 25)

    assert shares(desk)[first] >= known[first] - DAY_CENTS
    assert shares(desk)[second] >= known[second] - DAY_CENTS


def test_of_two_credentials_of_an_account_one_reads_its_bill_for_both(desk: Desk) -> None:
    first = desk.available(username="sam.okafor")
    desk.credential_id = desk.add_credential("Second")
    second = desk.available(username="mina.park")
    desk.sandbox.set_settings(bill_lag_s=0)
    later(desk, 30)

    assert len({one.credential_id for one in rows(desk, BilledTotal)}) == 1
    assert {first, second} <= set(shares(desk))
    check_sums(desk)


@both_databases
def test_a_key_that_takes_the_place_of_another_counts_nothing_twice(desk: Desk) -> None:
    first, second = two_desktops(desk)
    desk.sandbox.set_settings(bill_lag_s=0)
    later(desk, 30)
    before, known = check_sums(desk), shares(desk)
    for workspace_id in (first, second):
        desk.press(workspace_id, Action.TERMINATE)
        desk.live_until(workspace_id, State.TERMINATED)
    replaced, desk.credential_id = desk.credential_id, desk.add_credential("Second")
    credentials.delete_credential(desk.context, replaced, company_id=desk.provider.company_id or 0)
    later(desk, 25)

    found = shares(desk)
    assert abs(check_sums(desk) - truth(desk) * 100) < 100
    assert check_sums(desk) - before < 3 * DAY_CENTS
    assert known[first] <= found[first] and known[second] <= found[second] + DAY_CENTS
    assert {one.credential_id for one in rows(desk, BilledTotal)} >= {desk.credential_id}


@pytest.mark.parametrize("point", ["bill_read", "bill_written"])
@both_databases
def test_a_worker_that_dies_changes_no_cent(desk: Desk, point: str) -> None:
    two_desktops(desk)
    desk.sandbox.set_settings(bill_lag_s=0)
    desk.clock.pause(30 * HOUR_S)

    work_and_die(desk, point)
    later(desk, 1)

    assert abs(check_sums(desk) - truth(desk) * 100) < 100


def test_a_new_price_is_a_new_row_and_the_old_one_stays(desk: Desk) -> None:
    later(desk, 1)
    known = {(one.sku, one.part, one.valid_from): one.amount for one in rows(desk, ListPrice)}

    desk.sandbox.set_price(region=demo.DEMO_REGION, compute="STANDARD", mode="AUTO_STOP", hour="0.55")
    later(desk, 25)

    now = {(one.sku, one.part, one.valid_from): one.amount for one in rows(desk, ListPrice)}
    assert known.items() <= now.items()
    assert {amount for key, amount in now.items() if key not in known} == {"0.5500000000"}


def test_the_estimate_is_within_a_percent_of_the_bill(desk: Desk) -> None:
    both = two_desktops(desk)
    desk.sandbox.set_settings(bill_lag_s=0)
    later(desk, 25)

    truth_of = {workspace_id: cents(desk, workspace_id) for workspace_id in both}
    for workspace_id, billed in truth_of.items():
        workspace = queries.get_workspace(
            desk.session, workspace_id, company_id=desk.provider.company_id or 0
        )
        costs = costs_of(desk.context, workspace)
        [estimated], [amount] = costs.estimate.so_far, costs.billed.amounts
        assert (costs.estimate.is_complete, estimated.currency) == (True, "USD")
        assert abs(estimated.amount_minor - billed) <= billed * 0.01 + HOUR_CENTS
        assert abs(amount.amount_minor - billed) <= DAY_CENTS
    desk.session.rollback()
