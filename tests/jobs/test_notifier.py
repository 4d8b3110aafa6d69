"""The notifier: one job for one subject, no click ever fails on it, and the sweep makes up for its loss."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
import redis
from rq import Queue
from rq.serializers import JSONSerializer

from jobs import DUE
from tests.desk import Desk
from tests.servers.valkey import Valkey
from webapp.domain.rates import Rate
from webapp.engine.limiter import LocalLimiter, SharedLimiter
from webapp.engine.sweep import Sweeper
from webapp.models import CloudCredential, Workspace
from webapp.queueing import QUEUE_LIMIT, JobName, RedisNotifier, notification_key


@pytest.fixture
def queue(valkey_server: Valkey) -> Iterator[Queue]:
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
        yield Queue("reconcile", connection=client, serializer=JSONSerializer)


@pytest.fixture
def redis_notifier(valkey_server: Valkey) -> RedisNotifier:
    return RedisNotifier(valkey_server.url)


def test_a_notification_carries_an_id_and_nothing_else(queue: Queue, redis_notifier: RedisNotifier) -> None:
    redis_notifier.notify(JobName.RECONCILE, 42)

    (job,) = queue.get_jobs()
    assert (job.func_name, job.args, job.kwargs, job.meta) == ("jobs.reconcile", [42], {}, {})


def test_notifying_twice_is_one_job_until_it_is_acknowledged(
    queue: Queue, redis_notifier: RedisNotifier
) -> None:
    for _ in range(3):
        redis_notifier.notify(JobName.RECONCILE, 42)
    assert queue.count == 1

    redis_notifier.acknowledge(JobName.RECONCILE, 42)
    redis_notifier.notify(JobName.RECONCILE, 42)

    assert queue.count == 2


def test_different_subjects_are_notified_separately(queue: Queue, redis_notifier: RedisNotifier) -> None:
    redis_notifier.notify(JobName.RECONCILE, 42)
    redis_notifier.notify(JobName.RECONCILE, 43)
    redis_notifier.notify(JobName.ANSWER, 42)

    assert queue.count == 2


def test_a_notification_that_nobody_acknowledges_can_be_repeated_after_a_while(
    queue: Queue, redis_notifier: RedisNotifier
) -> None:
    redis_notifier.notify(JobName.RECONCILE, 42)

    assert 0 < queue.connection.ttl(notification_key(JobName.RECONCILE, 42)) <= 5


def test_a_queue_without_workers_does_not_grow_for_ever(queue: Queue, redis_notifier: RedisNotifier) -> None:
    queue.connection.rpush(queue.key, *range(QUEUE_LIMIT))

    redis_notifier.notify(JobName.RECONCILE, 42)

    assert queue.count == QUEUE_LIMIT


def test_a_click_does_not_notice_that_the_queue_is_unavailable(caplog: pytest.LogCaptureFixture) -> None:
    away = RedisNotifier("unix:///nowhere/at/all")

    with caplog.at_level(logging.WARNING):
        away.notify(JobName.RECONCILE, 42)
        away.acknowledge(JobName.RECONCILE, 42)

    assert [record.getMessage() for record in caplog.records] == [
        "the notification was not queued",
        "the queue is unavailable",
    ]


def test_a_wiped_queue_is_filled_again_by_the_sweep(
    desk: Desk, queue: Queue, redis_notifier: RedisNotifier
) -> None:
    sweeper = Sweeper(desk.sessions, desk.clock, redis_notifier, DUE)
    desk.order()
    sweeper.sweep()
    queue.connection.flushall()
    assert queue.count == 0

    sweeper.sweep()

    assert [job.args for job in queue.get_jobs()] == [[desk.credential_id]]


def _notifications(desk: Desk) -> list[tuple[JobName, int]]:
    """What one sweep notifies of, without the hourly deletion of old rows."""
    desk.notifier.notifications.clear()
    Sweeper(desk.sessions, desk.clock, desk.notifier, DUE).sweep()
    return [one for one in desk.notifier.notifications if one[0] is not JobName.PRUNE]


def _set(desk: Desk, **changes: object) -> None:
    with desk.sessions.begin() as session:
        credential = session.get_one(CloudCredential, desk.credential_id)
        for name, value in changes.items():
            setattr(credential, name, value)


def test_the_sweep_notifies_about_an_account_only_when_something_is_due(desk: Desk) -> None:
    assert _notifications(desk) == []
    workspace_id = desk.order()

    assert _notifications(desk) == [(JobName.RECONCILE, desk.credential_id)]

    with desk.sessions.begin() as session:
        session.get_one(Workspace, workspace_id).due_at = None
    assert _notifications(desk) == []


def test_one_account_with_many_due_rows_is_notified_once(desk: Desk) -> None:
    for _ in range(3):
        desk.order()

    assert _notifications(desk) == [(JobName.RECONCILE, desk.credential_id)]


def test_a_blocked_account_is_left_alone_until_its_time(desk: Desk) -> None:
    desk.order()
    now = desk.clock.now()
    _set(desk, blocked_code="invalid_key", blocked_at=now, blocked_until=desk.clock.now().replace(minute=5))
    assert _notifications(desk) == []

    desk.clock.pause(5 * 60)

    assert _notifications(desk) == [(JobName.RECONCILE, desk.credential_id)]


def test_a_leased_account_is_left_alone_until_its_lease_is_over(desk: Desk) -> None:
    desk.order()
    _set(desk, lease_until=desk.clock.now().replace(minute=1))
    assert _notifications(desk) == []

    desk.clock.pause(61)

    assert _notifications(desk) == [(JobName.RECONCILE, desk.credential_id)]


RATE = Rate(per_s=2.0, burst=3)


def test_the_shared_limit_gives_its_burst_and_then_makes_everybody_wait(desk: Desk, queue: Queue) -> None:
    url = f"unix://{queue.connection.connection_pool.connection_kwargs['path']}"
    first, second = SharedLimiter(url, desk.clock), SharedLimiter(url, desk.clock)
    slow = replace(RATE, per_s=0.001)

    waits = [limiter.take("account", slow) for limiter in (first, second, first, second, first)]

    assert waits[:3] == [0.0, 0.0, 0.0]
    assert all(900 < wait <= 1000 for wait in waits[3:])
    assert first.take("another account", slow) == 0.0


def test_the_shared_limit_forgets_accounts_that_are_quiet(desk: Desk, queue: Queue) -> None:
    url = f"unix://{queue.connection.connection_pool.connection_kwargs['path']}"
    SharedLimiter(url, desk.clock).take("account", RATE)

    assert 0 < queue.connection.pttl("berth:rate:account") <= 2500


def test_without_redis_a_process_keeps_the_rate_by_itself(desk: Desk) -> None:
    limiter = SharedLimiter("unix:///nowhere/at/all", desk.clock)

    waits = [limiter.take("account", RATE) for _ in range(4)]

    assert waits == [0.0, 0.0, 0.0, 0.5]


def test_a_local_limit_never_gives_more_than_the_rate(desk: Desk) -> None:
    limiter, taken = LocalLimiter(desk.clock), 0
    for _ in range(100):
        taken += limiter.take("account", RATE) == 0.0
        desk.clock.elapsed_s += 0.1

    assert RATE.burst + 10 * RATE.per_s - 1 <= taken <= RATE.burst + 10 * RATE.per_s
