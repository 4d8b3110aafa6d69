"""What runs beside the streams: the feed, the end of sessions, and the heartbeat."""

import asyncio
import logging
import signal
import time
from types import FrameType

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
    """One process `live`; `await run()` until it is stopped."""

    def __init__(
        self,
        settings: Settings,
        *,
        host: str,
        port: int,
        clock: Clock | None = None,
        patience: Patience | None = None,
        looks_per_s: float = LOOKS_PER_S,
        check_every_s: float = CHECK_EVERY_S,
        after_trouble_s: float = AFTER_TROUBLE_S,
    ) -> None:
        self._feed = make_feed(settings.database_url)
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
                timeout_graceful_shutdown=2,
            ),
            self.streams,
        )

    async def run(self) -> None:
        beside = [
            asyncio.create_task(work)
            for work in (
                follow(self._feed, self.streams, after_trouble_s=self._after_trouble_s),
                self._end_sessions(),
                self._beat(),
            )
        ]
        try:
            await self._server.serve()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            self._heart.stop()
            self._listeners.close()

    def stop(self) -> None:
        """From another thread, or a test: as SIGTERM does."""
        self._server.handle_exit(signal.SIGTERM, None)

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
