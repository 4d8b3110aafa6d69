"""The launchers themselves: without them a red test would blame the wrong program."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis
from playwright.sync_api import Browser, Page

from tests.servers.postgres import PostgresCluster
from tests.servers.valkey import Valkey

pytest_plugins = ["tests.servers.fixtures"]
ROOT = Path(__file__).resolve().parents[2]


def test_a_killed_queue_server_comes_back_with_its_data(own_valkey: Valkey) -> None:
    redis.from_url(own_valkey.url).set("kept", "yes")

    own_valkey.kill()
    own_valkey.start()

    assert redis.from_url(own_valkey.url).get("kept") == b"yes"


@pytest.mark.postgres
def test_a_database_made_from_a_template_holds_its_tables(postgres_cluster: PostgresCluster) -> None:
    source = postgres_cluster.create_database("source").replace("+psycopg", "")
    with psycopg.connect(source) as connection:
        connection.execute("CREATE TABLE things (name text)")

    copy = postgres_cluster.create_database("copy", template="source").replace("+psycopg", "")

    with psycopg.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM things").fetchone() == (0,)
    postgres_cluster.drop_database("copy")
    postgres_cluster.drop_database("source")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends children with their parent")
def test_the_servers_end_when_the_tests_are_killed() -> None:
    program = (
        "from tests.servers.valkey import Valkey; server = Valkey().start(); "
        "print(server.pid, flush=True); input()"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with owner:
        assert owner.stdout is not None
        server = int(owner.stdout.readline())

        owner.send_signal(signal.SIGKILL)

    assert _ends(server)


def _ends(pid: int) -> bool:
    for _ in range(500):
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.01)
    return False


@pytest.mark.browser
def test_the_browser_shows_a_page(page: Page) -> None:
    page.set_content("<title>Berth</title><h1>Desktops</h1>")

    assert page.title() == "Berth"
    assert page.locator("h1").inner_text() == "Desktops"


@pytest.mark.browser
def test_pages_share_no_cookies(browser: Browser) -> None:
    first, second = browser.new_context(), browser.new_context()
    first.add_cookies([{"name": "session", "value": "first", "url": "http://127.0.0.1"}])

    assert second.cookies() == []
    first.close()
    second.close()
