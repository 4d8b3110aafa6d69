"""`flask backup restore`: put a backup in, marked so that nothing is made before it is compared.

The cloud is newer than what is restored. The marks are in the transaction that restores, so no worker ever
sees the one without the other (docs/decisions/own_backup.md).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL

from webapp.domain.access import AFTER_RESTORE
from webapp.domain.duties import TAKE_INVENTORY
from webapp.domain.lifecycle import SENT_ONCE, Desired
from webapp.services.backups import postgres, sqlite, targets
from webapp.services.backups.manifest import BackupRefused, Manifest
from webapp.services.backups.postgres import Clients
from webapp.services.backups.targets import Replacing
from webapp.services.backups.verifying import verify_backup

FENCED = 1_000_000
"""How far the numbers of leases go on: a worker of before writes nothing into what was restored."""


@dataclass(frozen=True, slots=True)
class Target:
    """The database to restore into."""

    url: URL
    migrations: Collection[str]
    """Those that this Berth knows."""
    replacing: Replacing | None
    """What is in it goes; None: it must be empty."""


def restore_backup(path: Path, target: Target, *, now: datetime, clients: Clients) -> Manifest:
    """Whole, or not at all. The migrations of this Berth are still to be run. Raises BackupRefused."""
    backup, manifest = verify_backup(path, clients=clients)
    if manifest.migration not in target.migrations:
        raise BackupRefused(
            f"The backup is of a newer Berth ({manifest.version}, migration {manifest.migration})."
            " Restore it with that release or a newer one."
        )
    kind = target.url.get_backend_name()
    if manifest.database != kind:
        raise BackupRefused(f"The backup is of {manifest.database}, and DATABASE_URL names {kind}.")
    file, marks = backup / manifest.file, _marks(manifest, now)
    if kind == "sqlite":
        database = Path(target.url.database or "")
        with sqlite.held(database, is_replaced=target.replacing is not None) as found:
            targets.check_installation(found, manifest, target.replacing)
            sqlite.put(file, database, tables=manifest.tables, marks=marks)
        return manifest
    server = targets.check_postgres(target.url, manifest, clients, target.replacing)
    empties = target.replacing is not None
    postgres.load(clients, server, file, tables=manifest.tables, marks=marks, empties=empties)
    return manifest


def _marks(manifest: Manifest, now: datetime) -> list[str]:
    """What a restored database must know, as statements for its own schema.

    Every account is compared before anything is made in it (`engine/holding.py`). What must not happen twice
    and was not sent yet may have been sent since: it counts as sent, and is looked at. Whoever was signed in
    signs in again, because who was signed out since is not known. An end that was near may have been undone
    since: its desktop is kept for AFTER_RESTORE (for ends of contracts: `engine/suspending.py`).
    """
    restored, backed_up = _instant(manifest, now), _instant(manifest, manifest.created_at)
    kept_until = _instant(manifest, now + AFTER_RESTORE)
    once = ", ".join(f"'{action.value}'" for action in sorted(SENT_ONCE))
    return [
        f"UPDATE installation SET restored_at = '{restored}', backed_up_at = '{backed_up}'",
        f"UPDATE duties SET last_good_at = NULL, due_at = '{restored}' WHERE kind = '{TAKE_INVENTORY}'",
        f"UPDATE cloud_credentials SET lease_until = NULL, lease_token = lease_token + {FENCED}",
        f"UPDATE workspaces SET action_sent_at = '{restored}', version = version + 1"
        f" WHERE requested_action IN ({once}) AND action_sent_at IS NULL",
        f"UPDATE workspaces SET destroy_at = '{kept_until}', version = version + 1"
        f" WHERE desired = '{Desired.PRESENT.value}' AND destroy_at < '{kept_until}'",
        "DELETE FROM user_sessions",
    ]


def _instant(manifest: Manifest, at: datetime) -> str:
    """As the database writes it (`webapp/database.py`)."""
    at = at.astimezone(UTC)
    if manifest.database == "sqlite":
        return at.replace(tzinfo=None).isoformat(" ", "microseconds")
    return at.isoformat(" ")
