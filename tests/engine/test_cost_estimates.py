"""The days that are over are estimated once a day, and each month is added up to the cent."""

from collections import defaultdict
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update

from sandbox import demo
from tests.conftest import both_databases
from tests.cost_days import HOUR_S, later, work_and_die
from tests.desk import Desk
from webapp.domain.costs.bills import Source
from webapp.domain.costs.groups import Dimension
from webapp.domain.costs.spans import month_of
from webapp.domain.lifecycle import Action, State
from webapp.models import BilledTotal, CostDay, CostMonth, CostSum, ListPrice, UnpricedDay, Workspace
from webapp.queries import workspaces as queries
from webapp.services.costs import costs_of

GROUPED = (Dimension.DESKTOP, Dimension.JOB, Dimension.PERSON, Dimension.BUNDLE, Dimension.CLOUD)


@pytest.fixture(autouse=True)
def in_the_middle_of_a_month(desk: Desk) -> None:
    _go_to(desk, 10)


def _go_to(desk: Desk, day: int) -> None:
    now = desk.clock.now()
    begin = (now.replace(day=1) + timedelta(days=40)).replace(day=day, hour=6, minute=0)
    desk.clock.pause((begin - now).total_seconds())
    desk.sandbox.set_now(begin.timestamp())


def estimated(desk: Desk) -> dict[tuple[int, date], int]:
    with desk.sessions.begin() as session:
        rows = session.execute(
            select(CostDay.workspace_id, CostDay.day, CostDay.amount_minor).where(
                CostDay.source == Source.ESTIMATED
            )
        ).all()
    found = {(row[0] or 0, row.day): row.amount_minor for row in rows}
    assert len(found) == len(rows), "a day is stored twice"
    return found


def without_prices(desk: Desk) -> None:
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["pricing:*", "ce:*"])
    with desk.sessions.begin() as session:
        session.execute(delete(ListPrice))


def sums(desk: Desk) -> dict[Dimension, tuple[int, int]]:
    """By dimension: all estimated, and all billed, of all months."""
    found: dict[Dimension, tuple[int, int]] = defaultdict(lambda: (0, 0))
    with desk.sessions.begin() as session:
        for one in session.scalars(select(CostSum)):
            assert one.currency == "USD"
            before = found[one.dimension]
            found[one.dimension] = (before[0] + one.estimated_minor, before[1] + one.billed_minor)
    return dict(found)


def test_each_finished_day_is_estimated_and_the_current_one_is_not(desk: Desk) -> None:
    workspace_id = desk.available()
    for _ in range(3):
        later(desk, 24)

    today = desk.clock.now().date()
    assert set(estimated(desk)) == {(workspace_id, today - timedelta(days=back)) for back in (1, 2, 3)}
    assert all(amount > 0 for amount in estimated(desk).values())


def test_the_days_add_up_to_the_estimate_of_the_desktops_page(desk: Desk) -> None:
    workspace_id = desk.available()
    later(desk, 24)
    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)
    for _ in range(2):
        later(desk, 24)

    workspace = queries.get_workspace(desk.session, workspace_id, company_id=desk.provider.company_id or 0)
    [so_far] = costs_of(desk.context, workspace).estimate.so_far
    desk.session.rollback()

    # Stopped since the day before yesterday: today adds nothing.
    assert sum(estimated(desk).values()) == so_far.amount_minor


@both_databases
def test_every_grouping_of_a_month_is_the_bill_to_the_cent(desk: Desk) -> None:
    desk.sandbox.set_settings(bill_lag_s=0)
    desk.sandbox.add_cost(demo.DEMO_ACCOUNT_ID, day=f"{desk.clock.now():%Y-%m-%d}", amount="12.345")
    desk.available(username="sam.okafor")
    desk.available(username="mina.park")
    for _ in range(2):
        later(desk, 25)

    found = sums(desk)
    with desk.sessions.begin() as session:
        billed = sum(session.scalars(select(BilledTotal.amount_minor)))
    remainder = found[Dimension.REMAINDER][1]
    total = sum(estimated(desk).values())
    assert found[Dimension.DAY] == (total, billed)
    assert {one: found[one] for one in (*GROUPED, Dimension.CREDENTIAL)} == dict.fromkeys(
        (*GROUPED, Dimension.CREDENTIAL), (total, billed - remainder)
    )
    assert total > 0 and billed > remainder > 0


def test_a_price_that_is_not_known_is_counted_and_never_zero(desk: Desk) -> None:
    without_prices(desk)
    desk.available()
    for _ in range(2):
        later(desk, 24)

    assert estimated(desk) == {}
    with desk.sessions.begin() as session:
        month = session.get_one(CostMonth, (desk.provider.company_id or 0, month_of(desk.clock.now().date())))
        assert month.unpriced_desktops == 1
        assert len(session.scalars(select(UnpricedDay)).all()) == 2
        assert session.scalars(select(CostSum)).all() == []


def test_a_price_that_comes_later_reaches_the_days_of_the_month(desk: Desk) -> None:
    without_prices(desk)
    workspace_id = desk.available()
    for _ in range(2):
        later(desk, 24)
    assert estimated(desk) == {}
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[])
    for _ in range(2):
        later(desk, 24)
    with desk.sessions.begin() as session:
        session.execute(update(ListPrice).values(valid_from=date(2020, 1, 1)))
    later(desk, 24)

    assert {one for one, _ in estimated(desk)} == {workspace_id}
    assert len(estimated(desk)) == 5
    with desk.sessions.begin() as session:
        assert session.scalars(select(UnpricedDay)).all() == []
        assert set(session.scalars(select(CostMonth.unpriced_desktops))) == {0}


def test_the_last_day_of_a_month_is_estimated_in_the_next(desk: Desk) -> None:
    _go_to(desk, 1)
    desk.clock.pause(-HOUR_S * 48)  # in the morning: each night falls between two looks, whenever it is
    desk.sandbox.set_now(desk.clock.now().timestamp())
    desk.available()
    for _ in range(2):
        later(desk, 24)

    days = sorted(day for _, day in estimated(desk))
    with desk.sessions.begin() as session:
        months = set(session.scalars(select(CostSum.month).where(CostSum.is_estimated)))
    assert months == {month_of(day) for day in days}
    assert days[-1] == desk.clock.now().date() - timedelta(days=1)


@pytest.mark.parametrize("point", ["costs_estimated", "estimate_written"])
@both_databases
def test_a_worker_that_dies_changes_no_cent(desk: Desk, point: str) -> None:
    desk.available()
    desk.clock.pause(24 * HOUR_S)

    work_and_die(desk, point)
    after_death = estimated(desk)
    later(desk, 1)

    assert len(estimated(desk)) == 1
    assert after_death in ({}, estimated(desk))
    assert sums(desk)[Dimension.DAY][0] == sum(estimated(desk).values())


def test_a_desktop_that_has_ended_keeps_its_days(desk: Desk) -> None:
    workspace_id = desk.available()
    later(desk, 24)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    for _ in range(3):
        later(desk, 24)

    assert len(estimated(desk)) == 2
    with desk.sessions.begin() as session:
        assert session.get_one(Workspace, workspace_id).terminated_at is not None
