"""`python -m bench.looks [postgresql|sqlite] [ROWS]`: what looks at a settled fleet cost that find nothing.

The cloud answers at once, in this process. A core is one of this process and of the database's server.
"""

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from tests.desk import migrate
from tests.scale.settled import QuietCloud, engine_of, settle_fleet
from tests.servers.postgres import PostgresCluster
from webapp.database import make_engine
from webapp.engine.reconcile import reconcile

ROUNDS = 3


def main(name: str = "postgresql", size: str = "2000") -> None:
    with _database(name) as (url, server):
        database, counts = make_engine(url), Counter[str]()
        account_id = settle_fleet(database, url, int(size))
        if server:
            with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))  # as the server does by itself a little later

        def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            counts[" ".join(statement.split()[:2])] += 1

        engine = engine_of(database, url)
        reconcile(engine, account_id)
        QuietCloud.looks.clear()
        event.listen(database, "before_cursor_execute", count)
        began_s, own_s = _cpu_s(server), time.process_time()
        for _ in range(ROUNDS):
            engine.clock.pause(engine.rest.total_seconds())
            reconcile(engine, account_id)
        spent_s, own_s = _cpu_s(server) - began_s, time.process_time() - own_s
        database.dispose()
    rows, batches = sum(QuietCloud.looks), len(QuietCloud.looks)
    print(f"{name}: {rows / spent_s:,.0f} rows a second a core ({rows / own_s:,.0f} without the server)")
    print(f"statements a batch, of {batches} batches:")
    for words, number in counts.most_common(6):
        print(f"  {number / batches:6.2f}  {words}")


@contextmanager
def _database(name: str) -> Iterator[tuple[str, int]]:
    """Its address, and the process of its server."""
    if name == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/berth.sqlite3"
            migrate(url)
            yield url, 0
        return
    with PostgresCluster() as cluster:
        url = cluster.create_database("bench")
        migrate(url)
        yield url, cluster.pid


def _cpu_s(server: int) -> float:
    """Of this process, and of the database's server and its children."""
    total, ticks = time.process_time(), os.sysconf("SC_CLK_TCK")
    for path in Path("/proc").glob("[0-9]*/stat") if server else ():
        try:
            of_process = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if server in (int(path.parent.name), int(of_process[1])):
            total += (int(of_process[11]) + int(of_process[12])) / ticks
    return total


if __name__ == "__main__":
    main(*sys.argv[1:])
