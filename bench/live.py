"""`python -m bench.live [pages] [companies] [seconds]`: many open pages, ten changes a second, on PostgreSQL.

First with push, then with polls every 2 s: the CPU of the web server and of `live`, and how soon after a
commit a page is notified. Pages are connections of this process: they listen, wait as they are asked to, and
fetch the fragment with its version, as browsers do; each also looks after 30 s without one, as if it moved.
"""

import asyncio
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bench.live_pages import SECRET_KEY, Page, people_and_pages
from live.streams import LOOKS_PER_S
from tests.desk import key_pair, migrate, webhook_key_pair
from tests.servers.postgres import PostgresCluster
from tests.servers.process import ServerProcess
from tests.servers.stack import ROOT, free_port
from tests.servers.valkey import Valkey
from webapp.database import make_engine
from webapp.domain.actor import Actor
from webapp.domain.clock import SystemClock
from webapp.domain.lifecycle import CloudState
from webapp.models import Event, Workspace

SETTLED = ("AVAILABLE", "STOPPED")
CHANGES_PER_S, POLL_S, NET_S, WARM_UP_S = 10, 2.0, 30.0, 5.0


class Figures:
    def __init__(self) -> None:
        self.notified_ms: list[float] = []
        self.looks = self.unchanged = self.refused = 0

    def count(self, status: int) -> None:
        self.looks += 1
        self.unchanged += status == 304
        self.refused += status not in (200, 304)


def main(pages: int = 1000, companies: int = 100, seconds: int = 30) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with PostgresCluster() as cluster, Valkey() as valkey, tempfile.TemporaryDirectory() as folder:
        url = cluster.create_database("live")
        migrate(url)
        found = people_and_pages(url, pages=pages, companies=companies)
        print(
            f"{len(found)} pages of {companies} companies, {CHANGES_PER_S} changes a second, {seconds} s each"
        )
        print(f"load of the machine before: {os.getloadavg()[0]:.1f}")
        ports = free_port(), free_port()
        processes = _start(url, valkey.url, Path(folder), ports)
        try:
            for has_push in (True, False):
                asyncio.run(_measure(found, url, processes, ports, has_push=has_push, seconds=seconds))
        finally:
            for process in processes.values():
                process.stop()


def _start(url: str, redis_url: str, folder: Path, ports: tuple[int, int]) -> dict[str, ServerProcess]:
    environ = {"PATH": os.environ["PATH"], "BERTH_ENV": "development", "LOG_LEVEL": "WARNING"} | {
        "DATABASE_URL": url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": SECRET_KEY,
        "CREDENTIAL_PUBLIC_KEY": key_pair()[0],
        "WEBHOOK_PUBLIC_KEY": webhook_key_pair()[0],
    }
    web = ["-m", "gunicorn", "--bind", f"127.0.0.1:{ports[0]}", "--worker-class", "gthread", "--workers", "2"]
    commands: Mapping[str, list[str]] = {
        "web": [*web, "--threads", "8", "--no-control-socket", "wsgi:app"],
        "live": ["-m", "live", "--bind", f"127.0.0.1:{ports[1]}"],
    }
    processes = {
        name: ServerProcess([sys.executable, *command], log=folder / name, environ=environ, cwd=ROOT)
        for name, command in commands.items()
    }
    for (name, process), port in zip(processes.items(), ports, strict=True):
        path = "/healthz" if name == "web" else "/live/health"
        process.start(ready=lambda port=port, path=path: _is_up(port, path), limit_s=60)
    return processes


def _is_up(port: int, path: str) -> bool:
    async def ask() -> bool:
        try:
            return await request(port, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n") == 200
        except OSError:
            return False

    return asyncio.run(ask())


async def request(port: int, head: str) -> int:
    """One request over a connection of its own, as a proxy makes it; its status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{head}Connection: close\r\n\r\n".encode())
    status = int((await reader.readline()).split()[1])
    await reader.read()
    writer.close()
    return status


async def _measure(
    pages: list[Page],
    url: str,
    processes: dict[str, ServerProcess],
    ports: tuple[int, int],
    *,
    has_push: bool,
    seconds: int,
) -> None:
    figures, gate = Figures(), asyncio.Semaphore(64)
    poll_s = NET_S if has_push else POLL_S
    browsers = [Browser(page, figures, gate, ports) for page in pages]
    tasks = [asyncio.create_task(one.run(has_push=has_push, poll_s=poll_s)) for one in browsers]
    await asyncio.sleep(WARM_UP_S + len(pages) / LOOKS_PER_S)  # the first look of each
    figures.__init__()
    before = {name: _cpu_s(process.pid) for name, process in processes.items()}
    began_s = time.monotonic()
    await _change(pages, url, seconds)
    took_s = time.monotonic() - began_s
    cores = {name: (_cpu_s(process.pid) - before[name]) / took_s for name, process in processes.items()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    _report(figures, cores, took_s, has_push=has_push)


def _report(figures: Figures, cores: dict[str, float], took_s: float, *, has_push: bool) -> None:
    print("with push" if has_push else f"polls every {POLL_S:.0f} s")
    print("  " + ", ".join(f"{name} {used:.2f} cores" for name, used in cores.items()), end="")
    print(f", together {sum(cores.values()):.2f}")
    rate = figures.looks / took_s
    of_them = f"{figures.unchanged} of {figures.looks} unchanged, {figures.refused} refused"
    print(f"  {rate:.0f} looks a second ({of_them})")
    if rate:
        print(f"  {cores['web'] / rate * 1000:.1f} ms of CPU a look")
    if has_push and figures.notified_ms:
        late = sorted(figures.notified_ms)
        p95 = late[int(len(late) * 0.95)]
        middle = statistics.median(late)
        print(
            f"  notified {len(late)} times: median {middle:.0f} ms, p95 {p95:.0f} ms, max {late[-1]:.0f} ms"
        )


class Browser:
    """One open page: it polls, and with push it listens, too."""

    def __init__(self, page: Page, figures: Figures, gate: asyncio.Semaphore, ports: tuple[int, int]) -> None:
        self._page, self._figures, self._gate, self._ports = page, figures, gate, ports
        self._looks: set[asyncio.Task[None]] = set()

    async def run(self, *, has_push: bool, poll_s: float) -> None:
        try:
            await asyncio.gather(self._poll(poll_s), *([self._listen()] if has_push else []))
        finally:
            for one in self._looks:
                one.cancel()

    async def _look(self, wait_s: float = 0.0) -> None:
        await asyncio.sleep(wait_s)
        page = self._page
        async with self._gate:
            head = f"GET {page.path} HTTP/1.1\r\nHost: localhost\r\nCookie: berth={page.cookie}\r\n"
            head += "HX-Request: true\r\n"
            if page.etag:
                head += f"If-None-Match: {page.etag}\r\n"
            self._figures.count(await fetch(page, self._ports[0], head))
            page.looked_s = time.monotonic()

    async def _poll(self, poll_s: float) -> None:
        await asyncio.sleep(random.uniform(0, poll_s))
        while True:
            since_s = time.monotonic() - self._page.looked_s
            if since_s >= poll_s:
                await self._look()
                since_s = 0.0
            await asyncio.sleep(poll_s - since_s)

    async def _listen(self) -> None:
        await asyncio.sleep(random.uniform(0, WARM_UP_S))
        page = self._page
        async for wait_s in events(page, self._ports[1]):
            now_s = time.monotonic()
            if page.changed_s is not None:
                self._figures.notified_ms.append((now_s - page.changed_s) * 1000)
            page.changed_s, page.looks_at_s = None, now_s + wait_s
            self._looks.add(asyncio.create_task(self._look(wait_s)))


async def fetch(page: Page, port: int, head: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{head}Connection: close\r\n\r\n".encode())
    answer = (await reader.read()).decode()
    writer.close()
    headers, _, _ = answer.partition("\r\n\r\n")
    for line in headers.splitlines():
        if line.lower().startswith("etag: "):
            page.etag = line[6:]
    return int(headers.split()[1])


async def events(page: Page, port: int) -> AsyncIterator[float]:
    """How long to wait before each look."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = f"{page.ticket}\n{page.topic}"
    writer.write(
        f"POST /live/events HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    )
    try:
        while line := await reader.readline():
            if line.startswith(b"HTTP/1.1") and b"200" not in line:
                raise RuntimeError(line)
            if line.startswith(b"data: "):
                yield int(line[6:]) / 1000
    finally:
        writer.close()


async def _change(pages: list[Page], url: str, seconds: int) -> None:
    """As workers do: a row, and its event, in one transaction."""
    database = make_engine(url)
    of_company: dict[int, list[Page]] = {}
    for page in pages:
        of_company.setdefault(page.company_id, []).append(page)
    began_s = time.monotonic()
    for number in range(seconds * CHANGES_PER_S):
        await asyncio.sleep(max(0.0, began_s + number / CHANGES_PER_S - time.monotonic()))
        company_id = random.choice(list(of_company))
        now_s = time.monotonic()
        for page in of_company[company_id]:
            if page.topic == "lists" and page.looks_at_s <= now_s and page.changed_s is None:
                page.changed_s = now_s
        await asyncio.to_thread(_change_one, database, company_id)
    database.dispose()


def _change_one(database: Engine, company_id: int) -> None:
    with Session(database) as session, session.begin():
        rows = session.scalars(
            select(Workspace)
            .where(Workspace.company_id == company_id, Workspace.listed_state.in_(SETTLED))
            .limit(20)
        ).all()
        row = random.choice(rows)
        is_on = row.cloud_state is CloudState.AVAILABLE
        row.cloud_state = CloudState.STOPPED if is_on else CloudState.AVAILABLE
        row.version += 1
        row.updated_at = SystemClock().now()
        session.add(
            Event.about(row, at=row.updated_at, event="state", message="Changed.", actor=Actor("cloud"))
        )


def _cpu_s(group: int) -> float:
    """Of all processes of a group, so far."""
    total = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group:
                total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
