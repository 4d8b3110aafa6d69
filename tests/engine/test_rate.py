"""How fully the rate limit of an account is used; bench/rate.py measures more of it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sandbox.aws.throttle import BURST, CALLS_PER_S
from sandbox.control import Sandbox
from tests.desk import Desk, RecordingNotifier, StoryClock
from webapp.config import Settings
from webapp.engine.reconcile import reconcile

BATCH = 25


@pytest.fixture
def hurried(
    settings: Settings, clock: StoryClock, notifier: RecordingNotifier, sandbox: Sandbox
) -> Iterator[Desk]:
    """A desk that wants to look every second: with three batches that is more than the limit allows."""
    made = Desk(
        settings=replace(settings, poll_interval_s=1), clock=clock, notifier=notifier, sandbox=sandbox
    )
    yield made
    made.close()


def test_while_work_waits_the_limit_is_used_and_never_exceeded(hurried: Desk) -> None:
    for _ in range(2 * BATCH + 1):
        hurried.order()
    hurried.clock.pause(60)  # the bucket is full
    before, seconds = len(hurried.sandbox.ledger(service="workspaces")), 20.0
    end_s = hurried.clock.elapsed_s + seconds

    while hurried.clock.elapsed_s < end_s:
        before_s = hurried.clock.elapsed_s
        reconcile(hurried.engine, hurried.credential_id)  # one run: waiting work notifies without end
        if hurried.clock.elapsed_s == before_s:
            hurried.clock.pause(0.1)  # nothing was due

    calls = hurried.sandbox.ledger(service="workspaces")[before:]
    sent = [call for call in calls if call["simulated_at"] <= calls[0]["simulated_at"] + seconds]
    assert {call["outcome"] for call in calls} == {"ok"}
    assert len(sent) >= 0.9 * (BURST + CALLS_PER_S * seconds)
