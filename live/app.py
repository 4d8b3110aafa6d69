"""The one request that `live` answers with a stream, and its state, as an ASGI application.

A page sends its ticket in the body, not in the address: addresses are logged.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from live.listeners import Listener, Listeners
from live.streams import Stream, Streams, TooMany, topic_of
from webapp import metrics

log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

EVENTS, HEALTH = "/live/events", "/live/health"
LONGEST_BODY = 256
HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    # The ticket alone decides, and no cookie is read: a page of another origin gains nothing here. So pages
    # may come from another port, as with bin/run.
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)
STREAM = (b"content-type", b"text/event-stream; charset=utf-8")
TEXT = (b"content-type", b"text/plain; charset=utf-8")
HEARTBEAT = b":\n\n"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds."""

    heartbeat_s: float = 15.0
    """Between two signs of life of a stream that has nothing to say."""
    body_s: float = 5.0
    """For the ticket of a caller who sends slowly."""
    reader_s: float = 10.0
    """For a reader who takes nothing; then the stream ends."""
    retry_s: float = 2.0
    """Before a page comes back; pages add jitter, and wait longer after every failure."""


class Refused(Exception):
    def __init__(self, status: int, outcome: str) -> None:
        super().__init__(outcome)
        self.status, self.outcome = status, outcome


class LiveApp:
    def __init__(self, streams: Streams, listeners: Listeners, patience: Patience) -> None:
        self._streams, self._listeners, self._patience = streams, listeners, patience

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        request = (scope.get("method"), scope.get("path"))
        if request == ("GET", HEALTH):
            await _answer(send, 200 if self._streams.is_open else 503, f"{len(self._streams)} streams\n")
        elif request == ("POST", EVENTS):
            try:
                stream = await self._admit(receive)
            except Refused as refused:
                metrics.count(metrics.LIVE_STREAMS, refused.outcome)
                await _answer(send, refused.status, f"{refused.outcome}\n")
            else:
                await self._serve(stream, receive, send)
        else:
            await _answer(send, 404, "not found\n")

    async def _admit(self, receive: Receive) -> Stream:
        """Raises Refused."""
        ticket, _, wanted = (await self._read(receive)).partition("\n")
        if not self._streams.is_open:
            raise Refused(503, "no_feed")
        listener = await self._find(ticket)
        if listener is None:
            raise Refused(401, "no_session")
        topic = topic_of(wanted, listener)
        if topic is None:
            raise Refused(403, "no_topic")
        if not self._streams.is_open:  # it may have closed meanwhile
            raise Refused(503, "no_feed")
        try:
            return self._streams.add(listener, topic)
        except TooMany:
            raise Refused(429, "too_many") from None

    async def _read(self, receive: Receive) -> str:
        body = b""
        try:
            async with asyncio.timeout(self._patience.body_s):
                while True:
                    message = await receive()
                    body += message.get("body", b"")
                    if len(body) > LONGEST_BODY:
                        raise Refused(413, "too_long")
                    if not message.get("more_body"):
                        return body.decode("ascii", "replace")
        except TimeoutError:
            raise Refused(408, "too_slow") from None

    async def _find(self, ticket: str) -> Listener | None:
        try:
            return await asyncio.to_thread(self._listeners.find, ticket)
        except SQLAlchemyError as error:
            log.warning("a ticket cannot be checked", extra={"reason": type(error).__name__})
            raise Refused(503, "no_database") from None

    async def _serve(self, stream: Stream, receive: Receive, send: Send) -> None:
        metrics.count(metrics.LIVE_STREAMS, "opened")
        gone = asyncio.create_task(_end_when_gone(stream, receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": [STREAM, *HEADERS]})
            await self._say(send, f"retry: {self._patience.retry_s * 1000:.0f}\n\n".encode())
            while not stream.has_ended:
                wait_s = await stream.next(self._patience.heartbeat_s)
                if stream.has_ended:
                    break
                await self._say(send, HEARTBEAT if wait_s is None else _event(stream, wait_s))
            await self._say(send, b"", has_more=False)
        except TimeoutError:
            log.info("a stream ends, because its reader takes nothing")
        finally:
            gone.cancel()
            self._streams.remove(stream)
            metrics.count(metrics.LIVE_STREAMS, "ended")

    async def _say(self, send: Send, chunk: bytes, *, has_more: bool = True) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(self._patience.reader_s):
            await send({"type": "http.response.body", "body": chunk, "more_body": has_more})


def _event(stream: Stream, wait_s: float) -> bytes:
    """What changed, and in how many milliseconds the page is to look."""
    topic = stream.topic
    name = f"workspace-{topic.subject_id}" if topic.kind == "workspace" else topic.kind
    return f"event: {name}\ndata: {wait_s * 1000:.0f}\n\n".encode()


async def _end_when_gone(stream: Stream, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
    stream.end()


async def _answer(send: Send, status: int, text: str) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [TEXT, *HEADERS]})
    await send({"type": "http.response.body", "body": text.encode()})
