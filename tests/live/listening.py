"""`live` on a port of its own, in a thread of the test; and an open page, as far as its stream sees it."""

import asyncio
import http.client
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from live.app import Patience
from live.process import Live
from tests.desk import Desk
from tests.servers.stack import free_port
from webapp.config import Settings
from webapp.domain.clock import Clock
from webapp.domain.live_tickets import ticket_of
from webapp.services import sign_in

HEARTBEAT_S = 0.1
LIMIT_S = 10.0
HEARTBEAT, END = "heartbeat", "end"
T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """In a thread of its own: a browser that another test has open keeps a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


@contextmanager
def served(settings: Settings, clock: Clock, *, port: int) -> Iterator[Live]:
    live = Live(
        settings,
        host="127.0.0.1",
        port=port,
        clock=clock,
        patience=Patience(heartbeat_s=HEARTBEAT_S),
        check_every_s=0.05,
        after_trouble_s=0.05,
    )
    thread = threading.Thread(target=lambda: asyncio.run(live.run()), name="live")
    thread.start()
    try:
        wait_until(lambda: live.is_ready)
        yield live
    finally:
        live.stop()
        thread.join()


def wait_until(is_so: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + LIMIT_S
    while not is_so():
        assert time.monotonic() < give_up_at
        time.sleep(0.01)


def ticket_for(desk: Desk, token: str) -> str:
    """As the web server hands it to the pages of this session."""
    found = sign_in.find_session(desk.context, token=token)
    assert found is not None
    desk.session.commit()
    return ticket_of(found.id, found.token_hash)


class Line:
    """A running `live`, and the pages that listen to it."""

    def __init__(self, desk: Desk, live: Live, port: int) -> None:
        self.desk, self.live, self.port = desk, live, port
        self._ears: list[Ear] = []

    def listen(self, email: str, topic: str) -> "Ear":
        """A page of a new session, which has begun to listen and has had its first look."""
        ear = self.call(ticket_for(self.desk, self.desk.session_token(email)), topic)
        assert ear.status == 200
        ear.until(topic)
        return ear

    def call(self, ticket: str, topic: str) -> "Ear":
        self._ears.append(Ear(self.port, ticket, topic))
        return self._ears[-1]

    def close(self) -> None:
        for ear in self._ears:
            ear.close()


@contextmanager
def line_of(desk: Desk, **changes: object) -> Iterator[Line]:
    settings = replace(desk.settings, **changes)  # type: ignore[arg-type]  # by name
    port = free_port()
    with served(settings, desk.clock, port=port) as live:
        line = Line(desk, live, port)
        yield line
        line.close()


class Ear:
    """One stream. `status` is 200 if it was let in."""

    def __init__(self, port: int, ticket: str, topic: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_S)
        self._connection.request("POST", "/live/events", f"{ticket}\n{topic}")
        self.answer = self._connection.getresponse()
        self.status = self.answer.status

    def next(self) -> str:
        """The name of the next event, HEARTBEAT or END."""
        while line := self.answer.readline():
            text = line.decode().strip()
            if text.startswith("event: "):
                return text.removeprefix("event: ")
            if text == ":":
                return HEARTBEAT
        return END

    def until(self, wanted: str) -> None:
        while (found := self.next()) != wanted:
            assert found == HEARTBEAT, found

    def during(self, seconds: float = 2.5 * HEARTBEAT_S) -> list[str]:
        """Every event meanwhile; it returns with the first heartbeat after that."""
        ends_at, heard = time.monotonic() + seconds, []
        while (found := self.next()) != HEARTBEAT or time.monotonic() < ends_at:
            assert found != END
            heard += [found] if found != HEARTBEAT else []
        return heard

    def everything(self) -> list[str]:
        """All events until the stream ends."""
        return [found for found in iter(self.next, END) if found != HEARTBEAT]

    def close(self) -> None:
        self.answer.close()
        self._connection.close()
