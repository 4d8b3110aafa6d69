"""`python -m jobs.schedule`: sweep twice a second and queue what is due.

Any number of these may run: a duplicate notification is harmless. It has no key and talks to no cloud.
"""

import logging
import signal
import sys
import threading
from functools import partial
from types import FrameType

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import sessionmaker

from jobs import DUE
from webapp import logging as berth_logging
from webapp.config import Settings
from webapp.database import clock_offset, make_engine
from webapp.database_trouble import may_try_again, trouble_of
from webapp.domain.clock import SystemClock
from webapp.domain.costs.spans import day_of
from webapp.engine.sweep import Sweeper
from webapp.engine.tallies import add_up
from webapp.heartbeats import Heart, Role
from webapp.queueing import RedisNotifier

log = logging.getLogger(__name__)

SWEEP_EVERY_S = 0.5
"""A due row waits at most this long for its notification."""
AFTER_TROUBLE_S = 5.0


def main() -> int:
    settings = Settings.from_env(process="scheduler")
    berth_logging.configure(settings.log_level)
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    database = make_engine(settings.database_url)
    notifier, heart = RedisNotifier(settings.redis_url), Heart(settings.redis_url, Role.SCHEDULER)
    log.info("the scheduler sweeps", extra={"every_s": SWEEP_EVERY_S})
    pause_s, sweeper = SWEEP_EVERY_S, None
    while not stopped.wait(pause_s):
        heart.beat()  # also while the database is unavailable, which is reported separately
        try:
            sweeper = sweeper or _make_sweeper(database, notifier)
            sweeper.sweep()
            add_up(sweeper.sessions, today=day_of(sweeper.clock.now()))
            pause_s = SWEEP_EVERY_S
        except SQLAlchemyError as error:
            if trouble_of(error) is None and not isinstance(error, OperationalError):
                raise
            log.warning("the database is unavailable", extra={"reason": type(error).__name__})
            # A lost connection is replaced at the next sweep; only a database that stays away is given time.
            pause_s = SWEEP_EVERY_S if sweeper is not None and may_try_again(error) else AFTER_TROUBLE_S
            sweeper = None
    heart.stop()
    return 0


def _make_sweeper(database: Engine, notifier: RedisNotifier) -> Sweeper:
    """On the database's clock, like the workers; the clock may differ after the database was unavailable."""
    clock = SystemClock(measure=partial(clock_offset, database))
    sessions = sessionmaker(database, expire_on_commit=False)
    return Sweeper(sessions=sessions, clock=clock, notifier=notifier, due=DUE)


if __name__ == "__main__":
    sys.exit(main())
