"""Who is let in, who is not, and what `live` does while a part of the installation is away."""

import asyncio
import http.client
import time
from collections.abc import AsyncIterator, MutableMapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from sqlalchemy import text

from live.app import EVENTS, LiveApp, Patience
from live.changes import Change
from live.listeners import Listeners
from live.process import Live
from live.streams import MOST_OF_A_PERSON, Streams
from tests.desk import Desk
from tests.live.listening import HEARTBEAT, Line, line_of, run, ticket_for, wait_until
from tests.servers.stack import free_port
from tests.servers.valkey import Valkey
from webapp.heartbeats import Role, listen

HIRES = "provider@example.com"


@pytest.fixture
def ticket(desk: Desk) -> str:
    return ticket_for(desk, desk.session_token(HIRES))


def test_without_a_ticket_nobody_is_let_in(line: Line) -> None:
    for forged in ("", "1", "1-", "1-" + "0" * 64, "9" * 18 + "-" + "0" * 64, "1-é", "x"):
        assert line.call(forged, "lists").status == 401


def test_a_ticket_of_another_session_opens_none(line: Line, desk: Desk, ticket: str) -> None:
    other = ticket_for(desk, desk.session_token(HIRES))
    number, _, _ = ticket.partition("-")

    assert line.call(f"{number}-{other.partition('-')[2]}", "lists").status == 401


def test_what_a_person_may_not_hear_is_refused(line: Line, ticket: str, desk: Desk) -> None:
    seeker = ticket_for(desk, desk.session_token(desk.add_seeker().email))

    assert line.call(ticket, "company-1").status == 403
    assert line.call(seeker, "lists").status == 403


def test_the_token_of_a_session_is_no_ticket(line: Line, desk: Desk) -> None:
    assert line.call(desk.session_token(HIRES), "lists").status == 401


def test_a_long_body_other_paths_and_other_methods_are_refused(line: Line, ticket: str) -> None:
    assert line.call(ticket, "x" * 300).status == 413
    for method, path in (("GET", "/live/events"), ("POST", "/"), ("OPTIONS", "/live/events")):
        connection = http.client.HTTPConnection("127.0.0.1", line.port, timeout=5)
        connection.request(method, path)
        assert connection.getresponse().status == 404
        connection.close()


def test_a_person_may_have_only_so_many_streams_and_a_closed_one_makes_room(line: Line, ticket: str) -> None:
    ears = [line.call(ticket, "lists") for _ in range(MOST_OF_A_PERSON)]
    assert [ear.status for ear in ears] == [200] * MOST_OF_A_PERSON
    assert line.call(ticket, "lists").status == 429

    ears[0].close()

    wait_until(lambda: line.call(ticket, "lists").status == 200)


def test_a_stream_is_for_nobody_to_keep_and_says_that_it_lives(line: Line, ticket: str) -> None:
    ear = line.call(ticket, "lists")
    first = ear.answer.readline()

    assert first == b"retry: 2000\n"
    assert ear.answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert ear.answer.headers["Cache-Control"] == "no-store"
    assert ear.answer.headers["X-Accel-Buffering"] == "no"
    assert [ear.next(), ear.next(), ear.next()] == ["lists", HEARTBEAT, HEARTBEAT]


def test_no_answer_can_be_shown_as_a_page(line: Line, ticket: str) -> None:
    ear = line.call(ticket, "lists")
    refused = line.call("no ticket", "lists")

    for answer in (ear.answer, refused.answer):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Content-Type"].endswith("charset=utf-8")
        assert "Set-Cookie" not in answer.headers


def test_it_stops_at_once_however_many_listen(line: Line, ticket: str) -> None:
    ears = [line.call(ticket, "lists") for _ in range(3)]
    for ear in ears:
        ear.until("lists")

    line.live.stop()

    assert [ear.everything() for ear in ears] == [[]] * 3


def test_a_caller_who_goes_is_forgotten(line: Line) -> None:
    ear = line.listen(HIRES, "lists")
    assert len(line.live.streams) == 1

    ear.close()

    wait_until(lambda: len(line.live.streams) == 0)


def test_a_reader_who_takes_nothing_is_given_up(line: Line, ticket: str) -> None:
    """As the server behind the application stops it when the buffers of its connection are full."""
    streams = Streams(time.monotonic)
    streams.is_open = True
    listeners = Listeners(line.desk.settings.database_url, line.desk.clock)
    app = LiveApp(streams, listeners, Patience(reader_s=0.05))
    seen: list[int] = []

    async def receive() -> dict[str, object]:
        if not seen:
            return {"type": "http.request", "body": f"{ticket}\nlists".encode()}
        await asyncio.Event().wait()
        return {}

    async def send(message: MutableMapping[str, Any]) -> None:
        seen.append(len(streams))
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    run(app({"method": "POST", "path": EVENTS}, receive, send))
    listeners.close()

    assert (seen, len(streams)) == ([1, 1], 0)


def test_without_redis_it_works_on(desk: Desk, own_valkey: Valkey) -> None:
    """It hears of changes from the database; Redis only has its heartbeats."""
    with line_of(desk, redis_url=own_valkey.url) as line:
        wait_until(lambda: [beat.role for beat in listen(own_valkey.url).beats] == [Role.LIVE])
        own_valkey.kill()
        ear = line.listen(HIRES, "lists")

        desk.order()

        ear.until("lists")


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_while_there_is_no_feed_there_are_no_streams_and_then_there_are(line: Line, desk: Desk) -> None:
    """A page that would hear nothing must poll."""
    ear = line.listen(HIRES, "lists")

    with desk.sessions.begin() as session:
        session.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'")
        )

    assert ear.everything() == []
    wait_until(lambda: line.live.streams.is_open)
    again = line.listen(HIRES, "lists")
    desk.order()
    again.until("lists")


def test_an_unforeseen_fault_ends_the_process_so_that_it_is_started_again(desk: Desk) -> None:
    """A process that lives and serves nobody would be worse."""

    class Broken:
        def open(self) -> AbstractAsyncContextManager[AsyncIterator[Change]]:
            raise ZeroDivisionError

    live = Live(desk.settings, host="127.0.0.1", port=free_port(), feed=Broken())

    with pytest.raises(ZeroDivisionError):
        run(live.run())


def test_a_closed_feed_lets_nobody_in_and_says_so(line: Line, ticket: str) -> None:
    line.live.streams.is_open = False

    health = http.client.HTTPConnection("127.0.0.1", line.port, timeout=5)
    health.request("GET", "/live/health")

    assert health.getresponse().status == 503
    assert line.call(ticket, "lists").status == 503
    health.close()
