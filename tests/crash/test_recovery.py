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
]


def test_work_goes_on_within_one_lease_after_every_worker_was_killed(
    make_world: Callable[..., World],
) -> None:
    figures = recovery(make_world(poll_interval_s=300, speed=4.0), orders=100)

    assert figures["machines"] == 100
    assert figures["held"] > 0, "nobody died at work: that shows nothing"
    assert figures["violations"] == []
