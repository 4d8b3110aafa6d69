"""`python -m bench.lists`: a page of 50 out of 10,000 workspaces by the API, without the wire.

Beside it, in the same run and in turns, the same page out of 50: what a page costs without a list behind it.
"""

import shutil
import sys
import tempfile
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert

from bench.installation import summary, timed_ms
from tests.api.world import READY, START, FrozenClock, RecordingNotifier, World, build_world
from tests.desk import make_settings, migrate
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models import Application, Base, JobPosting, Workspace

PAGES = {
    "the first page": "?limit=50",
    "of one state": "?limit=50&state=STOPPED",
    "of a search": "?limit=50&q=person.10",
}


def main(many: int = 10_000, rounds: int = 100) -> None:
    with tempfile.TemporaryDirectory() as folder:
        migrate(f"sqlite:///{folder}/empty.sqlite3")
        long, short = _installation(Path(folder), many), _installation(Path(folder), 50)
        for name, query in PAGES.items():
            took: dict[str, list[float]] = {"long": [], "short": []}
            for _ in range(rounds):
                took["long"].append(_page_ms(*long, query))
                took["short"].append(_page_ms(*short, query))
            print(summary(f"{name} of {many}", took["long"]))
            print(summary(f"{name} of 50, for comparison", took["short"]))


def _installation(folder: Path, size: int) -> tuple[Flask, World]:
    path = folder / f"{size}.sqlite3"
    shutil.copy(folder / "empty.sqlite3", path)
    app = create_app(make_settings(f"sqlite:///{path}"), clock=FrozenClock(), notifier=RecordingNotifier())
    app.config["RATELIMIT_ENABLED"] = False
    with app.app_context():
        world = build_world(app.extensions["berth"])
        _fill(world, size)
    return app, world


def _fill(world: World, size: int) -> None:
    numbers = range(1000, 1000 + size)
    row = _row(Workspace, world.workspace_id) | READY
    application = _row(Application, world.application_id)
    posting = _row(JobPosting, application["job_posting_id"])
    db.session.execute(insert(JobPosting.__table__), [posting | {"id": number} for number in numbers])
    db.session.execute(
        insert(Application.__table__),
        [application | {"id": number, "job_posting_id": number} for number in numbers],
    )
    db.session.execute(
        insert(Workspace.__table__),
        [
            row
            | {
                "id": number,
                "uid": uuid.uuid4().hex,
                "application_id": number,
                "slot": f"slot-{number}",
                "username": f"person.{number}",
                "cloud_workspace_id": f"ws-{number}",
                "cloud_state": "stopped" if number % 3 else "available",
                "created_at": START + timedelta(seconds=number),
            }
            for number in numbers
        ],
    )
    db.session.commit()


def _row(kind: type[Base], row_id: int) -> dict[str, Any]:
    found = db.session.get_one(kind, row_id)
    return {
        column.key: getattr(found, column.key) for column in kind.__table__.columns if column.computed is None
    }


def _page_ms(app: Flask, world: World, query: str) -> float:
    client, headers = app.test_client(), {"Authorization": f"Bearer {world.tokens['provider']}"}

    def call() -> None:
        answer = client.get(f"/api/workspaces/workspaces/{query}", headers=headers)
        assert answer.status_code == 200 and len(answer.json["workspaces"]) > 0

    return timed_ms(call)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
