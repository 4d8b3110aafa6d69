"""The notifier: one entry a subject, people first, no click fails on it, the sweep makes up for its loss."""

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
from webapp.engine.trail_chain import chain_trail
from webapp.models import CloudCredential, Schedule
from webapp.queueing import JobName, RedisNotifier, queue_keys

HOURLY = (JobName.PRUNE, JobName.RECORDS, JobName.DIGEST)
"""What is due by the clock alone, for the whole installation."""


@pytest.fixture
def queue(valkey_server: Valkey) -> Iterator[Queue]:
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
        yield Queue("reconcile", connection=client, serializer=JSONSerializer)


@pytest.fixture
def redis_notifier(valkey_server: Valkey) -> RedisNotifier:
    return RedisNotifier(valkey_server.url)


def waiting(queue: Queue) -> tuple[list[str], list[str]]:
    """The entries of the first queue and of the other."""
    first, other = (queue.connection.lrange(key, 0, -1) for key in queue_keys(queue.name))
    return [one.decode() for one in first], [one.decode() for one in other]


def test_a_notification_is_a_name_and_a_number_and_nothing_else_in_redis(
    queue: Queue, redis_notifier: RedisNotifier
) -> None:
    redis_notifier.notify(JobName.RECONCILE, 42)
    redis_notifier.notify_due([(JobName.RECONCILE, 43)])

    assert waiting(queue) == (["reconcile-42"], ["reconcile-43"])
    assert sorted(queue.connection.keys()) == [key.encode() for key in sorted(queue_keys("reconcile"))]


def test_a_subject_waits_once_however_often_it_is_notified(
    queue: Queue, redis_notifier: RedisNotifier
) -> None:
    for _ in range(3):
        redis_notifier.notify(JobName.RECONCILE, 42)
        redis_notifier.notify_due([(JobName.RECONCILE, 42), (JobName.RECONCILE, 43), (JobName.RECONCILE, 43)])

    assert waiting(queue) == (["reconcile-42"], ["reconcile-43"])


def test_a_subject_that_a_worker_has_taken_waits_again(queue: Queue, redis_notifier: RedisNotifier) -> None:
    redis_notifier.notify(JobName.RECONCILE, 42)
    queue.connection.lpop(queue_keys("reconcile")[0])

    redis_notifier.notify(JobName.RECONCILE, 42)

    assert waiting(queue) == (["reconcile-42"], [])


def test_what_a_person_pressed_goes_before_all_routine_in_the_order_of_the_presses(
    queue: Queue, redis_notifier: RedisNotifier
) -> None:
    redis_notifier.notify_due([(JobName.RECONCILE, number) for number in range(1, 1001)])

    for pressed in (700, 300, 700, 2000):
        redis_notifier.notify(JobName.RECONCILE, pressed)

    first, other = waiting(queue)
    assert first == ["reconcile-700", "reconcile-300", "reconcile-2000"]
    assert len(other) == 998
    assert set(first).isdisjoint(other)


def test_a_thousand_due_accounts_are_a_thousand_entries_after_five_minutes_of_sweeps(
    queue: Queue, redis_notifier: RedisNotifier
) -> None:
    due = [(JobName.RECONCILE, number) for number in range(1, 1001)]
    requests = queue.connection.info("commandstats").get("cmdstat_evalsha", {}).get("calls", 0)

    for _ in range(600):
        redis_notifier.notify_due(due)

    assert waiting(queue) == ([], [f"reconcile-{number}" for number in range(1, 1001)])
    assert queue.connection.info("commandstats")["cmdstat_evalsha"]["calls"] - requests <= 601


def test_different_jobs_are_notified_separately(queue: Queue, redis_notifier: RedisNotifier) -> None:
    redis_notifier.notify_due([(JobName.RECONCILE, 42), (JobName.ANSWER, 42)])

    assert waiting(queue) == ([], ["reconcile-42"])
    assert queue.connection.lrange(queue_keys("ask")[1], 0, -1) == [b"answer-42"]


def test_another_account_that_waits_is_noticed_and_the_own_is_not(
    queue: Queue, redis_notifier: RedisNotifier
) -> None:
    redis_notifier.notify(JobName.RECONCILE, 42)
    redis_notifier.notify_due([(JobName.RECONCILE, 43)])
    alone = redis_notifier.is_other_pressed(JobName.RECONCILE, 42)

    redis_notifier.notify(JobName.RECONCILE, 44)

    assert not alone
    assert redis_notifier.is_other_pressed(JobName.RECONCILE, 42)
    assert redis_notifier.is_other_pressed(JobName.RECONCILE, 44)


def test_a_click_does_not_notice_that_the_queue_is_unavailable(caplog: pytest.LogCaptureFixture) -> None:
    away = RedisNotifier("unix:///nowhere/at/all")

    with caplog.at_level(logging.WARNING):
        away.notify(JobName.RECONCILE, 42)
        away.notify_due([(JobName.RECONCILE, 42)])
        assert not away.is_other_pressed(JobName.RECONCILE, 42)

    assert [record.getMessage() for record in caplog.records] == ["the notification was not queued"] * 2


def test_a_wiped_queue_is_filled_again_by_the_sweep(
    desk: Desk, queue: Queue, redis_notifier: RedisNotifier
) -> None:
    sweeper = Sweeper(desk.sessions, desk.clock, redis_notifier, DUE)
    desk.order()
    sweeper.sweep()
    queue.connection.flushall()
    assert waiting(queue) == ([], [])

    sweeper.sweep()

    assert waiting(queue) == ([], [f"reconcile-{desk.credential_id}"])


def _notifications(desk: Desk) -> list[tuple[JobName, int]]:
    """What one sweep notifies of, without what the clock alone makes due."""
    desk.notifier.notifications.clear()
    Sweeper(desk.sessions, desk.clock, desk.notifier, DUE).sweep()
    return [one for one in desk.notifier.notifications if one[0] not in HOURLY]


def _set(desk: Desk, **changes: object) -> None:
    with desk.sessions.begin() as session:
        credential = session.get_one(CloudCredential, desk.credential_id)
        for name, value in changes.items():
            setattr(credential, name, value)


def test_the_sweep_notifies_about_an_account_only_when_something_is_due(desk: Desk) -> None:
    chain_trail(desk.engine, 1)
    assert _notifications(desk) == []
    workspace_id = desk.order()

    assert _notifications(desk) == [(JobName.RECONCILE, desk.credential_id)]

    with desk.sessions.begin() as session:
        session.get_one(Schedule, workspace_id).due_at = None
    assert _notifications(desk) == []


def test_one_account_with_many_due_rows_is_notified_once(desk: Desk) -> None:
    chain_trail(desk.engine, 1)
    for _ in range(3):
        desk.order()

    assert _notifications(desk) == [(JobName.RECONCILE, desk.credential_id)]


def test_a_blocked_account_is_left_alone_until_its_time(desk: Desk) -> None:
    chain_trail(desk.engine, 1)
    desk.order()
    now = desk.clock.now()
    _set(desk, blocked_code="invalid_key", blocked_at=now, blocked_until=desk.clock.now().replace(minute=5))
    assert _notifications(desk) == []

    desk.clock.pause(5 * 60)

    assert _notifications(desk) == [(JobName.RECONCILE, desk.credential_id)]


def test_a_leased_account_is_left_alone_until_its_lease_is_over(desk: Desk) -> None:
    chain_trail(desk.engine, 1)
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


def test_without_redis_jobs_one_after_the_other_keep_the_rate(desk: Desk) -> None:
    def run(calls: int) -> None:
        """A job of its own, which knows nothing of the one before."""
        limiter = SharedLimiter("unix:///nowhere/at/all", desk.clock)
        for _ in range(calls):
            while (wait_s := limiter.take("account", RATE)) > 0:
                desk.clock.pause(wait_s)

    before_s = desk.clock.elapsed_s
    for calls in (1, 4, 1, 1, 3):
        run(calls)

    assert desk.clock.elapsed_s - before_s == pytest.approx(10 / RATE.per_s)


def test_a_local_limit_never_gives_more_than_the_rate(desk: Desk) -> None:
    limiter, taken = LocalLimiter(desk.clock), 0
    for _ in range(100):
        taken += limiter.take("account", RATE) == 0.0
        desk.clock.elapsed_s += 0.1

    assert RATE.burst + 10 * RATE.per_s - 1 <= taken <= RATE.burst + 10 * RATE.per_s
