"""`python -m tests.api.campaign [cases]`: made-up calls to every operation of a running server.

schemathesis generates them from `openapi.json`, with every check that it has: no fault, no undocumented
status, no answer that breaks its schema, no acceptance of what the schema forbids, no call without its guard.
"""

import logging
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from tests.api.world import BUNDLES, FrozenClock, RecordingNotifier, World, add_documented_rows, build_world
from tests.desk import make_settings, migrate
from webapp.database import writing_transactions
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models import Inquiry, InquiryKind, Workspace

TOOL = Path(sys.executable).with_name("st")
HERE = Path(__file__).resolve().parent
SEED = 20261127
PHASES = "examples,coverage,fuzzing,stateful"
PLENTY = "1000000 per minute"


@dataclass
class Served:
    url: str
    folder: Path
    """Where the tool may leave what it writes."""
    world: World
    statuses: Counter[int] = field(default_factory=Counter)
    """What the server answered, by status."""

    @property
    def cases(self) -> int:
        return self.statuses.total()


@contextmanager
def running_server(folder: Path, empty: Path) -> Iterator[Served]:
    """The API on a port of this machine, with the world of the tests; whoever waits waits no time."""
    shutil.copy(empty, folder / "campaign.sqlite3")
    app = create_app(
        make_settings(f"sqlite:///{folder / 'campaign.sqlite3'}", log_level="ERROR"),
        clock=FrozenClock(),
        notifier=RecordingNotifier(),
    )
    app.extensions["berth"].clock.worker = lambda: answer_everything(app)
    app.config.update(API_RATE=PLENTY, API_ADDRESS_RATE=PLENTY)
    with app.app_context():
        world = build_world(app.extensions["berth"])
        add_documented_rows(db.session, world)
    served = Served("", folder, world)

    @app.after_request
    def count(response: Any) -> Any:  # Flask's own response
        served.statuses[response.status_code] += 1
        return response

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        with app.app_context():
            db.engine.dispose()


def answer_everything(app: Flask) -> None:
    """What workers write while somebody waits: every question has its answer, every look has been taken."""
    now = app.extensions["berth"].clock.now()
    checked = {"ok": True, "checked_at": now.isoformat(), "checks": []}
    answers = {InquiryKind.LIST_BUNDLES: {"bundles": BUNDLES}, InquiryKind.TEST_CREDENTIAL: checked}
    with Session(db.engine) as session, writing_transactions():
        for kind, answer in answers.items():
            session.execute(
                update(Inquiry)
                .where(Inquiry.kind == kind)
                .values(answered_at=now, answer_at=now, answer=answer, failure=None)
            )
        session.execute(update(Workspace).values(look_requested_at=None))
        session.commit()


def run(served: Served, *, examples: int, phases: str = PHASES) -> "subprocess.CompletedProcess[str]":
    """Every check; up to so many examples an operation."""
    command: list[str | Path] = [
        TOOL,
        "--config-file",
        HERE / "schemathesis.toml",
        "run",
        f"{served.url}/api/workspaces/openapi.json",
        "--checks",
        "all",
        "--phases",
        phases,
        "--max-examples",
        str(examples),
        "--seed",
        str(SEED),
        "--continue-on-failure",
        "--no-color",
        "--workers",
        "1",
        "--generation-database",
        "none",
        "--request-timeout",
        "20",
        "--header",
        f"Authorization: Bearer {served.world.tokens['provider']}",
    ]
    return subprocess.run(command, cwd=served.folder, capture_output=True, text=True)


def main(cases: int) -> int:
    """At least so many calls; 1 when there were fewer, or a check failed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        migrate(f"sqlite:///{folder / 'empty.sqlite3'}")
        with running_server(folder, folder / "empty.sqlite3") as served:
            done = run(served, examples=max(cases // 40, 5))
            print(done.stdout)
            print(f"{served.cases} calls answered: {dict(sorted(served.statuses.items()))}")
            return done.returncode if served.cases >= cases else 1


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000))
