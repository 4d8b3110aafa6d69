"""Where a caller is: what the trusted proxy says, and nothing that the caller writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask, request

from tests.apps import AppPool
from tests.desk import RecordingNotifier, StoryClock, WaitingClock
from webapp.config import Settings

WIRE = "203.0.113.9"
"""The other end of the connection: with a proxy in front, the proxy."""


@pytest.fixture
def seen(
    apps: AppPool, settings: Settings, clock: StoryClock, notifier: RecordingNotifier
) -> "Iterator[Seen]":
    yield Seen(apps, settings, WaitingClock(clock), notifier)


class Seen:
    def __init__(
        self, apps: AppPool, settings: Settings, clock: WaitingClock, notifier: RecordingNotifier
    ) -> None:
        self._apps, self._settings, self._clock, self._notifier = apps, settings, clock, notifier

    @contextmanager
    def _app(self, proxies: int) -> Iterator[Flask]:
        behind = replace(self._settings, trusted_proxies=proxies, credential_private_keys=())
        with self._apps.open(behind, clock=self._clock, notifier=self._notifier, is_own=True) as app:
            yield app

    def by(self, proxies: int, headers: dict[str, str]) -> tuple[str | None, str, str]:
        """Address, scheme and host, as a page of Berth knows them."""
        found: list[tuple[str | None, str, str]] = []
        with self._app(proxies) as app:

            def note() -> str:
                found.append((request.remote_addr, request.scheme, request.host))
                return ""

            app.add_url_rule("/noted", view_func=note)
            app.test_client().get("/noted", headers=headers, environ_base={"REMOTE_ADDR": WIRE})
        return found[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "198.51.100.7"},
        {"X-Real-IP": "198.51.100.7"},
        {"Forwarded": "for=198.51.100.7;proto=https;host=evil.example"},
        {"Client-IP": "198.51.100.7", "True-Client-IP": "198.51.100.7"},
        {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_without_a_trusted_proxy_the_wire_counts(seen: Seen, headers: dict[str, str]) -> None:
    assert seen.by(0, headers) == (WIRE, "http", "localhost")


def test_of_a_trusted_proxy_its_own_entry_counts_and_not_what_the_caller_put_before_it(seen: Seen) -> None:
    made_up, caller = "127.0.0.1", "198.51.100.7"

    assert seen.by(1, {"X-Forwarded-For": caller})[0] == caller
    assert seen.by(1, {"X-Forwarded-For": f"{made_up}, {caller}"})[0] == caller
    assert seen.by(2, {"X-Forwarded-For": f"{made_up}, {caller}, 10.0.0.2"})[0] == caller
