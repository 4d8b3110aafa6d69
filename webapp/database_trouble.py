"""What a failed statement says about the database: is its connection bad, is it busy, is its disk full?

Decided by SQLSTATE and by SQLite's result codes, never by a message
(docs/evidence/reliability.md#failover, docs/evidence/reliability.md#sqlite-write-lock).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError

from webapp.domain.errors import Unavailable
from webapp.domain.sentences import say


class DatabaseTrouble(StrEnum):
    """The value is the public code."""

    UNAVAILABLE = "database_unavailable"
    """No connection, or one that cannot write (any more)."""
    BUSY = "database_busy"
    """Another program holds a lock."""
    FULL = "database_full"
    """No space on its disk."""


LOST_CONNECTION = frozenset({"25006", "25P03", "25P04", "57P01", "57P02", "57P03", "57P05", "53300"})
"""Read-only transaction, idle too long, shut down, crashed, starting or in recovery, too many connections."""
WAITED_IN_VAIN = frozenset({"40001", "40P01", "55P03", "57014"})
"""Serialization failure, deadlock, lock not available, cancelled."""
_CHOSEN_AS_VICTIM = frozenset({"40001", "40P01"})
DISK_FULL = frozenset({"53100"})
"""docs/evidence/reliability.md#full-disk"""
SQLITE = {
    5: DatabaseTrouble.BUSY,
    6: DatabaseTrouble.BUSY,
    8: DatabaseTrouble.UNAVAILABLE,  # read-only
    10: DatabaseTrouble.UNAVAILABLE,  # input or output failed
    13: DatabaseTrouble.FULL,
    14: DatabaseTrouble.UNAVAILABLE,  # cannot open the file
}
"""By SQLite's primary result code, the low byte of the extended one."""

SENTENCES = {
    DatabaseTrouble.UNAVAILABLE: say(
        "Berth’s database is not available right now. Try again in a moment. If it persists, tell Berth’s "
        "operator: the database is down, or cannot be written to."
    ),
    DatabaseTrouble.BUSY: say(
        "Berth’s database is busy, so nothing was saved. Wait a moment and try again. If it persists, "
        "another program holds the database: Berth’s operator must end it (a backup, a migration, a shell)."
    ),
    DatabaseTrouble.FULL: say(
        "Berth’s disk is full, so nothing was saved. Berth’s operator must free some space; then try again."
    ),
}
RETRY_AFTER_S = {DatabaseTrouble.UNAVAILABLE: 5, DatabaseTrouble.BUSY: 5, DatabaseTrouble.FULL: 60}


def trouble_of(error: BaseException | None) -> DatabaseTrouble | None:
    """None if the statement itself is at fault, or something else altogether."""
    if isinstance(error, TimeoutError):  # all connections of the pool are in use
        return DatabaseTrouble.BUSY
    if not isinstance(error, DBAPIError):
        return None
    if error.connection_invalidated:
        return DatabaseTrouble.UNAVAILABLE
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return SQLITE.get(sqlite_code & 0xFF)
    return _by_sqlstate(error)


def is_connection_lost(original: BaseException | None) -> bool:
    """Does the driver's error mean that the connection must not be used again?"""
    state = _sqlstate(original)
    return state in LOST_CONNECTION or state.startswith("08")


def may_try_again(error: BaseException | None) -> bool:
    """Would the same work on a new connection have a chance, and is nothing left of the first try?"""
    if trouble_of(error) is None or not isinstance(error, DBAPIError):
        return False
    if getattr(error.orig, "sqlite_errorcode", None) is not None:
        return False  # it has waited for the lock, and another connection is the same file
    is_lost = trouble_of(error) is DatabaseTrouble.UNAVAILABLE
    return is_lost or _sqlstate(error.orig) in _CHOSEN_AS_VICTIM


def refusal_of(trouble: DatabaseTrouble) -> Unavailable:
    """For people and programs: what happened, what to do, when to come back."""
    return Unavailable(SENTENCES[trouble], code=trouble.value, retry_after_s=RETRY_AFTER_S[trouble])


def _by_sqlstate(error: DBAPIError) -> DatabaseTrouble | None:
    state = _sqlstate(error.orig)
    if is_connection_lost(error.orig) or (not state and isinstance(error, OperationalError)):
        return DatabaseTrouble.UNAVAILABLE  # without a state: there was no connection to answer with one
    if state in WAITED_IN_VAIN:
        return DatabaseTrouble.BUSY
    return DatabaseTrouble.FULL if state in DISK_FULL else None


def _sqlstate(original: BaseException | None) -> str:
    return str(getattr(original, "sqlstate", None) or "")


@dataclass(slots=True)
class Writes:
    """What the work inside `watch_writes` has done to the database."""

    has_written: bool = False
    may_be_committed: bool = False
    """Set before a commit is sent, because its answer may get lost."""


_writes: ContextVar[Writes | None] = ContextVar("berth_writes", default=None)


@contextmanager
def watch_writes() -> Iterator[None]:
    token = _writes.set(Writes())
    try:
        yield
    finally:
        _writes.reset(token)


def may_be_committed() -> bool:
    """May anything of the work inside `watch_writes` be committed? True outside."""
    found = _writes.get()
    return found is None or found.may_be_committed


def note_statement(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    """A listener for `before_cursor_execute`."""
    found = _writes.get()
    if found is not None and not statement.lstrip()[:6].upper().startswith(("SELECT", "SHOW")):
        found.has_written = True


def note_commit(_connection: Any) -> None:
    """A listener for `commit`, which is called before the commit is sent."""
    found = _writes.get()
    if found is not None and found.has_written:
        found.may_be_committed = True
