"""One company with everything, another with nothing, and a client that speaks JSON.

The world is built once and its database copied for each test; the journeys use the whole `desk` instead.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.api.world import Callers, FrozenClock, RecordingNotifier, World, build_world
from tests.apps import AppPool, replace_database
from tests.desk import make_settings
from tests.rows import set_rows
from webapp.config import Settings
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models import Inquiry, Workspace


@pytest.fixture
def frozen_clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def recording_notifier() -> RecordingNotifier:
    return RecordingNotifier()


@pytest.fixture(scope="session")
def world_template(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    path = tmp_path_factory.mktemp("world") / "world.sqlite3"
    shutil.copy(migrated_sqlite, path)
    made = create_app(make_settings(f"sqlite:///{path}"), clock=FrozenClock(), notifier=RecordingNotifier())
    with made.app_context():
        world = build_world(made.extensions["berth"])
        db.session.remove()
        db.engine.dispose()
    assert not Path(f"{path}-wal").exists(), "a copy would miss what stands in the journal"
    return path, world


@pytest.fixture
def world(world_template: tuple[Path, World]) -> World:
    return world_template[1]


@pytest.fixture
def api_settings(database_file: Path) -> Settings:
    return make_settings(f"sqlite:///{database_file.with_name('api.sqlite3')}")


@pytest.fixture
def api_app(
    request: pytest.FixtureRequest,
    apps: AppPool,
    api_settings: Settings,
    database_file: Path,
    world_template: tuple[Path, World],
    frozen_clock: FrozenClock,
    recording_notifier: RecordingNotifier,
) -> Iterator[Flask]:
    database = database_file.with_name("api.sqlite3")
    replace_database(world_template[0], database)
    is_own = request.node.get_closest_marker("own_app") is not None
    with apps.open(api_settings, clock=frozen_clock, notifier=recording_notifier, is_own=is_own) as opened:
        yield opened


@pytest.fixture
def api(api_app: Flask, world: World) -> Callers:
    """Call as somebody: `api("GET", "/workspaces/", by="provider")`."""
    return Callers(api_app, world)


@pytest.fixture
def change(api_app: Flask) -> Callable[..., None]:
    """Bring a workspace into a state as a worker would: `change(workspace_id, phase=…)`."""

    def apply(workspace_id: int, **values: Any) -> None:
        with api_app.app_context():
            set_rows(db.session, Workspace.id == workspace_id, **values)
            db.session.commit()

    return apply


@pytest.fixture
def answering(api_app: Flask, frozen_clock: FrozenClock) -> Callable[..., None]:
    """A worker that answers every open question in this way."""

    def prepare(**values: Any) -> None:
        def answer() -> None:
            with api_app.app_context():
                db.session.execute(
                    update(Inquiry)
                    .where(Inquiry.answered_at.is_(None))
                    .values(**values, answered_at=frozen_clock.now())
                )
                db.session.commit()

        frozen_clock.worker = answer

    return prepare
