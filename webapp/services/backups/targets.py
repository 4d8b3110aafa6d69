"""May a backup be put into this database? Empty, of the same kind, and used by nobody."""

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from webapp.services.backups import postgres
from webapp.services.backups.manifest import BackupRefused, Manifest
from webapp.services.backups.postgres import Clients

_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_TABLES = text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")


def check_postgres(url: URL, manifest: Manifest, clients: Clients, *, is_replaced: bool) -> None:
    """Raises BackupRefused."""
    try:
        with create_engine(url, poolclass=NullPool).connect() as connection:
            server = str(connection.scalar(text("SHOW server_version"))).split()[0]
            tables, others = connection.scalar(_TABLES), connection.scalar(_OTHERS)
    except SQLAlchemyError as error:
        raise BackupRefused(f"The database does not answer: {str(error).partition(chr(10))[0]}") from None
    postgres.check_clients_for_load(clients, server, manifest.client)
    if tables and not is_replaced:
        raise BackupRefused("The database is not empty. To replace everything in it, add --replace.")
    if tables and others:
        raise BackupRefused(
            f"The database is in use ({others} connections). Stop all processes of Berth first."
        )
