"""A backup of SQLite: copied online in one step, so that writers go on and the copy is of one moment."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from webapp.services.backups.folder import new_file, through_to_disk
from webapp.services.backups.manifest import BackupRefused

WAIT_S = 30.0
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"


def copy(source: Path, target: Path) -> None:
    """Raises BackupRefused."""
    if not source.is_file():
        raise BackupRefused(f"There is no database at {source}.")
    try:
        os.close(new_file(target))
        with closing(_open(source)) as reading, closing(_open(target)) as writing:
            # All pages at once: a reader in WAL mode sees one moment and stops nobody.
            reading.backup(writing, pages=-1)
            writing.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    except (OSError, sqlite3.Error) as error:
        raise BackupRefused(f"{source} could not be copied: {error}.") from None


def check(path: Path) -> dict[str, int]:
    """Rows by table, of a database that is sound. Raises BackupRefused."""
    with opened(path) as database:
        (found,) = database.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise BackupRefused(f"{path} is damaged: {found}.")
        if database.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise BackupRefused(f"{path} is damaged: rows refer to others that are missing.")
        return count_rows(database)


def count_rows(database: sqlite3.Connection) -> dict[str, int]:
    """By table."""
    names = [name for (name,) in database.execute(_TABLES)]
    return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Raises BackupRefused."""
    try:
        with closing(_open(path)) as database:
            yield database
    except sqlite3.Error as error:
        raise BackupRefused(f"{path} cannot be read: {error}.") from None


@contextmanager
def held(path: Path, *, is_replaced: bool) -> Iterator[str | None]:
    """Empty, or to be replaced and used by nobody, until the end: whoever comes meanwhile waits, and finds
    that the file is another. The uid of the installation that is there, or None. Raises BackupRefused.
    """
    if not path.exists() or not path.stat().st_size:
        yield None
        return
    with opened(path) as database:
        names = {name for (name,) in database.execute(_TABLES)}
        if names and not is_replaced:
            raise BackupRefused(f"{path} is not empty. To replace everything in it, add --replace.")
        try:
            # Only possible while nobody else has it open; and its log is written into it.
            database.execute("PRAGMA busy_timeout=0")
            (mode,) = database.execute("PRAGMA journal_mode=DELETE").fetchone()
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            mode = "busy"
        if mode != "delete":
            raise BackupRefused(f"{path} is in use. Stop all processes of Berth first.")
        found = (
            database.execute("SELECT uid FROM installation").fetchone() if "installation" in names else None
        )
        yield None if found is None else str(found[0])
        database.rollback()


def put(copy_: Path, target: Path, *, tables: Mapping[str, int], marks: Iterable[str]) -> None:
    """Make `target` a copy of the backup with `marks` executed, at once or not at all.

    Raises BackupRefused.
    """
    fresh = target.with_name(f"{target.name}.restoring")
    try:
        fresh.unlink(missing_ok=True)
        with os.fdopen(new_file(fresh), "wb") as writing, copy_.open("rb") as reading:
            while chunk := reading.read(1 << 20):
                writing.write(chunk)
        with closing(_open(fresh)) as database:
            if count_rows(database) != tables:
                raise BackupRefused("The copy has not the rows that the manifest names. Nothing was changed.")
            for mark in marks:
                database.execute(mark)
            database.commit()
        through_to_disk(fresh)
        for suffix in ("-wal", "-shm"):
            target.with_name(f"{target.name}{suffix}").unlink(missing_ok=True)
        fresh.replace(target)
        through_to_disk(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise BackupRefused(f"{target} could not be written: {error}.") from None
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=WAIT_S)
