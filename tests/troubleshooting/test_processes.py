"""Work that nobody takes up is reported with the part that is dead, by heartbeats in a real Redis."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import redis

from tests.desk import Desk
from tests.servers.valkey import Valkey
from tests.troubleshooting.scenarios import nobody_there
from webapp.heartbeats import KEY, SINCE, Heart, Role
from webapp.queries import workspaces
from webapp.services.troubleshooting import diagnose


@pytest.fixture
def store(valkey_server: Valkey) -> Iterator["redis.Redis[bytes]"]:
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
        client.hset(KEY, SINCE, "1 0")
        yield client


@pytest.mark.parametrize(
    ("alive", "code"),
    [
        ([Role.SCHEDULER, Role.WORKER_RECONCILE, Role.WORKER_ASK], "work_not_taken_up"),
        ([Role.SCHEDULER, Role.WORKER_ASK], "no_worker"),
        ([Role.WORKER_RECONCILE, Role.WORKER_ASK], "scheduler_silent"),
        ([], "scheduler_silent"),
    ],
    ids=lambda value: "" if isinstance(value, list) else value,
)
def test_the_dead_part_is_named(
    desk: Desk, store: "redis.Redis[bytes]", valkey_server: Valkey, alive: list[Role], code: str
) -> None:
    workspace_id = nobody_there(desk)
    for role in alive:
        Heart(valkey_server.url, role).beat()

    assert codes(desk, workspace_id, valkey_server.url) == [code]


def test_just_after_redis_was_emptied_only_the_age_of_the_work_counts(
    desk: Desk, store: "redis.Redis[bytes]", valkey_server: Valkey
) -> None:
    workspace_id = nobody_there(desk)
    store.flushall()

    assert codes(desk, workspace_id, valkey_server.url) == ["no_worker"]


def codes(desk: Desk, workspace_id: int, redis_url: str) -> list[str]:
    context = replace(desk.context, settings=replace(desk.settings, redis_url=redis_url))
    row = workspaces.get_workspace(desk.session, workspace_id, company_id=desk.provider.company_id or 0)
    return [finding.code for finding in diagnose(context, row)]
