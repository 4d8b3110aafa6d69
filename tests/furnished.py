"""A desk that is opened once and copied: its first credential is tested by a worker in every test's past."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from tests.desk import Desk, RecordingNotifier, StoryClock, make_settings
from tests.stages import Stage
from webapp.config import Settings


@dataclass(frozen=True, slots=True)
class Template:
    """A database in which a desk was opened, and how long that took by the story's clock."""

    path: Path
    elapsed_s: float
    copies: dict[str, float] = field(default_factory=dict)
    """The same on PostgreSQL: the database's name and how long; made by the first test that needs it."""

    def open_desk(
        self, settings: Settings, clock: StoryClock, notifier: RecordingNotifier, stage: Stage
    ) -> Desk:
        """A desk on a copy of it, unless the test's database is in use already."""
        url, name = make_url(settings.database_url), f"furnished {stage.cloud}"
        is_postgres = url.get_backend_name() == "postgresql"
        elapsed_s = self.copies.get(name) if is_postgres else self.elapsed_s
        is_copy = elapsed_s is not None and _is_empty(url)
        if is_copy and elapsed_s is not None:
            if is_postgres:
                _replace(url, name)
            else:
                shutil.copy(self.path, url.database or "")
            clock.pause(elapsed_s)
        parts = {"settings": settings, "clock": clock, "notifier": notifier, "sandbox": stage.control}
        if is_postgres and name not in self.copies and _is_empty(url):
            before_s = clock.elapsed_s
            first = Desk(**parts, stage=stage)
            first.close()
            _copy(url, name)
            self.copies[name] = clock.elapsed_s - before_s
            made = Desk(**parts, stage=stage, is_furnished=True)
            # The cloud has just answered its calls, and its limit would be reached without this.
            made.limiter = first.limiter
            made.engine = made.make_engine()
            return made
        return Desk(**parts, stage=stage, is_furnished=is_copy)


def _is_empty(database: URL) -> bool:
    asked = "SELECT count(*) FROM users"
    if database.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(database.database or "")) as connection:
            return not connection.execute(asked).fetchone()[0]
    with psycopg.connect(**_address(database)) as connection:
        found = connection.execute(asked).fetchone()
    return found is not None and not found[0]


def _replace(database: URL, template: str) -> None:
    """Nobody uses it yet."""
    with psycopg.connect(**_address(database) | {"dbname": "postgres"}, autocommit=True) as connection:
        name = sql.Identifier(database.database or "")
        connection.execute(sql.SQL("DROP DATABASE {}").format(name))
        _create(connection, name, template)


def _copy(database: URL, copy: str) -> None:
    with psycopg.connect(**_address(database) | {"dbname": "postgres"}, autocommit=True) as connection:
        _create(connection, sql.Identifier(copy), database.database or "")


def _create(connection: psycopg.Connection, name: sql.Identifier, template: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    connection.execute(statement.format(name, sql.Identifier(template)))


def _address(database: URL) -> dict[str, str]:
    host = database.query.get("host", database.host or "")
    return {"host": str(host), "user": database.username or "", "dbname": database.database or ""}


def make_template(migrated: Path, target: Path, stage: Stage) -> Template:
    """What every test of a desk begins with, made once."""
    shutil.copy(migrated, target)
    stage.control.reset(demo=True)
    clock = StoryClock(stage.control)
    settings = make_settings(f"sqlite:///{target}", stage)
    Desk(
        settings=settings, clock=clock, notifier=RecordingNotifier(), sandbox=stage.control, stage=stage
    ).close()
    return Template(target, clock.elapsed_s)
