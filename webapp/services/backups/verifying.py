"""`flask backup verify`: is a backup as it was written, and can it be read?"""

from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import URL

from webapp.services.backups import folder as places
from webapp.services.backups import postgres, sqlite, targets
from webapp.services.backups.manifest import BackupRefused, Manifest, check_file, read_manifest
from webapp.services.backups.postgres import Clients


def verify_backup(path: Path, *, clients: Clients) -> tuple[Path, Manifest]:
    """The backup at `path`, or the newest in it. Reads all of it. Raises BackupRefused."""
    backup = places.newest_in(path)
    manifest = read_manifest(backup)
    file = check_file(backup, manifest)
    if manifest.database == "postgresql":
        postgres.check_dump(clients, file, manifest.tables)
    elif sqlite.check(file) != manifest.tables:
        raise BackupRefused(f"{file} has not the rows that the manifest names.")
    return backup, manifest


def try_loading(backup: Path, manifest: Manifest, scratch: URL, *, clients: Clients) -> None:
    """Load it into an empty PostgreSQL database, count its rows, and take it all back.

    Raises BackupRefused.
    """
    if manifest.database != "postgresql" or scratch.get_backend_name() != "postgresql":
        raise BackupRefused(
            "Only a backup of PostgreSQL is loaded to be verified; SQLite's is read as it is."
        )
    server = targets.check_postgres(scratch, manifest, clients, None)
    file = backup / manifest.file
    postgres.load(clients, server, file, tables=manifest.tables, marks=(), is_kept=False)


def age_h(manifest: Manifest, now: datetime) -> float:
    """How old the backup is, in hours."""
    return (now - manifest.created_at).total_seconds() / 3600
