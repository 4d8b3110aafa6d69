"""May a backup be put into this database? Empty or to be replaced, of the same kind, and used by nobody."""

from dataclasses import dataclass

from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from webapp.services.backups import postgres
from webapp.services.backups.manifest import BackupRefused, Manifest
from webapp.services.backups.postgres import Clients, Server

_OTHERS = text(
    # Who is no superuser sees of others only that they are there, not of which type.
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND coalesce(backend_type, 'client backend') = 'client backend'"
    " AND usesysid IS NOT NULL"
)
_TABLES = text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
_IDENTIFIED = text("SELECT to_regclass('public.installation') IS NOT NULL")
_INSTALLATION = text("SELECT uid FROM public.installation")


@dataclass(frozen=True, slots=True)
class Replacing:
    """What is there goes: this installation's own, or the one that is named."""

    uid: str | None = None


def check_postgres(url: URL, manifest: Manifest, clients: Clients, replacing: Replacing | None) -> Server:
    """The server that was looked at. None: nothing may be there. Raises BackupRefused."""
    try:
        with create_engine(url, poolclass=NullPool).connect() as connection:
            version = str(connection.scalar(text("SHOW server_version"))).split()[0]
            tables, others = connection.scalar(_TABLES), connection.scalar(_OTHERS)
            found = _installation(connection)
            server = postgres.server_of(connection)
    except SQLAlchemyError as error:
        raise BackupRefused(f"The database does not answer: {str(error).partition(chr(10))[0]}") from None
    postgres.check_clients_for_load(clients, version, manifest.client)
    if tables and replacing is None:
        raise BackupRefused("The database is not empty. To replace everything in it, add --replace.")
    check_installation(found, manifest, replacing)
    if tables and others:
        raise BackupRefused(
            f"The database is in use ({others} connections). Stop all processes of Berth first."
        )
    return server


def check_installation(found: str | None, manifest: Manifest, replacing: Replacing | None) -> None:
    """`found`: the uid of the installation that is there; None: of none. Raises BackupRefused."""
    if found in (None, manifest.installation) or (replacing is not None and replacing.uid == found):
        return
    raise BackupRefused(
        f"The database is of another installation ({found}) than the backup ({manifest.installation})."
        f" To replace it all the same, add --installation {found}."
    )


def _installation(connection: Connection) -> str | None:
    if not connection.scalar(_IDENTIFIED):
        return None
    return connection.scalar(_INSTALLATION)
