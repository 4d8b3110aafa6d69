"""`python -m bench.reads [postgresql|sqlite] [large] [small]`: what pages read in companies of both sizes.

Then a company of 100, alone and with the large one as its neighbour. PostgreSQL counts rows, SQLite the steps
of its machine. The last column is the weight of the answer in the large company.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.desk import migrate
from tests.scale.company import POLLS, BigCompany, open_company, pages_of
from tests.servers.postgres import PostgresCluster

Figures = dict[str, tuple[int, int]]


def main(database: str = "postgresql", large: str = "100000", small: str = "1000") -> None:
    with ExitStack() as stack:
        make = stack.enter_context(_databases(database))
        figures = [
            _measured(make, size=int(small)),
            _measured(make, size=int(large)),
            _measured(make, size=100),
            _measured(make, size=100, neighbours=int(large)),
        ]
    print(f"{'':22}{small:>10}{large:>10}{'ratio':>8}{'100':>10}{'beside':>10}{'ratio':>8}{'kB':>8}")
    for name in figures[0]:
        few, many, alone, beside = (one[name][0] for one in figures)
        weight = figures[1][name][1] / 1000
        print(
            f"{name:22}{few:10}{many:10}{many / (few or 1):8.2f}{alone:10}{beside:10}"
            f"{beside / (alone or 1):8.2f}{weight:8.1f}"
        )


class _Databases:
    def __init__(self, cluster: PostgresCluster | None, folder: Path) -> None:
        self._cluster, self._folder, self._made = cluster, folder, 0
        if cluster is None:
            migrate(f"sqlite:///{folder}/template.sqlite3")
        else:
            migrate(cluster.create_database("template"))

    def new(self) -> str:
        self._made += 1
        if self._cluster is not None:
            return self._cluster.create_database(f"bench{self._made}", template="template")
        path = self._folder / f"bench{self._made}.sqlite3"
        shutil.copy(self._folder / "template.sqlite3", path)
        return f"sqlite:///{path}"


@contextmanager
def _databases(name: str) -> Iterator[_Databases]:
    with tempfile.TemporaryDirectory() as folder:
        if name == "sqlite":
            yield _Databases(None, Path(folder))
            return
        with PostgresCluster() as cluster:
            yield _Databases(cluster, Path(folder))


def _measured(databases: _Databases, *, size: int, neighbours: int = 0) -> Figures:
    company = open_company(databases.new(), size=size, neighbours=neighbours, has_costs=True)
    found = {name: _figures(company, path) for name, path in pages_of(company, size).items()}
    found |= {name: (company.poll(path), 0) for name, path in POLLS.items()}
    company.close()
    return found


def _figures(company: BigCompany, path: str) -> tuple[int, int]:
    count, weight, _ = company.read(path)
    return count, weight


if __name__ == "__main__":
    main(*sys.argv[1:])
