"""`python -m bench.looks [postgresql|sqlite] [ROWS]`: what looks at a settled fleet cost that find nothing.

The cloud answers at once, in this process. A core is one of this process and of the database's server.
"""

import sys
import time
from collections import Counter
from typing import Any

from sqlalchemy import event, text

from bench.databases import cpu_s, migrated
from tests.scale.settled import QuietCloud, engine_of, settle_fleet
from webapp.database import make_engine
from webapp.engine.reconcile import reconcile

ROUNDS = 3


def main(name: str = "postgresql", size: str = "2000") -> None:
    with migrated(name) as (url, server):
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
        began_s, own_s = cpu_s(server), time.process_time()
        for _ in range(ROUNDS):
            engine.clock.pause(engine.rest.total_seconds())
            reconcile(engine, account_id)
        spent_s, own_s = cpu_s(server) - began_s, time.process_time() - own_s
        database.dispose()
    rows, batches = sum(QuietCloud.looks), len(QuietCloud.looks)
    print(f"{name}: {rows / spent_s:,.0f} rows a second a core ({rows / own_s:,.0f} without the server)")
    print(f"statements a batch, of {batches} batches:")
    for words, number in counts.most_common(6):
        print(f"  {number / batches:6.2f}  {words}")


if __name__ == "__main__":
    main(*sys.argv[1:])
