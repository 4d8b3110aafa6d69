"""[I22] Where a secret could have leaked to: the queue, the logs, the database."""

import zlib
from collections.abc import Iterator
from typing import Any

import redis

from tests.crash.harness.world import World
from tests.desk import key_pair
from webapp.database import read_only_transactions
from webapp.models.base import Base


def leaks(world: World) -> Iterator[str]:
    """A sentence for every secret that stands where it must not; none is good."""
    canaries = [account.secret for account in world.accounts] + [key_pair()[1]]
    for place, text in _places(world):
        yield from (f"a secret stands in {place}" for canary in canaries if canary in text)


def _places(world: World) -> Iterator[tuple[str, str]]:
    for path in (world.folder / "log").iterdir():
        yield f"log/{path.name}", path.read_text(errors="replace")
    yield from _database(world)
    if world.valkey.is_running:
        with redis.Redis.from_url(world.valkey.url) as client:
            for key in client.scan_iter():
                yield f"the queue, {key!r}", repr(key) + _text(_value(client, key))


def _database(world: World) -> Iterator[tuple[str, str]]:
    with read_only_transactions(), world.database.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = connection.execute(table.select()).all()
            yield f"table {table.name}", "\n".join(str(tuple(row)) for row in rows)


def _value(client: "redis.Redis[bytes]", key: bytes) -> list[Any]:
    match client.type(key):
        case b"string":
            return [client.get(key)]
        case b"hash":
            return [part for pair in client.hgetall(key).items() for part in pair]
        case b"list":
            return client.lrange(key, 0, -1)
        case b"set":
            return list(client.smembers(key))
        case b"zset":
            return client.zrange(key, 0, -1)
        case b"stream":
            return [repr(client.xrange(key)).encode()]
    return []


def _text(parts: list[bytes]) -> str:
    return "\n".join(_unpacked(part or b"").decode(errors="replace") for part in parts)


def _unpacked(part: bytes) -> bytes:
    """A job's arguments and results are compressed."""
    try:
        return zlib.decompress(part)
    except zlib.error:
        return part
