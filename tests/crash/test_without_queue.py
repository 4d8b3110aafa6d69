"""While Redis is down, silent, full or read-only, orders are sent all the same, by real workers."""

import os
import signal
import sys
from collections.abc import Callable

import pytest
import redis

from tests.crash.harness import invariants
from tests.crash.harness.company import Company
from tests.crash.harness.quiet import make_quiet
from tests.crash.harness.world import World
from webapp.domain.lifecycle import Phase

pytestmark = [
    pytest.mark.slow,
    pytest.mark.crash,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes through /proc"),
]

SOON_S = 20
"""Real seconds; ten are promised on a machine with nothing else to do."""


def fill(world: World) -> None:
    with redis.Redis.from_url(world.valkey.url) as client:
        client.config_set("maxmemory", 1)


def make_read_only(world: World) -> None:
    """What a worker finds after a failover: the server that it knows has become a replica."""
    with redis.Redis.from_url(world.valkey.url) as client:
        client.config_set("maxmemory", 0)
        client.replicaof("127.0.0.1", "1")


def hang(world: World) -> None:
    """It accepts connections, and never answers."""
    os.kill(world.valkey.pid, signal.SIGSTOP)


def stop(world: World) -> None:
    world.valkey.kill()


def test_every_order_is_sent_while_redis_is_full_read_only_silent_or_down(
    make_world: Callable[..., World],
) -> None:
    world = make_world(poll_interval_s=300)
    company = Company(world)
    [credential_id] = company.add_credentials(1)

    for trouble in (fill, make_read_only, hang, stop):
        trouble(world)
        for _ in range(3):
            company.order(credential_id)
        world.live_until(
            lambda: all(row.phase is not Phase.REQUESTED for row in world.rows()),
            limit_s=600,
            real_limit_s=SOON_S,
            what=f"the orders after {trouble.__name__}",
        )
    world.valkey.start()
    make_quiet(world, company)

    assert [row.phase for row in world.rows()] == [Phase.READY] * 12
    assert invariants.check(world, company) == []
