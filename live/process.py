"""What runs beside the streams: the feed, the end of sessions, and the heartbeat."""

import asyncio
import logging
import time
from types import FrameType
from typing import TypeGuard

import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from live.app import LiveApp, Patience
from live.changes import Feed, FeedLost, make_feed
from live.listeners import Listeners
from live.streams import LOOKS_PER_S, Streams
from webapp.config import Settings
from webapp.domain.clock import Clock, SystemClock
from webapp.heartbeats import EVERY_S, Heart, Role

log = logging.getLogger(__name__)

CHECK_EVERY_S = 2.0
"""A stream outlives its session by no more than this."""
AFTER_TROUBLE_S = 1.0


class _Server(uvicorn.Server):
    """Ends the streams when it is asked to stop: it would wait for them."""

    def __init__(self, config: uvicorn.Config, streams: Streams) -> None:
        super().__init__(config)
        self._streams = streams

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._streams.close()
        super().handle_exit(sig, frame)


class Live:
    """One process `live`; `await run()` until it is stopped, or something unforeseen happens."""

    def __init__(
        self,
        settings: Settings,
        *,
        host: str,
        port: int,
        feed: Feed | None = None,
        clock: Clock | None = None,
        patience: Patience | None = None,
        looks_per_s: float = LOOKS_PER_S,
        check_every_s: float = CHECK_EVERY_S,
        after_trouble_s: float = AFTER_TROUBLE_S,
    ) -> None:
        self._feed = feed or make_feed(settings.database_url)
        self._check_every_s, self._after_trouble_s = check_every_s, after_trouble_s
        self._heart = Heart(settings.redis_url, Role.LIVE)
        self._listeners = Listeners(settings.database_url, clock or SystemClock())
        self.streams = Streams(time.monotonic, looks_per_s=looks_per_s)
        app = LiveApp(self.streams, self._listeners, patience or Patience())
        self._server = _Server(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                interface="asgi3",
                lifespan="off",
                ws="none",
                access_log=False,
                server_header=False,
                log_config=None,
                log_level="warning",
                timeout_graceful_shutdown=2,
            ),
            self.streams,
        )

    async def run(self) -> None:
        log.info("live listens", extra={"port": self._server.config.port})
        beside = [
            asyncio.create_task(work)
            for work in (
                follow(self._feed, self.streams, after_trouble_s=self._after_trouble_s),
                self._end_sessions(),
                self._beat(),
            )
        ]
        serving = asyncio.create_task(self._server.serve())
        try:
            await asyncio.wait([serving, *beside], return_when=asyncio.FIRST_COMPLETED)
            if not serving.done():  # something beside it has failed, and without that it serves nobody
                self.stop()
            await serving
        finally:
            for task in beside:
                task.cancel()
            failed = [one for one in await asyncio.gather(*beside, return_exceptions=True) if _is_fault(one)]
            self._heart.stop()
            self._listeners.close()
        if failed:
            raise failed[0]

    def stop(self) -> None:
        """As a signal does."""
        self.streams.close()
        self._server.should_exit = True

    @property
    def is_ready(self) -> bool:
        return self._server.started and self.streams.is_open

    async def _beat(self) -> None:
        while True:
            await asyncio.to_thread(self._heart.beat)
            await asyncio.sleep(EVERY_S)

    async def _end_sessions(self) -> None:
        while True:
            await asyncio.sleep(self._check_every_s)
            asked = self.streams.session_ids()
            if not asked:
                continue
            try:
                living = await asyncio.to_thread(self._listeners.list_living, asked)
            except SQLAlchemyError as error:  # whether somebody has signed out is not known
                log.warning("all streams end", extra={"reason": type(error).__name__})
                self.streams.end_all()
            else:
                self.streams.end_all_but(living, asked=asked)


def _is_fault(outcome: object) -> TypeGuard[Exception]:
    return isinstance(outcome, Exception)


async def follow(feed: Feed, streams: Streams, *, after_trouble_s: float) -> None:
    """Pass on changes for ever. While there is no feed there are no streams, and the pages poll."""
    while True:
        try:
            async with feed.open() as changes:
                streams.is_open = True
                log.info("the feed is open")
                async for change in changes:
                    streams.notify(change)
        except FeedLost as error:
            log.warning("the feed is lost", extra={"reason": str(error)})
        finally:
            streams.close()
        await asyncio.sleep(after_trouble_s)
