"""A migrated database for a measurement, and the CPU of this process and of the database's server."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.desk import migrate
from tests.servers.postgres import PostgresCluster

AS_IN_PRODUCTION = {"autovacuum": "on", "full_page_writes": "on", "shared_buffers": "256MB"}
"""What the server of the tests does without. It still does not wait for the disk."""


@contextmanager
def migrated(name: str, **settings: str) -> Iterator[tuple[str, int]]:
    """Its address, and the process of its server: 0 for SQLite. `settings` are PostgreSQL's."""
    if name == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/berth.sqlite3"
            migrate(url)
            yield url, 0
        return
    with PostgresCluster(settings=settings) as cluster:
        url = cluster.create_database("bench")
        migrate(url)
        yield url, cluster.pid


def cpu_s(server: int) -> float:
    """Of this process, and of the database's server and its children, those that have ended too."""
    return time.process_time() + (server_cpu_s(server) if server else 0.0)


def server_cpu_s(server: int) -> float:
    total, ticks = 0, os.sysconf("SC_CLK_TCK")
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            of_process = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if server in (int(path.parent.name), int(of_process[1])):
            total += int(of_process[11]) + int(of_process[12])
        if server == int(path.parent.name):
            total += int(of_process[13]) + int(of_process[14])
    return total / ticks
