"""Desktops that a warm pool has given away or ended cost its pages nothing."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.desk import Desk
from tests.plans import noted, plans_of
from webapp.domain.costs.budgets import Subject
from webapp.models import Budget
from webapp.queries.budgets import read_spending
from webapp.queries.pools import count_desktops

BY_STATE = "INDEX ix_pool_desktops_pool_id_state (pool_id=? AND state=?)"


def count(session: Any) -> None:
    count_desktops(session, company_id=1)


def spend(session: Any) -> None:
    budget = Budget(id=1, company_id=1, subject=Subject.COMPANY, key="company", currency="USD", month_minor=1)
    read_spending(session, [budget], company_id=1, day=date(2026, 11, 24))


@pytest.mark.parametrize("read", [count, spend])
def test_they_are_found_by_pool_and_state(desk: Desk, read: Any) -> None:
    with desk.sessions() as session:
        session.execute(select(1))
        with noted(desk.database, "pool_desktops") as asked:
            read(session)
        plans = plans_of(session, asked)

    assert [BY_STATE in " ".join(plan) for plan in plans] == [True]
