"""What every job needs: this process's engine, and the last error handler."""

import gc
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from sqlalchemy import Engine as DatabaseEngine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import configure_mappers, sessionmaker

from webapp import logging as berth_logging
from webapp import metrics
from webapp.clouds.base import DriverFactory
from webapp.config import Settings
from webapp.database import clock_offset, make_engine
from webapp.database_trouble import may_try_again
from webapp.domain.clock import SystemClock
from webapp.engine.context import Engine
from webapp.engine.limiter import SharedLimiter
from webapp.engine.locks import SharedLocks
from webapp.queueing import JobName, RedisNotifier
from webapp.vault.box import Opener

log = logging.getLogger(__name__)

Work = Callable[[Engine, int], None]

_settings: Settings | None = None
_database: DatabaseEngine | None = None
_drivers: Mapping[str, DriverFactory] = {}
_parent_pid = 0


def prepare(settings: Settings, drivers: Mapping[str, DriverFactory]) -> None:
    """Run once in the parent worker: jobs are forked from it and inherit everything.

    `drivers`: empty for jobs that call no cloud, so that their worker loads no SDK.
    """
    global _settings, _database, _drivers, _parent_pid
    _parent_pid = os.getpid()
    _settings, _database, _drivers = settings, make_engine(settings.database_url), drivers


def rehearse(rehearsals: Iterable[Callable[[Engine], None]]) -> None:
    """Do each kind of job once for nobody, in the parent, so that forked jobs find their statements compiled.

    Also what the database says of itself at a first connection. If it is unavailable, jobs begin cold.
    """
    configure_mappers()
    try:
        for rehearsal in rehearsals:
            rehearsal(build())
    except SQLAlchemyError as error:
        log.warning("the jobs begin cold", extra={"reason": type(error).__name__})
    disconnect()
    gc.collect()
    gc.freeze()  # a job's own collections need not copy the parent's pages


def disconnect() -> None:
    """Close what the parent used: it needs no connection while it waits, and a fork must inherit none."""
    if _database is not None:
        _database.dispose()


def build() -> Engine:
    """The engine of this process. Raises RuntimeError before `prepare`."""
    if _settings is None or _database is None:
        raise RuntimeError("prepare() has not been called")
    clock = SystemClock(measure=partial(clock_offset, _database))
    return Engine(
        sessions=sessionmaker(_database, expire_on_commit=False),
        clock=clock,
        limiter=SharedLimiter(_settings.redis_url, clock),
        notifier=RedisNotifier(_settings.redis_url),
        settings=_settings,
        opener=Opener(_settings.credential_private_keys),
        webhook_opener=Opener(_settings.webhook_private_keys),
        drivers=_drivers,
        locks=SharedLocks(_settings.redis_url),
    )


def run(name: JobName, work: Work, subject_id: int) -> None:
    """Run one job in a forked process. An error is logged here, once, and ends the job as failed."""
    if _database is not None:
        _database.dispose(close=False)  # the parent's connections must be neither used nor closed here
    if os.getpid() != _parent_pid:
        metrics.write_as_job_of(_parent_pid)
    with berth_logging.about(job=name.value, subject_id=subject_id):
        _run(name, work, subject_id)


def _run(name: JobName, work: Work, subject_id: int) -> None:
    try:
        _work(name, work, subject_id)
        metrics.count(metrics.JOBS, name.value, "done")
    except Exception as error:
        metrics.count(metrics.JOBS, name.value, "broken")
        log.exception("job failed")
        # The queue keeps the exception for a day: it gets the type of error and nothing else.
        raise RuntimeError(f"{name.value} failed: {type(error).__name__}") from None


def _work(name: JobName, work: Work, subject_id: int) -> None:
    """Once more if the database connection was lost, or a deadlock ended it: every job is safe to repeat."""
    try:
        work(build(), subject_id)
    except DBAPIError as error:
        if not may_try_again(error):
            raise
        log.warning("the database failed; the job is tried once more")
        work(build(), subject_id)
