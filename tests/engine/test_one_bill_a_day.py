"""The bill is read once on a day of the account, over many days, whatever chance adds to the times."""

from collections import Counter

import pytest

from tests.desk import Desk
from tests.engine.test_costs import to_the_middle_of_a_month


@pytest.fixture(autouse=True)
def in_the_middle_of_a_month(desk: Desk) -> None:
    to_the_middle_of_a_month(desk)


def test_no_day_has_two_readings_of_the_bill(desk: Desk) -> None:
    for _ in range(24 * 25):
        desk.clock.pause(3600)
        desk.sweep()
        desk.work()

    calls = desk.sandbox.ledger(service="ce", outcome="ok")
    of_bill = [line for line in calls if line["operation"].startswith("GetCostAndUsage")]
    days = Counter(int(line["simulated_at"] // 86_400) for line in of_bill)
    assert max(days.values()) == 1
    assert len(days) >= 24
