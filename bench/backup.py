"""`python -m bench.backup [postgresql|sqlite] [ACCOUNTS] [DESKTOPS]`: how long a backup takes, and its size.

Made, read back, and put into an empty database, with the commands that ship.
"""

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from bench.databases import AS_IN_PRODUCTION
from bench.fleet import SkippingClock
from tests.desk import migrate
from tests.scale.fleet import make_fleet
from tests.servers.postgres import PostgresCluster, programs
from webapp.database import make_engine
from webapp.domain.clock import SystemClock
from webapp.services.backups.creating import create_backup
from webapp.services.backups.postgres import Clients
from webapp.services.backups.restoring import Target, restore_backup
from webapp.services.backups.verifying import verify_backup


def main(name: str = "postgresql", accounts: str = "1000", desktops: str = "100000") -> None:
    with tempfile.TemporaryDirectory() as folder:
        if name == "sqlite":
            url, empty = f"sqlite:///{folder}/berth.sqlite3", f"sqlite:///{folder}/empty.sqlite3"
            _measure(url, empty, Path(folder) / "backups", int(accounts), int(desktops))
            return
        with PostgresCluster(settings=AS_IN_PRODUCTION) as cluster:
            url, empty = cluster.create_database("bench"), cluster.create_database("empty")
            _measure(url, empty, Path(folder) / "backups", int(accounts), int(desktops))


def _measure(url: str, empty: str, folder: Path, accounts: int, desktops: int) -> None:
    migrate(url)
    database = make_engine(url)
    clock = SkippingClock()
    make_fleet(database, url, clock, accounts=accounts, desktops=desktops, restless=0)
    database.dispose()
    clients = Clients(programs())
    print(f"{desktops:,} desktops; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    began_s, now = time.perf_counter(), SystemClock().now()
    made = create_backup(make_engine(url), folder, keep=1, now=now, clients=clients)
    _say("created and read back", began_s)
    print(f"{made.manifest.bytes / 1e6:,.0f} MB, {made.manifest.rows:,} rows", flush=True)
    began_s = time.perf_counter()
    verify_backup(folder, clients=clients)
    _say("verified", began_s)
    began_s = time.perf_counter()
    target = Target(make_engine(empty).url, {made.manifest.migration}, is_replaced=False)
    restore_backup(folder, target, now=now, clients=clients)
    _say("restored", began_s)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(f"memory of the process {used.ru_maxrss / 1024:.0f} MB")


def _say(what: str, began_s: float) -> None:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = time.process_time() + children.ru_utime + children.ru_stime
    print(f"{what}: {time.perf_counter() - began_s:.1f} s ({cpu_s:.1f} s of CPU so far)", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
