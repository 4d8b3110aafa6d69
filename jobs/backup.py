"""`python -m jobs.backup FOLDER`: make a backup of the database, and remove the oldest ones.

What the timer runs. It does what `flask backup create` does, and needs no secret but the database.
"""

import argparse
import sys
from pathlib import Path

from webapp import logging as berth_logging
from webapp.config import Settings
from webapp.database import make_engine
from webapp.domain.clock import SystemClock
from webapp.services.backups.creating import create_backup
from webapp.services.backups.manifest import BackupRefused
from webapp.services.backups.postgres import Clients


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m jobs.backup", description="Back the database up.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep", type=int, default=14, help="how many backups stay (14)")
    parser.add_argument("--clients", type=Path, help="the folder with pg_dump and pg_restore")
    given = parser.parse_args(arguments)
    if given.keep < 1:
        parser.error("--keep is 1 or more")
    settings, clients = Settings.from_env(process="backup"), Clients(given.clients)
    berth_logging.configure(settings.log_level)
    database, now = make_engine(settings.database_url), SystemClock().now()
    try:
        made = create_backup(database, given.folder, keep=given.keep, now=now, clients=clients)
    except BackupRefused as error:
        print(f"Error: {error.message}", file=sys.stderr)
        return 1
    print(
        f"{made.path}: {made.manifest.rows} rows, {made.manifest.bytes} bytes; {len(made.removed)} removed."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
