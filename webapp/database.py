"""Connecting to SQLite or PostgreSQL so that both behave alike: UTC instants, real transactions."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import DateTime, Engine, Executable, create_engine, event, func, select
from sqlalchemy.engine import CursorResult, Dialect, ExceptionContext, Result
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session, scoped_session
from sqlalchemy.types import TypeDecorator

from webapp.database_trouble import is_connection_lost, note_commit, note_statement

_reading: ContextVar[bool] = ContextVar("berth_reading", default=False)

SQLITE_BUSY_TIMEOUT_MS = 10_000
AT_ONCE_MS = 2_000
ASK_AGAIN_S = 1.0
"""A pooled connection that was asked so recently is used unasked: many small transactions in a row cost one
question. What fails meanwhile is trouble of the database, and done once more on a new connection."""
ASKED_S = "asked_s"
"""When the connection was asked last, in its `info`."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware UTC in Python, `timestamptz` in PostgreSQL, naive UTC text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@contextmanager
def read_only_transactions() -> Iterator[None]:
    """Inside, SQLite transactions begin deferred, so that reading pages never waits for a writer.

    Everywhere else they begin IMMEDIATE: a deferred read-then-write is refused with "database is
    locked" under load, an immediate one waits its turn (docs/evidence/reliability.md#sqlite-write-lock).
    """
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


@contextmanager
def writing_transactions() -> Iterator[None]:
    """Inside `read_only_transactions`, a part that writes after all (a last-seen time)."""
    token = _reading.set(False)
    try:
        yield
    finally:
        _reading.reset(token)


def take_turns(session: Session | scoped_session[Session], name: str) -> None:
    """Wait until no other transaction has taken its turn on `name`; the turn ends with the transaction.

    For a limit on what has no row to lock. SQLite's writing transactions exclude each other already.
    """
    if session.get_bind().dialect.name == "sqlite":
        return
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    session.execute(select(func.pg_advisory_xact_lock(number)))


def changed_rows(result: Result[Any]) -> int:
    """How many rows an UPDATE or DELETE really changed; the result of every compare-and-set."""
    return cast("CursorResult[Any]", result).rowcount


def prepare(engine: Engine) -> Engine:
    """Attach what each database needs. Call once per engine, before its first use."""
    event.listen(engine, "before_cursor_execute", note_statement)
    event.listen(engine, "commit", note_commit)
    if engine.dialect.name != "sqlite":
        return _prepare_postgresql(engine)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:  # the driver's own connection type
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"busy_timeout={SQLITE_BUSY_TIMEOUT_MS}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if _reading.get() else "BEGIN IMMEDIATE")

    return engine


def _prepare_postgresql(engine: Engine) -> Engine:
    """No pooled connection is used for long that takes no writes (docs/evidence/reliability.md#failover)."""

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: Any, _proxy: Any) -> None:
        # A new connection is not asked, so pages can be read while no server takes writes.
        now_s = time.monotonic()
        if now_s - record.info.setdefault(ASKED_S, now_s) < ASK_AGAIN_S:
            return
        if not _answers_and_writes(connection, engine.dialect.loaded_dbapi.Error):
            raise InvalidatePoolError  # and every older one of the pool
        record.info[ASKED_S] = now_s

    @event.listens_for(engine, "handle_error")
    def on_error(context: ExceptionContext) -> None:
        if is_connection_lost(context.original_exception):
            context.is_disconnect = True  # ends this connection, and every older one of the pool

    return engine


def _answers_and_writes(connection: Any, failure: type[Exception]) -> bool:
    """One statement, and one question more than usual: a server that has become a standby still answers."""
    try:
        was_autocommit = connection.autocommit
        if not was_autocommit:
            connection.autocommit = True
        row = connection.execute("SHOW transaction_read_only").fetchone()
        if not was_autocommit:
            connection.autocommit = was_autocommit
    except failure:
        return False
    return row is not None and row[0] == "off"


def engine_options(url: str) -> dict[str, Any]:
    """Options for `create_engine` that suit the database behind `url`."""
    if url.startswith("sqlite"):
        return {"hide_parameters": True}
    return {
        "hide_parameters": True,  # an error's text goes into the log, and values may be secret
        "pool_size": 10,
        "max_overflow": 10,
        "connect_args": {"connect_timeout": 5},
    }


def make_engine(url: str) -> Engine:
    """An engine for a process without Flask (workers, scheduler)."""
    return prepare(create_engine(url, **engine_options(url)))


def write_at_once(engine: Engine, statement: Executable) -> None:
    """Execute and commit, waiting at most `AT_ONCE_MS` for a lock: a proof that the database takes writes.

    Raises SQLAlchemyError.
    """
    with writing_transactions(), engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {AT_ONCE_MS}")
            connection.execute(statement)
            connection.commit()
            return
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA busy_timeout={AT_ONCE_MS}")
        try:
            connection.execute(statement)
            connection.commit()
        finally:
            driver.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_TIMEOUT_MS}")


def host_clock_skew_s(session: Session | scoped_session[Session]) -> float:
    """This host's clock minus the database's, less half the round trip; 0.0 for SQLite."""
    if session.get_bind().dialect.name == "sqlite":
        return 0.0
    before_s = time.time()
    theirs: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return (before_s + time.time()) / 2 - theirs.timestamp()


def clock_offset(engine: Engine) -> timedelta:
    """The database's clock minus this host's; leases of several hosts are compared on the database's."""
    if engine.dialect.name == "sqlite":
        return timedelta(0)
    with engine.connect() as connection:
        theirs: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return theirs - datetime.now(UTC)
