"""Every worker is killed in the middle of many orders; the work goes on within one lease of the restart."""

import sys
from collections.abc import Callable

import pytest

from tests.crash.harness.campaigns import recovery
from tests.crash.harness.world import World

pytestmark = [
    pytest.mark.slow,
    pytest.mark.crash,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes through /proc"),
    pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]),
]


def test_work_goes_on_within_one_lease_after_every_worker_was_killed(
    make_world: Callable[..., World], database: str
) -> None:
    figures = recovery(make_world(database=database, poll_interval_s=120), orders=100)

    assert figures["machines"] == 100
    assert figures["violations"] == []
