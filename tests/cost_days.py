"""Days of costs as the duties write them, with the sums of their month."""

from datetime import date, timedelta

import pytest

from jobs import DUE
from tests.desk import Desk
from webapp.domain.costs.bills import Remainder, Source
from webapp.domain.costs.spans import month_of
from webapp.engine.cost_sums import sum_months
from webapp.engine.sweep import Sweeper
from webapp.models import CostDay, UnpricedDay

HOUR_S = 3600


class Killed(BaseException):
    """The worker is gone."""


def later(desk: Desk, hours: float) -> None:
    """The scheduler was away so long; then whatever is due is done."""
    desk.clock.pause(hours * HOUR_S)
    desk.sweep()
    desk.live(300)


def work_and_die(desk: Desk, point: str) -> None:
    """A worker begins what is due, and is killed when it reaches this crash point."""

    def die(name: str) -> None:
        if name == point:
            raise Killed

    with pytest.raises(Killed):
        Sweeper(desk.sessions, desk.clock, desk.notifier, DUE).sweep()
        desk.work(desk.make_engine(crashpoint=die))


def today(desk: Desk) -> date:
    return desk.clock.now().date()


def yesterday(desk: Desk) -> date:
    return today(desk) - timedelta(days=1)


def add_day(
    desk: Desk,
    of: int | Remainder,
    *,
    estimated: int | None = None,
    billed: int | None = None,
    currency: str = "USD",
    day: date | None = None,
    pool_id: int | None = None,
) -> None:
    """Of a workspace, or a remainder, perhaps of a pool; in minor units. Without `day` it is yesterday's."""
    when = day or yesterday(desk)
    company = desk.provider.company_id or 0
    with desk.sessions.begin() as session:
        for source, amount in ((Source.ESTIMATED, estimated), (Source.BILLED, billed)):
            if amount is not None:
                session.add(
                    CostDay(
                        company_id=company,
                        credential_id=desk.credential_id,
                        day=when,
                        currency=currency,
                        source=source,
                        workspace_id=None if isinstance(of, Remainder) else of,
                        remainder=of if isinstance(of, Remainder) else None,
                        pool_id=pool_id,
                        amount_minor=amount,
                    )
                )
        session.flush()
        sum_months(session, company, [month_of(when)])


def add_unpriced_day(desk: Desk, workspace_id: int) -> None:
    """Yesterday a part of it had no known price."""
    company = desk.provider.company_id or 0
    with desk.sessions.begin() as session:
        session.add(
            UnpricedDay(
                workspace_id=workspace_id,
                day=yesterday(desk),
                company_id=company,
                credential_id=desk.credential_id,
            )
        )
        session.flush()
        sum_months(session, company, [month_of(yesterday(desk))])
