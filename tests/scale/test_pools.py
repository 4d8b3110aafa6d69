"""Desktops that a warm pool has given away or ended cost its pages nothing."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, select

from tests.desk import Desk
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
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
        if "pool_desktops" in text:
            asked.append((text, values))

    with desk.sessions() as session:
        session.execute(select(1))
        event.listen(desk.database, "before_cursor_execute", note)
        read(session)
        event.remove(desk.database, "before_cursor_execute", note)
        connection = session.connection()
        plans = [
            [step[3] for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
            for text, values in asked
        ]

    assert [BY_STATE in " ".join(plan) for plan in plans] == [True]
