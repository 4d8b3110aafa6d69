"""The bill is read once on a day of the account, over many days, whatever chance adds to the times."""

from collections import Counter

import pytest

from tests.desk import Desk
from tests.engine.test_costs import to_the_middle_of_a_month
from webapp.domain.duties import READ_BILL
from webapp.engine.duties.catalog import DUTIES
from webapp.engine.reconcile import reconcile


@pytest.fixture(autouse=True)
def in_the_middle_of_a_month(desk: Desk) -> None:
    to_the_middle_of_a_month(desk)


def test_no_day_has_two_readings_of_the_bill(desk: Desk) -> None:
    """A worker comes as soon as it is due, and does nothing else."""
    for _ in range(25):
        desk.clock.pause(max((desk.duty(READ_BILL).due_at - desk.clock.now()).total_seconds(), 0))
        reconcile(desk.engine, desk.credential_id, duties=[one for one in DUTIES if one.name == READ_BILL])

    calls = desk.sandbox.ledger(service="ce", outcome="ok")
    of_bill = [line for line in calls if line["operation"].startswith("GetCostAndUsage")]
    days = Counter(int(line["simulated_at"] // 86_400) for line in of_bill)
    assert max(days.values()) == 1
    assert len(days) >= 24
