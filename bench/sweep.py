"""`python -m bench.sweep [ACCOUNTS] [sqlite|postgresql]`: what a sweep costs while so many accounts are due.

The sweeps run in a process of their own, whose CPU and memory the kernel counts.
"""

import os
import subprocess
import sys
import uuid

from sqlalchemy import insert, select

from bench import simulation
from bench.databases import migrated
from tests.servers.valkey import Valkey
from webapp.models import CloudCredential


def main(accounts: str = "1000", name: str = "sqlite") -> None:
    with (
        Valkey() as valkey,
        migrated(name) as (url, _),
        simulation.simulated_desk(database_url=url) as desk,
    ):
        table = CloudCredential.__table__
        with desk.sessions.begin() as session:
            row = dict(session.execute(select(table)).mappings().one())
            clones = [
                row | {"id": row["id"] + n, "uid": uuid.uuid4().hex, "name": f"Cloud {n}"}
                for n in range(1, int(accounts))
            ]
            session.execute(insert(table), clones)
        program = [sys.executable, "-m", "bench.sweep_process"]
        environ = {"PATH": os.environ["PATH"]}
        subprocess.run(
            [*program, desk.settings.database_url, valkey.url], env=environ, cwd=simulation.ROOT, check=True
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
