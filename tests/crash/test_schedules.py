"""Schedules of orders, presses, kills and troubles, drawn from seeds: real processes, servers and drivers.

`python -m tests.crash` runs as many more as you ask for (docs/testing.md).
"""

import sys

import pytest

from tests.crash.harness import replay, schedule
from tests.servers import postgres

pytestmark = [
    pytest.mark.slow,
    pytest.mark.crash,
    pytest.mark.timeout(400),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes through /proc"),
]

STEPS = 40


@pytest.mark.parametrize(
    ("seed", "database"),
    [
        pytest.param(11, "sqlite", marks=pytest.mark.campaign),
        pytest.param(3, "postgresql", marks=pytest.mark.postgres),
    ],
)
def test_whatever_is_killed_or_spoiled_every_request_ends_in_one_machine(seed: int, database: str) -> None:
    if database == "postgresql" and not postgres.is_available():
        pytest.skip("the PostgreSQL binaries are not installed: bin/test installs them")
    outcome = replay.run(schedule.draw(seed, length=STEPS), database=database)

    assert outcome.broken == [], f"python -m tests.crash --schedules 1 --seed {seed} --database {database}"
    assert outcome.rows > 5 and outcome.kills > 3, f"a schedule that attacks nothing shows nothing: {outcome}"
