"""`flask backup create`: one moment of the database with its manifest, and the end of the oldest backups."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, column, func, select, table, text, update
from sqlalchemy.exc import SQLAlchemyError

from webapp import VERSION
from webapp.database_rights import SEALED
from webapp.models import Installation
from webapp.services.backups import folder as places
from webapp.services.backups import postgres, sqlite
from webapp.services.backups.manifest import FILES, BackupRefused, Keys, Manifest, sha256_of
from webapp.services.backups.postgres import Clients
from webapp.services.backups.verifying import verify_backup

OF_WEBHOOKS = ("webhook_endpoints", "mails")
"""Tables whose secrets the background workers open; the others are the workers' on cloud accounts."""


@dataclass(frozen=True, slots=True)
class Made:
    path: Path
    manifest: Manifest
    removed: tuple[Path, ...]
    """Older backups that went."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database says about itself at the moment of the backup."""

    migration: str
    installation: str
    tables: dict[str, int]
    keys: Keys
    server: str
    client: str


def create_backup(database: Engine, folder: Path, *, keep: int, now: datetime, clients: Clients) -> Made:
    """Nobody waits for it: Berth goes on working. Read back, and noted for `/metrics`. Commits.

    Whenever it is killed, the folder has whole backups only. Raises BackupRefused.
    """
    with places.taken(folder):
        try:
            manifest, path = _made(database, folder, now=now, clients=clients)
        except (OSError, SQLAlchemyError) as error:
            raise BackupRefused(f"No backup was made: {_short(error)}") from None
        verify_backup(path, clients=clients)  # before any older one goes
        _note(database, now)
        removed = places.remove_old(folder, keep=keep, installation=manifest.installation)
    return Made(path, manifest, tuple(removed))


def _made(database: Engine, folder: Path, *, now: datetime, clients: Clients) -> tuple[Manifest, Path]:
    """The files of a backup, and where they are; nothing of one that fails. Raises BackupRefused, OSError,
    SQLAlchemyError."""
    kind = database.dialect.name
    with places.begun(folder, now) as place:
        file = place / FILES[kind]
        known = _dump(database, file, clients) if kind == "postgresql" else _copy(database, file)
        manifest = Manifest(
            database=kind,
            version=VERSION,
            migration=known.migration,
            installation=known.installation,
            created_at=now,
            server=known.server,
            client=known.client,
            tables=known.tables,
            keys=known.keys,
            bytes=file.stat().st_size,
            sha256=sha256_of(file),
        )
        return manifest, places.finish(place, manifest)


def _dump(database: Engine, file: Path, clients: Clients) -> _Known:
    with database.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        server = str(connection.scalar(text("SHOW server_version"))).split()[0]
        client = postgres.check_clients_for_dump(clients, server)
        # pg_dump sees what this transaction sees, so the manifest's counts are those of the dump.
        snapshot = str(connection.scalar(text("SELECT pg_export_snapshot()")))
        names = connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        ).all()
        tables = {name: _count(connection, name) for name in names}
        known = _Known(*_identity(connection), tables, _keys(connection), server, client)
        postgres.dump(clients, postgres.server_of(connection), file, snapshot=snapshot)
    return known


def _copy(database: Engine, file: Path) -> _Known:
    sqlite.copy(Path(database.url.database or ""), file)
    tables = sqlite.check(file)
    with sqlite.opened(file) as copied:
        (migration,) = copied.execute("SELECT version_num FROM alembic_version").fetchone()
        (installation,) = copied.execute("SELECT uid FROM installation").fetchone()
        sealed = {
            name: [row[0] for row in copied.execute(f"SELECT {column_} FROM {name}")]
            for name, column_ in SEALED.items()
        }
    version = sqlite3.sqlite_version
    return _Known(migration, installation, tables, _key_ids(sealed), version, version)


def _identity(connection: Connection) -> tuple[str, str]:
    """Its migration and its installation's uid."""
    migration = connection.scalar(select(column("version_num")).select_from(table("alembic_version")))
    return str(migration), str(connection.scalar(select(Installation.uid)))


def _count(connection: Connection, name: str) -> int:
    return connection.scalar(select(func.count()).select_from(table(name))) or 0


def _keys(connection: Connection) -> Keys:
    return _key_ids(
        {
            name: connection.scalars(select(column(column_)).select_from(table(name)))
            for name, column_ in SEALED.items()
        }
    )


def _key_ids(sealed: Mapping[str, Iterable[str | None]]) -> Keys:
    """A sealed text is `2.<key id>.<base64>`."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for name, texts in sealed.items():
        for one in texts:
            if one and one.count(".") >= 2:
                found[name in OF_WEBHOOKS].add(one.split(".", 2)[1])
    return Keys(credential=tuple(sorted(found[False])), webhook=tuple(sorted(found[True])))


def _note(database: Engine, now: datetime) -> None:
    """The backup is good without it, so a database that fails now does not fail the backup."""
    with suppress(SQLAlchemyError), database.begin() as connection:
        connection.execute(update(Installation).values(backed_up_at=now))


def _short(error: Exception) -> str:
    return str(error).partition("\n")[0]
