"""Backups by the command of operators, on SQLite and on a real PostgreSQL with its own programs."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from tests.desk import RecordingNotifier, make_settings
from tests.servers.postgres import programs
from webapp.domain.clock import Clock
from webapp.extensions import db
from webapp.factory import create_app
from webapp.services.backups.folder import list_backups
from webapp.services.backups.manifest import Manifest, read_manifest

Command = Callable[..., Result]


@dataclass
class Host:
    """Where the commands are typed: with this database, and this folder of backups."""

    url: str
    folder: Path
    clock: Clock | None = None

    def type(self, *arguments: object, expect: int = 0) -> str:
        """`flask backup …`; what it prints."""
        app = create_app(make_settings(self.url), clock=self.clock, notifier=RecordingNotifier())
        is_client = arguments[0] == "create" or self.url.startswith("postgresql")
        clients = ("--clients", programs()) if is_client and "--clients" not in arguments else ()
        words = [str(one) for one in ("backup", *arguments, *clients)]
        result: Result = app.test_cli_runner().invoke(args=words)
        _leave(app)
        assert result.exit_code == expect, result.output
        assert "Traceback" not in result.output
        output: str = result.output
        return output

    def create(self, *options: object) -> Path:
        self.type("create", self.folder, *options)
        return self.backups[-1]

    @property
    def backups(self) -> list[Path]:
        return list_backups(self.folder)

    @property
    def manifest(self) -> Manifest:
        """Of the newest one."""
        return read_manifest(self.backups[-1])


def _leave(app: Flask) -> None:
    with app.app_context(), suppress(RuntimeError):
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[str]:
    """Another database of the same kind, with nothing in it."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}"
        return
    cluster = request.getfixturevalue("postgres_cluster")
    yield cluster.create_database("elsewhere")
    cluster.drop_database("elsewhere")
