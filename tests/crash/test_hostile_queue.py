"""Somebody who can write to the queue server runs nothing, stops no worker for long, and loses no row."""

import json
import socket
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
from rq.serializers import DefaultSerializer
from rq.webhook import Webhook

from tests.crash.harness import invariants
from tests.crash.harness.company import Company
from tests.crash.harness.quiet import make_quiet
from tests.crash.harness.world import World
from webapp.domain.lifecycle import Phase
from webapp.queueing import JobName, entry_of, queue_keys

pytestmark = [
    pytest.mark.slow,
    pytest.mark.crash,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes through /proc"),
]

FIRST, QUEUE = queue_keys("reconcile")
Redis = "redis.Redis[bytes]"


@dataclass(frozen=True)
class Target:
    """What an intruder on the queue server sees and wants."""

    client: Redis
    trace: Path
    """A file that exists as soon as foreign code ran."""
    webhook_url: str
    credential_id: int
    rate_key: str


class Touch:
    """Whoever unpickles it runs a command."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        import os

        return os.system, (f"touch {self._trace}",)


def push(target: Target, data: bytes, **fields: Any) -> None:
    """A job as RQ would find it, written field by field."""
    job_id = f"evil-{target.client.incr('evil')}"
    plain = {
        "data": data,
        "created_at": "2026-11-24T10:00:00.000000Z",
        "origin": "reconcile",
        "status": "queued",
        "timeout": "300",
        "enqueued_at": "2026-11-24T10:00:00.000000Z",
        "description": "evil",
    }
    target.client.hset(f"rq:job:{job_id}", mapping=plain | fields)
    target.client.rpush(QUEUE, job_id)


def call(function: str, *args: Any, **kwargs: Any) -> bytes:
    return zlib.compress(json.dumps([function, None, args, kwargs]).encode())


def pickled(target: Target) -> bytes:
    return zlib.compress(DefaultSerializer.dumps(("os.system", None, (Touch(target.trace),), {})))


def command(target: Target, **payload: str) -> None:
    """On the channel of every worker there is."""
    for key in target.client.keys("rq:worker:*"):
        name = key.decode().removeprefix("rq:worker:")
        target.client.publish(f"rq:pubsub:{name}", json.dumps({"created_at": 0, **payload}))


def reconcile(target: Target) -> bytes:
    return call("jobs.reconcile", target.credential_id)


def own_entry(target: Target) -> str:
    return entry_of(JobName.RECONCILE, target.credential_id)


HOSTILE: dict[str, Callable[[Target], object]] = {
    "a pickled job": lambda t: push(t, pickled(t)),
    "a pickle that is not packed": lambda t: push(t, zlib.decompress(pickled(t))),
    "a pickled result": lambda t: push(t, reconcile(t), result=pickled(t)),
    "pickled notes": lambda t: push(t, reconcile(t), meta=zlib.decompress(pickled(t))),
    "a system call": lambda t: push(t, call("os.system", f"touch {t.trace}")),
    "a process": lambda t: push(t, call("subprocess.call", ["touch", str(t.trace)])),
    "a builtin": lambda t: push(t, call("builtins.exec", f"open('{t.trace}', 'w')")),
    "a function of ours that is no job": lambda t: push(t, call("webapp.engine.reconcile.reconcile", 1)),
    "callbacks": lambda t: [
        push(t, call("jobs.reconcile", subject), **{f"{kind}_callback_name": "os.system"})
        for kind in ("success", "failure", "stopped")
        for subject in (t.credential_id, f"touch {t.trace}")
    ],
    "webhooks": lambda t: push(
        t,
        reconcile(t),
        webhooks=json.dumps(
            [Webhook(t.webhook_url, job_status=one).to_dict() for one in ("finished", "failed")]
        ),
    ),
    "a text for an id": lambda t: push(t, call("jobs.reconcile", "1 OR 1=1")),
    "a list for an id": lambda t: push(t, call("jobs.reconcile", [1])),
    "a huge id": lambda t: push(t, call("jobs.reconcile", 2**80)),
    "a negative id": lambda t: push(t, call("jobs.reconcile", -1)),
    "somebody else's id for a question": lambda t: push(t, call("jobs.answer", 2**62)),
    "a job without an end": lambda t: push(t, reconcile(t), timeout="-1", result_ttl="-1"),
    "a time-out that is no number": lambda t: push(t, reconcile(t), timeout="soon"),
    "a date that is none": lambda t: push(t, reconcile(t), created_at="yesterday"),
    "a status that is none": lambda t: push(t, reconcile(t), status="owned"),
    "a job that repeats itself": lambda t: push(t, reconcile(t), repeats_left="1000", repeat_intervals="[0]"),
    "a job that depends on itself": lambda t: push(t, reconcile(t), dependency_ids='["evil-1"]'),
    "a job that is a list": lambda t: (t.client.rpush("rq:job:list", "x"), t.client.rpush(QUEUE, "list")),
    "a job whose name is no text": lambda t: t.client.rpush(QUEUE, b"\xff\xfe\x00"),
    "a queue that is a text": lambda t: (t.client.delete(QUEUE), t.client.set(QUEUE, "x")),
    "an unreadable shelf": lambda t: (
        t.client.rpush(f"{QUEUE}:intermediate", b"\xff\xfe", "evil-1"),
        t.client.delete("rq:clean_registries:reconcile"),
    ),
    "a shelf that is a text": lambda t: (
        t.client.delete(f"{QUEUE}:intermediate"),
        t.client.set(f"{QUEUE}:intermediate", "x"),
    ),
    "registries that are texts": lambda t: [
        (t.client.delete(key), t.client.set(key, "x"))
        for key in (
            "rq:wip:reconcile",
            "rq:failed:reconcile",
            "rq:scheduled:reconcile",
            "rq:finished:reconcile",
            "rq:workers",
            "rq:workers:reconcile",
            "rq:queues",
            "rq:groups",
            "rq:scheduler-lock:reconcile",
        )
    ],
    "foreign jobs in the registries": lambda t: [
        t.client.delete(f"rq:{kind}:reconcile")
        or t.client.zadd(f"rq:{kind}:reconcile", {"evil-1:evil": 1, b"\xff": 2})
        for kind in ("wip", "failed", "scheduled", "deferred")
    ],
    "a lock for ever": lambda t: t.client.set("rq:clean_registries:reconcile", 1),
    "suspended workers": lambda t: t.client.set("rq:suspended", 1),
    "stop-job": lambda t: [command(t, command="stop-job", job_id=f"evil-{one}") for one in range(50)],
    "kill-horse": lambda t: command(t, command="kill-horse"),
    "shutdown": lambda t: command(t, command="shutdown"),
    "an unknown command": lambda t: command(t, command="os.system"),
    "a hundred entries of one account": lambda t: t.client.rpush(QUEUE, *[own_entry(t)] * 100),
    "a record under an entry's name that is a text": lambda t: t.client.set(f"rq:job:{own_entry(t)}", "x"),
    "a record under an entry's name with foreign code": lambda t: (
        t.client.delete(f"rq:job:{own_entry(t)}"),
        t.client.hset(f"rq:job:{own_entry(t)}", "data", call("os.system", f"touch {t.trace}")),
    ),
    "a queue of people that is a text": lambda t: (t.client.delete(FIRST), t.client.set(FIRST, "x")),
    "entries that are none": lambda t: (
        t.client.delete(FIRST),  # the text before may still stand there
        t.client.rpush(
            FIRST,
            *("reconcile-", "reconcile--1", f"{own_entry(t)} ", "os-1", "answer-999999999999999999", b"\xff"),
        ),
    ),
    "a rate limit in debt": lambda t: _limit(t, tokens="-1e12", at_ms="0"),
    "a rate limit of the future": lambda t: _limit(t, tokens="-5", at_ms="9e15"),
    "a rate limit that is no number": lambda t: _limit(t, tokens="nan", at_ms="nan"),
    "a rate limit without end": lambda t: _limit(t, tokens="inf", at_ms="-inf"),
    "a rate limit that is a text": lambda t: (t.client.delete(t.rate_key), t.client.set(t.rate_key, "x")),
}


def _limit(target: Target, **fields: str) -> None:
    target.client.delete(target.rate_key)
    target.client.hset(target.rate_key, mapping=fields)


def test_hostile_writes_run_nothing_stop_nobody_and_lose_nothing(make_world: Callable[..., World]) -> None:
    world = make_world(poll_interval_s=300)
    company = Company(world)
    [credential_id] = company.add_credentials(1)
    with (
        redis.Redis.from_url(world.valkey.url) as client,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        listener.settimeout(0)
        target = Target(
            client,
            world.folder / "trace",
            f"http://127.0.0.1:{listener.getsockname()[1]}/",
            credential_id,
            f"berth:rate:aws:eu-central-1:{world.accounts[0].account_id}",
        )
        for name, write in HOSTILE.items():
            write(target)
            company.order(credential_id)
            _wait_for_intent(world, name)
            assert not target.trace.exists(), f"{name} ran code"
        make_quiet(world, company)
        with pytest.raises(BlockingIOError):
            listener.accept()

    assert not target.trace.exists()
    assert {row.phase for row in world.rows()} == {Phase.READY}
    assert len(world.rows()) == len(HOSTILE)
    assert invariants.check(world, company) == []


def _wait_for_intent(world: World, name: str) -> None:
    """The order that was placed just after the blow is sent all the same, and soon."""
    world.live_until(
        lambda: all(row.phase is not Phase.REQUESTED for row in world.rows()),
        limit_s=600,
        real_limit_s=20,
        what=f"the order after {name}",
    )
