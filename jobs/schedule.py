"""`python -m jobs.schedule`: sweep twice a second, ring for what is due.

Any number of these may run: a ring that comes twice is harmless. It has no key and talks to no cloud.
"""

import logging
import signal
import sys
import threading
from types import FrameType

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import sessionmaker

from webapp import logging as berth_logging
from webapp.config import Settings
from webapp.database import make_engine
from webapp.domain.clock import SystemClock
from webapp.engine.sweep import Sweeper
from webapp.queueing import RedisBell

log = logging.getLogger(__name__)

SWEEP_EVERY_S = 0.5
"""A due row waits at most this long for its ring."""
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
    sweeper = Sweeper(
        sessions=sessionmaker(database, expire_on_commit=False),
        clock=SystemClock(),
        bell=RedisBell(settings.redis_url),
    )
    log.info("the scheduler sweeps", extra={"every_s": SWEEP_EVERY_S})
    pause_s = SWEEP_EVERY_S
    while not stopped.wait(pause_s):
        try:
            sweeper.sweep()
            pause_s = SWEEP_EVERY_S
        except OperationalError as error:
            log.warning("the database is away", extra={"reason": type(error.orig).__name__})
            pause_s = AFTER_TROUBLE_S
    return 0


if __name__ == "__main__":
    sys.exit(main())
