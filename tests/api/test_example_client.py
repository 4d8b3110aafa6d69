"""docs/example_client.py against a running server, with real workers and a cloud behind them."""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.api.test_idempotency import WebClock
from tests.conftest import both_databases
from tests.desk import PASSWORD, SECRET_FIELDS, Desk
from tests.pages.reader import Visitor
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models import Application
from webapp.services import tokens

CLIENT = Path(__file__).resolve().parents[2] / "docs" / "example_client.py"
STEP_S = 20.0
"""Of the story's time, whenever the client has said nothing new."""


@pytest.fixture
def server(desk: Desk) -> Iterator[tuple[Flask, str]]:
    app = create_app(desk.settings, clock=WebClock(desk.clock), notifier=desk.notifier)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    made = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield app, f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()
    made.server_close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def run(desk: Desk, server: tuple[Flask, str], tmp_path: Path) -> Callable[..., list[str]]:
    """The client's lines; the workers work while it runs, and `answer` is called with each line."""
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="example")
    desk.session.rollback()
    account = {"name": "By calls", "cloud_provider": "aws", **SECRET_FIELDS}
    file = tmp_path / "account.json"
    file.write_text(json.dumps(account))
    environment = os.environ | {"BERTH": f"{server[1]}/api/workspaces", "TOKEN": token, "PAUSE_S": "0.05"}

    def start(email: str, username: str, answer: Callable[[str], None] = lambda _line: None) -> list[str]:
        command = [sys.executable, str(CLIENT), email, username, str(file)]
        lines: list[str] = []
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as client:
            assert client.stdout is not None
            reader = threading.Thread(target=lambda: lines.extend(client.stdout))
            reader.start()
            answered = 0
            while client.poll() is None:
                for line in lines[answered:]:
                    answer(line)
                    answered += 1
                desk.clock.pause(STEP_S)
                desk.sweep()
            reader.join()
        assert client.returncode == 0, lines
        return lines

    return start


def test_it_is_short() -> None:
    assert len(CLIENT.read_text(encoding="utf-8").splitlines()) <= 60


@both_databases
def test_somebody_new_is_hired_accepts_and_gets_a_desktop(desk: Desk, server: tuple[Flask, str], run) -> None:
    def accept(line: str) -> None:
        what, _, link = line.strip().partition("?link=")
        if not what.startswith("Invitation"):
            return
        values = {"link": link, "name": "Mina Park", "password": PASSWORD}
        assert Visitor(server[0].test_client()).post("/invitation/", values).status_code == 303

    lines = run("mina@example.com", "mina.park", accept)

    assert [line.partition(":")[0] for line in lines] == ["Invitation", "Connect"]
    assert lines[1].startswith("Connect: workspaces://mina.park@")
    assert [machine["state"] for machine in desk.machines()] == ["AVAILABLE"]


def test_somebody_the_company_knows_needs_no_invitation(desk: Desk, run) -> None:
    email = desk.add_application().seeker.email
    desk.session.rollback()

    [line] = run(email, "mina.park")

    assert line.startswith("Connect: workspaces://mina.park@")
    with desk.sessions() as session:
        assert session.query(Application).count() == 2
