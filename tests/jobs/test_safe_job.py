"""Whoever can write to the queue can cause a look at a row, and nothing else."""

import json
import os
import socket
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from rq import Queue, SimpleWorker
from rq.serializers import DefaultSerializer, JSONSerializer
from rq.webhook import Webhook

import jobs
from jobs import runtime
from jobs.safe_job import Refused, SafeJob
from tests.servers.valkey import Valkey
from webapp.queueing import JobName, RedisNotifier, first_queue, queue_keys, queue_of

RAN: list[tuple[JobName, int]] = []
TRACE = "BERTH_TEST_A_HOSTILE_JOB_RAN"


@pytest.fixture
def connection(valkey_server: Valkey) -> Iterator["redis.Redis[bytes]"]:
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
        yield client


@pytest.fixture(autouse=True)
def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our jobs only say that they were run; what they do is tested with the engine."""
    RAN.clear()
    monkeypatch.delenv(TRACE, raising=False)
    monkeypatch.setattr(runtime, "run", lambda name, _work, subject_id: RAN.append((name, subject_id)))


def _work(connection: "redis.Redis[bytes]", queue_name: str = "reconcile") -> SimpleWorker:
    """One round of a worker with our job class, in this process."""
    queues = [
        Queue(name, connection=connection, serializer=JSONSerializer, job_class=SafeJob)
        for name in (first_queue(queue_name), queue_name)
    ]
    worker = SimpleWorker(queues, connection=connection, job_class=SafeJob, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="CRITICAL")
    return worker


def _push(connection: "redis.Redis[bytes]", **changes: Any) -> str:
    """A job as an intruder with access to Redis would write it, field by field."""
    queue = Queue("reconcile", connection=connection, serializer=JSONSerializer)
    job_id = queue.enqueue_call(JobName.RECONCILE.value, args=(7,)).id
    if changes:
        connection.hset(f"rq:job:{job_id}", mapping=changes)
    return job_id


def _data(function: str, args: Any = (), kwargs: Any = None, instance: Any = None) -> bytes:
    return zlib.compress(json.dumps([function, instance, list(args), kwargs or {}]).encode())


@pytest.mark.parametrize("name", JobName)
def test_a_notification_runs_its_job(
    connection: "redis.Redis[bytes]", valkey_server: Valkey, name: JobName
) -> None:
    RedisNotifier(valkey_server.url).notify(name, 42)

    _work(connection, queue_of(name))

    assert [(name, 42)] == RAN


def test_a_job_that_has_run_leaves_nothing_behind(
    connection: "redis.Redis[bytes]", valkey_server: Valkey
) -> None:
    RedisNotifier(valkey_server.url).notify(JobName.RECONCILE, 42)

    _work(connection)

    assert [(JobName.RECONCILE, 42)] == RAN
    assert connection.keys("rq:job:*") == connection.keys("rq:queue:*") == []


def test_an_entry_that_is_not_exactly_ours_runs_nothing(connection: "redis.Redis[bytes]") -> None:
    entries = (
        "reconcile-",
        "reconcile--1",
        "reconcile-4٢",
        "reconcile-1-2",
        "os-1",
        "RECONCILE-1",
        "answer-1\n",
    )
    connection.rpush(queue_keys("reconcile")[0], *entries)

    _work(connection)

    assert RAN == []


def test_a_record_that_somebody_wrote_under_the_name_of_an_entry_is_not_read(
    connection: "redis.Redis[bytes]", valkey_server: Valkey
) -> None:
    connection.hset("rq:job:reconcile-42", mapping={"data": _data("os.system", ["true"])})
    connection.set("rq:job:reconcile-43", "x")
    RedisNotifier(valkey_server.url).notify(JobName.RECONCILE, 42)
    RedisNotifier(valkey_server.url).notify(JobName.RECONCILE, 43)

    _work(connection)

    assert [(JobName.RECONCILE, 42), (JobName.RECONCILE, 43)] == RAN


HOSTILE = {
    "a system call": _data("os.system", ["true"]),
    "a setting": _data("os.putenv", [TRACE, "1"]),
    "a builtin": _data("builtins.eval", [f"__import__('os').environ.__setitem__('{TRACE}', '1')"]),
    "a function of ours that is no job": _data("jobs.runtime.build"),
    "a module's member": _data("jobs.runtime.run", [1]),
    "the engine itself": _data("webapp.engine.reconcile.reconcile", [1]),
    "a job's name with a tail": _data("jobs.reconcile.__globals__", [1]),
    "a job's name in capitals": _data("jobs.RECONCILE", [1]),
    "a keyword": _data("jobs.reconcile", [1], {"credential_id": 2}),
    "only a keyword": _data("jobs.reconcile", [], {"credential_id": 2}),
    "no argument": _data("jobs.reconcile"),
    "two arguments": _data("jobs.reconcile", [1, 2]),
    "a text for an id": _data("jobs.reconcile", ["1"]),
    "a truth value for an id": _data("jobs.reconcile", [True]),
    "a fraction for an id": _data("jobs.reconcile", [1.0]),
    "nothing for an id": _data("jobs.reconcile", [None]),
    "a list for an id": _data("jobs.reconcile", [[1]]),
    "a method of an instance": _data("reconcile", [1], instance="jobs"),
    "an empty name": _data("", [1]),
    "a pickle": zlib.compress(DefaultSerializer.dumps(("os.putenv", None, (TRACE, "1"), {}))),
    "no JSON": zlib.compress(b"{"),
    "a text": zlib.compress(b'"jobs.reconcile"'),
}


def test_jobs_that_are_not_ours_run_nothing_and_the_worker_goes_on(
    connection: "redis.Redis[bytes]", valkey_server: Valkey
) -> None:
    for data in HOSTILE.values():
        _push(connection, data=data)
    RedisNotifier(valkey_server.url).notify(JobName.RECONCILE, 42)

    _work(connection)

    assert [(JobName.RECONCILE, 42)] == RAN
    assert TRACE not in os.environ
    assert connection.llen("rq:queue:reconcile") == 0


@pytest.mark.parametrize("what", sorted(set(HOSTILE) - {"a pickle", "no JSON", "a text"}))
def test_the_function_of_such_a_job_cannot_even_be_asked_for(
    connection: "redis.Redis[bytes]", what: str
) -> None:
    job_id = _push(connection, data=HOSTILE[what])
    job = SafeJob.fetch(job_id, connection=connection, serializer=JSONSerializer)

    with pytest.raises(Refused):
        _ = job.func


def test_no_callback_is_ever_called(
    connection: "redis.Redis[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[object] = []
    monkeypatch.setattr(jobs, "answer", lambda *arguments: called.append(arguments), raising=False)
    for field in ("success_callback_name", "failure_callback_name", "stopped_callback_name"):
        for subject in (7, "not an id"):
            _push(connection, data=_data("jobs.reconcile", [subject]), **{field: "jobs.answer"})

    _work(connection)

    assert called == []
    assert [(JobName.RECONCILE, 7)] * 3 == RAN


def test_a_webhook_is_never_sent(connection: "redis.Redis[bytes]") -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        hooks = [Webhook(url, job_status=status).to_dict() for status in ("finished", "failed")]
        _push(connection, webhooks=json.dumps(hooks))

        _work(connection)

        assert [(JobName.RECONCILE, 7)] == RAN
        with pytest.raises(BlockingIOError):
            listener.accept()
