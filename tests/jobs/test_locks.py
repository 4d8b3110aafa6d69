"""Locks on what several credentials share: one at a time, and none that is held for ever."""

import threading
from collections.abc import Callable

import pytest
import redis

from tests.servers.valkey import Valkey
from webapp.domain.errors import CloudError, Trouble
from webapp.engine import locks
from webapp.engine.locks import LocalLocks, Locks, SharedLocks


@pytest.fixture(params=["local", "shared"])
def make(request: pytest.FixtureRequest) -> Callable[[], Locks]:
    """A worker's view of the locks; two calls, two workers where they share them."""
    if request.param == "local":
        own = LocalLocks()
        return lambda: own
    url = request.getfixturevalue("valkey_server").url
    return lambda: SharedLocks(url)


def test_nobody_else_is_inside_the_same_name(
    make: Callable[[], Locks], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "PATIENCE_S", 0.05)

    with make().hold("pool"), pytest.raises(CloudError) as raised, make().hold("pool"):
        raise AssertionError("two are inside")

    assert raised.value.failure.trouble is Trouble.TRANSIENT


def test_different_names_do_not_wait_for_each_other(make: Callable[[], Locks]) -> None:
    with make().hold("pool"), make().hold("another pool"):
        assert True


def test_a_lock_is_free_again_after_trouble_inside(make: Callable[[], Locks]) -> None:
    with pytest.raises(ZeroDivisionError), make().hold("pool"):
        raise ZeroDivisionError

    with make().hold("pool"):
        assert True


def test_who_waits_comes_in_when_the_first_is_done(make: Callable[[], Locks]) -> None:
    order: list[str] = []
    is_waiting = threading.Event()

    def wait() -> None:
        is_waiting.set()
        with make().hold("pool"):
            order.append("second")

    with make().hold("pool"):
        second = threading.Thread(target=wait)
        second.start()
        is_waiting.wait(timeout=5)
        order.append("first")
    second.join(timeout=10)

    assert order == ["first", "second"]


def test_a_lock_that_would_never_expire_stops_nobody(
    valkey_server: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody who can write to Redis could stop a pool for ever; a lock of ours is respected."""
    monkeypatch.setattr(locks, "PATIENCE_S", 0.05)
    with redis.Redis.from_url(valkey_server.url) as store:
        plants = {
            "endless": lambda key: store.set(key, "planted"),
            "of another type": lambda key: store.rpush(key, "planted"),
            "for a year": lambda key: store.set(key, "planted", ex=365 * 86_400),
        }
        for name, plant in plants.items():
            plant(f"berth:lock:{name}")
            with SharedLocks(valkey_server.url).hold(name), pytest.raises(CloudError):
                SharedLocks(valkey_server.url).hold(name).__enter__()


def test_without_redis_each_process_locks_for_itself() -> None:
    away = SharedLocks("redis://127.0.0.1:1/0")

    with away.hold("pool"):
        assert True
