"""The servers as pytest fixtures: `pytest_plugins = ["tests.servers.fixtures"]` in the top conftest.

Each xdist process has servers of its own, started when the first test asks for them.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.desk import migrate
from tests.servers import chromium, postgres
from tests.servers.postgres import TEMPLATE, PostgresCluster
from tests.servers.stack import Stack
from tests.servers.valkey import Valkey
from tests.shared import make_once


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[Valkey]:
    """One queue server a session; the tests flush it, none may kill it."""
    with Valkey() as server:
        yield server


@pytest.fixture
def own_valkey() -> Iterator[Valkey]:
    """A queue server of this test alone, which may be killed; it keeps its data over a restart."""
    with Valkey(append_only=True) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresCluster]:
    """With a migrated database, to be copied."""
    if not postgres.is_available():
        pytest.skip("the PostgreSQL binaries are not installed: bin/test installs them")
    with PostgresCluster(copy_of=make_once(tmp_path_factory, "cluster", _make_cluster)) as cluster:
        yield cluster


def _make_cluster(data: Path) -> None:
    with PostgresCluster() as first:
        migrate(first.create_database(TEMPLATE))
        first.stop()
        shutil.move(first.data, data)


@pytest.fixture(scope="session")
def running_stack() -> Iterator[Stack]:
    """All that bin/run starts, for tests that kill none of it: to start it takes some 20 s of the processor.

    tests/spread.py keeps them on one worker.
    """
    with Stack() as stack:
        yield stack


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if chromium.find_chromium() is None:
        pytest.skip(chromium.HOW_TO_GET)
    with chromium.open_browser() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a browser context of its own: no cookie of another test."""
    context = browser.new_context()
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()
