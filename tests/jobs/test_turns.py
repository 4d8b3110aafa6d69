"""Whose turn it is: people first, routine never last for ever, and no account keeps a worker to itself."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import redis

from jobs import worker
from jobs.safe_worker import MOST_FIRST_IN_A_ROW, SafeWorker
from tests.desk import Desk, RecordingNotifier
from tests.servers.valkey import Valkey
from webapp.domain.lifecycle import CloudState
from webapp.engine.reconcile import reconcile
from webapp.queueing import JobName, RedisNotifier

LOOK_SIZE = 25


class OrderOnly(SafeWorker):
    """Takes its jobs as ours do, and only writes down which."""

    taken: list[int]

    def execute_job(self, job: Any, queue: Any) -> None:
        self.taken.append(job.args[0])


@pytest.fixture
def taken(desk: Desk, valkey_server: Valkey, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[int]]:
    monkeypatch.setattr(worker, "SafeWorker", OrderOnly)
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
    made = worker.make_worker("reconcile", replace(desk.settings, redis_url=valkey_server.url))
    assert isinstance(made, OrderOnly)
    made.taken = []

    def work() -> list[int]:
        made.work(burst=True, logging_level="CRITICAL")
        return made.taken

    return work


def test_a_press_overtakes_all_accounts_whose_routine_is_due(
    taken: Callable[[], list[int]], valkey_server: Valkey
) -> None:
    notifier = RedisNotifier(valkey_server.url)
    notifier.notify_due([(JobName.RECONCILE, number) for number in range(1, 101)])
    notifier.notify(JobName.RECONCILE, 70)

    order = taken()

    assert order[0] == 70
    assert sorted(order) == list(range(1, 101))


def test_people_who_never_stop_pressing_leave_routine_its_turn(
    taken: Callable[[], list[int]], valkey_server: Valkey
) -> None:
    notifier = RedisNotifier(valkey_server.url)
    notifier.notify_due([(JobName.RECONCILE, 1), (JobName.RECONCILE, 2)])
    for pressed in range(100, 100 + 3 * MOST_FIRST_IN_A_ROW):
        notifier.notify(JobName.RECONCILE, pressed)

    order = taken()

    assert order.index(1) == MOST_FIRST_IN_A_ROW
    assert order.index(2) == 2 * MOST_FIRST_IN_A_ROW + 1
    assert [one for one in order if one >= 100] == sorted(one for one in order if one >= 100)


class Impatient(RecordingNotifier):
    """Somebody has pressed something on another account."""

    def is_other_pressed(self, *_: object) -> bool:
        return True


def test_a_run_gives_way_after_each_step_and_goes_on_later(desk: Desk) -> None:
    ids = [desk.order() for _ in range(LOOK_SIZE + 5)]
    desk.work()
    desk.clock.pause(desk.engine.poll.total_seconds() * 1.1)
    before, notifier = len(desk.calls("DescribeWorkspaces")), Impatient()
    hurried = desk.make_engine(notifier=notifier)

    runs = 0
    while runs == 0 or notifier.notifications:
        notifier.notifications.clear()
        reconcile(hurried, desk.credential_id)
        runs += 1

    assert runs >= 2
    assert len(desk.calls("DescribeWorkspaces")) - before == 2
    assert {desk.row(one).cloud_state for one in ids} == {CloudState.PENDING}
