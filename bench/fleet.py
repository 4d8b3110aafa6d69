"""`python -m bench.fleet [postgresql|sqlite] [ACCOUNTS] [DESKTOPS] [MINUTES]`: a fleet, and what it costs.

One desktop in a thousand is ordered, stopped or started meanwhile. The cloud answers at once, in this
process. One worker does all work, at its real speed; only the time in which nothing is due is left out.
PostgreSQL runs as in production, but does not wait for the disk.
"""

import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine as Database
from sqlalchemy import event, text

from bench.databases import AS_IN_PRODUCTION, cpu_s, migrated
from tests.scale.fleet import Fleet, make_fleet
from tests.scale.settled import NOW
from webapp.database import make_engine, read_only_transactions
from webapp.queueing import JobName
from webapp.services.gauges import gauges

RESTLESS = 1000
"""One desktop of so many is under way within the hour."""
SWEEP_EVERY_S = 5.0
LIMITED_TO_A_S = 2
"""Calls that Amazon takes from an account and region."""


class SkippingClock:
    """Runs as fast as the real one; who waits does not wait, but arrives."""

    def __init__(self) -> None:
        self._began_s, self._skipped_s = time.perf_counter(), 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.monotonic_s())

    def monotonic_s(self) -> float:
        return time.perf_counter() - self._began_s + self._skipped_s

    def pause(self, seconds: float) -> None:
        self._skipped_s += seconds

    def start(self) -> None:
        self._began_s, self._skipped_s = time.perf_counter(), 0.0


@dataclass
class Kind:
    """What the units of one kind have cost."""

    number: int = 0
    own_s: float = 0.0
    server_s: float = 0.0
    longest_s: float = 0.0

    @property
    def line(self) -> str:
        each = 1000 / max(self.number, 1)
        return (
            f"{self.number:8,} {self.own_s * each:8.1f} ms {self.server_s * each:8.1f} ms"
            f" {self.longest_s * 1000:8.0f} ms"
        )


@dataclass
class Watch:
    """Counts what one connection says, and what each unit of work costs on both of its ends."""

    fleet: Fleet
    kinds: dict[str, Kind] = field(default_factory=dict)
    said: Counter[str] = field(default_factory=Counter)
    commits: int = 0
    backend: Path | None = None

    def begin(self) -> None:
        database = self.fleet.database
        if database.dialect.name == "postgresql":
            with database.connect() as connection:
                pid = connection.scalar(text("SELECT pg_backend_pid()"))
            self.backend = Path(f"/proc/{pid}/schedstat")
        event.listen(database, "before_cursor_execute", self._count)
        event.listen(database, "commit", self._count_commit)
        self.fleet.measured = self.measured

    def _count(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.said[statement.split(maxsplit=1)[0]] += 1

    def _count_commit(self, _connection: Any) -> None:
        self.commits += 1

    def measured(self, kind: str, do: Callable[[], object]) -> object:
        calls, own_s, server_s = self.fleet.cloud.calls.copy(), time.process_time(), self._server_s()
        began_s = time.perf_counter()
        try:
            return do()
        finally:
            took_s = time.perf_counter() - began_s
            one = self.kinds.setdefault(self._name(kind, self.fleet.cloud.calls - calls), Kind())
            one.number += 1
            one.own_s += time.process_time() - own_s
            one.server_s += self._server_s() - server_s
            one.longest_s = max(one.longest_s, took_s)

    def _name(self, kind: str, calls: Counter[str]) -> str:
        """Of a run: what it was mostly about."""
        if kind != JobName.RECONCILE:
            return kind
        if calls["page of a list"]:
            return "run with an inventory"
        return "run with looks only" if set(calls) == {"look"} else "run with something else"

    def _server_s(self) -> float:
        """Of the server's process for our connection; it has only one."""
        return int(self.backend.read_text().split()[0]) / 1e9 if self.backend else 0.0


def main(
    name: str = "postgresql", accounts: str = "1000", desktops: str = "100000", minutes: str = "60"
) -> None:
    print(
        f"{name}, {accounts} accounts, {desktops} desktops, {minutes} minutes; {os.cpu_count()} cores,"
        f" load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    with migrated(name, **AS_IN_PRODUCTION) as (url, server):
        clock, database, began_s = SkippingClock(), make_engine(url), time.perf_counter()
        fleet = make_fleet(
            database,
            url,
            clock,
            accounts=int(accounts),
            desktops=int(desktops),
            restless=max(int(desktops) // RESTLESS, 3),
        )
        _tidy(database)
        print(
            f"filled in {time.perf_counter() - began_s:.0f} s; the database has {_size_mb(database):,.0f} MB",
            flush=True,
        )
        clock.start()
        _measure(fleet, server, float(minutes))
        database.dispose()


def _measure(fleet: Fleet, server: int, minutes: float) -> None:
    watch, before = Watch(fleet), _written(fleet.database)
    fleet.cloud.seen_s.update(dict.fromkeys(fleet.cloud.seen_s, 0.0))
    watch.begin()
    watch.measured("metrics, asked for once", lambda: _gauges(fleet))
    began_s, began_cpu_s, own_s = time.perf_counter(), cpu_s(server), time.process_time()
    fleet.live(minutes, sweep_every_s=SWEEP_EVERY_S)
    took_s, used_s = time.perf_counter() - began_s, cpu_s(server) - began_cpu_s
    own_s = time.process_time() - own_s
    after = _written(fleet.database)
    _print(fleet, watch, minutes)
    print(
        f"CPU: {own_s:,.0f} s of this process, {used_s - own_s:,.0f} s of the server:"
        f" {used_s / minutes / 60:.2f} cores; {took_s:,.0f} s of real time"
    )
    print(
        f"written: {after[0] - before[0]:,} rows, {(after[1] - before[1]) / 1e6:,.0f} MB of WAL;"
        f" the database has {_size_mb(fleet.database):,.0f} MB"
    )
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory of this process, with the cloud in it: {peak_mb:,.0f} MB at most")


def _print(fleet: Fleet, watch: Watch, minutes: float) -> None:
    cloud = fleet.cloud
    statements = sum(number for verb, number in watch.said.items() if verb != "BEGIN")
    looks, hours, each = cloud.calls["look"], minutes / 60, max(cloud.looked, 1)
    print(
        f"{cloud.looked:,} looks in {looks:,} batches; {statements:,} statements, {watch.commits:,}"
        f" transactions: {statements / each:.2f} and {watch.commits / each:.2f} a look"
    )
    for operation, number in cloud.calls.most_common():
        print(f"  {number:8,}  {operation}")
    calls = sum(cloud.calls_of.values()) / fleet.accounts / hours
    busiest = max(cloud.calls_of.values(), default=0) / hours
    print(
        f"calls of an account and hour: {calls:.0f}, the busiest {busiest:.0f},"
        f" allowed {LIMITED_TO_A_S * 3600:,}"
    )
    print(
        f"not looked at for {max(cloud.longest_unseen_s, _unseen_s(fleet)):.0f} s at most,"
        f" due after {fleet.engine.rest.total_seconds():.0f} s;"
        f" {sum(number > 1 for number in cloud.made.values())} of {len(cloud.made)} created twice"
    )
    print(f"{'':28}{'number':>8} {'CPU own':>11} {'CPU server':>11} {'longest':>11}")
    for kind, one in sorted(watch.kinds.items()):
        print(f"  {kind:26}{one.line}")


def _gauges(fleet: Fleet) -> None:
    with read_only_transactions(), fleet.engine.sessions() as session:
        gauges(session, fleet.engine.settings.redis_url, fleet.clock.now())


def _unseen_s(fleet: Fleet) -> float:
    now_s = fleet.clock.monotonic_s()
    return max(now_s - seen_s for seen_s in fleet.cloud.seen_s.values())


def _tidy(database: Database) -> None:
    """As after weeks of work: what the filling left behind is gone, and figures are gathered."""
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if database.dialect.name == "postgresql":
            connection.execute(text("VACUUM (FULL, ANALYZE)"))


def _size_mb(database: Database) -> float:
    if database.dialect.name == "sqlite":
        path = Path(database.url.database or "")
        return sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*")) / 1e6
    with database.connect() as connection:
        return float(connection.scalar(text("SELECT pg_database_size(current_database())"))) / 1e6


def _written(database: Database) -> tuple[int, int]:
    """Rows, and bytes of the log, so far; SQLite does not say."""
    if database.dialect.name == "sqlite":
        return 0, 0
    with database.connect() as connection:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        connection.commit()
        rows, log = connection.execute(
            text(
                "SELECT (SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables),"
                " pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"
            )
        ).one()
    return int(rows), int(log)


if __name__ == "__main__":
    main(*sys.argv[1:])
