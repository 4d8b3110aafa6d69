"""The server as a process: what it remembers when it is killed, and how it ends."""

from __future__ import annotations

import http.client
import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sandbox import demo
from sandbox.aws.server import start
from sandbox.control import Sandbox
from tests.sandbox.processes import Processes

ROOT = Path(__file__).parents[2]
MakeClient = Callable[..., Any]
Launch = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def launch() -> Iterator[Launch]:
    """Start `python -m sandbox.aws` and wait until it says where it listens."""
    processes = Processes()
    yield partial(processes.start, "sandbox.aws")
    processes.close()


def _order(client: Any, *users: str) -> Any:
    Sandbox(client.meta.endpoint_url).add_users(demo.DEMO_DIRECTORY_ID, *users)
    return client.create_workspaces(
        Workspaces=[
            {
                "DirectoryId": demo.DEMO_DIRECTORY_ID,
                "UserName": user,
                "BundleId": demo.DEMO_UBUNTU_BUNDLE_ID,
                "Tags": [{"Key": "berth-claim", "Value": user}],
            }
            for user in users
        ]
    )


@pytest.mark.crash
def test_a_killed_server_loses_nothing(launch: Launch, make_client: MakeClient, tmp_path: Path) -> None:
    options = ("--state", str(tmp_path / "state.sqlite3"), "--speed", "0")
    process, url = launch(*options)
    Sandbox(url).add_fault("throttle", operation="StopWorkspaces", times=3)
    Sandbox(url).set_key(demo.DEMO_ACCESS_KEY_ID, denied=["workspaces:RebootWorkspaces"])
    _order(make_client(url=url), "anna", "ben")
    Sandbox(url).advance(600)
    before = Sandbox(url).state()
    process.send_signal(signal.SIGKILL)
    process.wait()

    _, url = launch(*options)

    assert Sandbox(url).state() == before
    assert [line["accepted"] for line in Sandbox(url).ledger(operation="CreateWorkspaces")] == [2]
    Sandbox(url).advance(900)
    shown = make_client(url=url).describe_workspaces()["Workspaces"]
    assert [(one["UserName"], one["State"]) for one in shown] == [("anna", "AVAILABLE"), ("ben", "AVAILABLE")]


@pytest.mark.crash
def test_killed_in_the_middle_of_many_orders_each_answered_one_lives_once(
    launch: Launch, make_client: MakeClient, tmp_path: Path
) -> None:
    options = ("--state", str(tmp_path / "state.sqlite3"), "--speed", "0")
    process, url = launch(*options)
    Sandbox(url).set_settings(calls_per_s=0)
    client = make_client(url=url)
    answered = [_order(client, f"user{number}")["PendingRequests"][0]["WorkspaceId"] for number in range(10)]
    Sandbox(url).add_fault("hang", operation="CreateWorkspaces", seconds=30, effect=True)
    hasty = make_client(url=url, read_timeout_s=0.2)
    with pytest.raises(Exception, match="timed out|timeout"):
        _order(hasty, "user10")
    process.kill()
    process.wait()

    _, url = launch(*options)

    journal = Sandbox(url).journal()
    assert [one["workspace_id"] for one in journal][:10] == answered
    assert [one["user_name"] for one in journal] == [f"user{number}" for number in range(11)]


def test_states_move_on_while_the_server_is_down(make_client: MakeClient, tmp_path: Path) -> None:
    state = str(tmp_path / "state.sqlite3")
    with start(state=state, speed=0) as handle:
        _order(make_client(url=handle.url), "anna")
    _make_older(state, seconds=3600)

    with start(state=state, speed=None) as handle:
        assert handle.world.clock.speed == 1
        [anna] = handle.control.workspaces()

    assert anna["state"] == "AVAILABLE"


def _make_older(state: str, *, seconds: float) -> None:
    """As if the server had been stopped so long ago, at the speed of real time."""
    with sqlite3.connect(state) as db:
        [(text,)] = db.execute("SELECT value FROM meta WHERE key = 'clock'").fetchall()
        origin, started, _ = json.loads(text)
        db.execute(
            "UPDATE meta SET value = ? WHERE key = 'clock'", (json.dumps([origin, started - seconds, 1]),)
        )
    db.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(number: signal.Signals, launch: Launch) -> None:
    process, url = launch()
    assert Sandbox(url).health()["ok"]

    process.send_signal(number)

    assert process.wait(timeout=10) == 0
    assert process.stderr is not None and process.stderr.read() == ""


@pytest.mark.parametrize(
    "options", [["--host", "0.0.0.0"], ["--speed", "-1"], ["--state", "no/such/folder/state.sqlite3"]]
)
def test_what_cannot_work_is_reported_in_one_line(options: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox.aws", "--port", "0", *options]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)

    assert done.returncode == 1
    assert done.stderr.startswith("sandbox: cannot start: ") and done.stderr.count("\n") == 1


def test_a_busy_port_and_a_foreign_file_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite3"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE workspace (name TEXT)")
    db.close()

    with start() as handle, pytest.raises(OSError, match="in use"):
        start(port=int(handle.url.rpartition(":")[2]))
    with pytest.raises(ValueError, match="another version"):
        start(state=str(other))


def test_the_demo_shows_new_desktops_a_little_late(launch: Launch) -> None:
    _, url = launch("--speed", "0")

    assert Sandbox(url).state()["settings"]["visibility_lag_s"] > 0


def test_a_stopped_server_answers_nobody(make_client: MakeClient) -> None:
    handle = start()
    client = make_client(url=handle.url)
    client.describe_workspaces()

    handle.stop()
    handle.stop()

    with pytest.raises(Exception, match="Could not connect|Connection was closed"):
        client.describe_workspaces()


def test_many_orders_at_once_for_one_user_make_one_desktop(make_client: MakeClient, tmp_path: Path) -> None:
    with start(state=str(tmp_path / "state.sqlite3"), speed=0) as handle:
        handle.control.set_settings(calls_per_s=0)
        client = make_client(url=handle.url)

        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda user: _order(client, user), ["anna", "Anna", "ANNA", "aNNa"] * 8))

        assert sum(len(answer["PendingRequests"]) for answer in answers) == 1
        assert len(handle.control.journal()) == 1


def test_stopping_ends_connections_that_are_kept_alive() -> None:
    handle = start()
    connection = http.client.HTTPConnection(handle.url.removeprefix("http://"), timeout=5)
    connection.request("GET", "/_sandbox/health")
    connection.getresponse().read()

    handle.stop()

    assert connection.sock.recv(1) == b""
    connection.close()
