"""One company with everything, another with nothing, and a client that speaks JSON."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.api.world import Callers, FrozenClock, QuietBell, World, build_world, settings_for
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models import Base, Workspace


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def bell() -> QuietBell:
    return QuietBell()


@pytest.fixture
def app(tmp_path: Path, clock: FrozenClock, bell: QuietBell) -> Iterator[Flask]:
    made = create_app(settings_for(tmp_path / "api.sqlite3"), clock=clock, bell=bell)
    with made.app_context():
        Base.metadata.create_all(db.engine)
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def world(app: Flask) -> World:
    with app.app_context():
        return build_world(app.extensions["berth"])


@pytest.fixture
def api(app: Flask, world: World) -> Callers:
    """Call as somebody: `api("GET", "/workspaces/", by="provider")`."""
    return Callers(app, world)


@pytest.fixture
def change(app: Flask) -> Callable[..., None]:
    """Bring a workspace into a state as a worker would: `change(workspace_id, phase=…)`."""

    def apply(workspace_id: int, **values: Any) -> None:
        with app.app_context():
            db.session.execute(update(Workspace).where(Workspace.id == workspace_id).values(**values))
            db.session.commit()

    return apply
