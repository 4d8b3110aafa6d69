"""Where a database has no index for searching inside words the migrations go on, and a search is slower."""

import sqlite3
from pathlib import Path

import flask_migrate
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event, inspect

from tests.apps import replace_database
from tests.architecture.sources import ROOT
from tests.desk import RecordingNotifier, make_settings, migrate
from tests.scale.company import BIG, STRIDE, open_company
from tests.servers.postgres import PostgresCluster
from webapp.extensions import db
from webapp.factory import create_app

FEW = 60


def check_search(database_url: str) -> None:
    company = open_company(database_url, size=FEW)
    browser = company.browser()
    one = browser.get(f"/workspaces/?q=rson.{BIG * STRIDE + 30}").text
    begin = browser.get("/workspaces/?q=pe").text
    company.close()
    assert one.count("<tr id=") == 1
    assert begin.count("<tr id=") == 50


@pytest.mark.postgres
def test_postgresql_that_allows_no_extension(postgres_cluster: PostgresCluster) -> None:
    """It takes the right to create in the database, which the owner of the tables need not have."""
    url = postgres_cluster.create_database("plain")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as owner:
        for statement in ("DROP ROLE IF EXISTS plain", "CREATE ROLE plain LOGIN"):
            owner.execute(sql.SQL(statement))
        owner.execute(sql.SQL("GRANT CREATE ON SCHEMA public TO plain"))
    as_plain = url.replace("//berth@", "//plain@")

    migrate(as_plain)
    with psycopg.connect(as_plain.replace("+psycopg", "")) as plain:
        extensions = plain.execute("SELECT extname FROM pg_extension WHERE extname = 'pg_trgm'").fetchall()
    check_search(as_plain)

    postgres_cluster.drop_database("plain")
    assert extensions == []


def test_sqlite_that_was_built_without_full_text_search(migrated_sqlite: Path, tmp_path: Path) -> None:
    path = tmp_path / "berth.sqlite3"
    replace_database(migrated_sqlite, path)
    url = f"sqlite:///{path}"
    app = create_app(make_settings(url), notifier=RecordingNotifier())
    with app.app_context():
        flask_migrate.downgrade(directory=str(ROOT / "migrations"), revision="0020")
        event.listen(db.engine, "connect", _refuse_virtual_tables)
        db.engine.dispose()
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
        tables = inspect(db.engine).get_table_names()
        db.engine.dispose()

    check_search(url)
    assert not [name for name in tables if name.startswith("workspace_search")]


def _refuse_virtual_tables(connection: sqlite3.Connection, _record: object) -> None:
    """As a build does that has no module for them."""
    denied = sqlite3.SQLITE_CREATE_VTABLE
    connection.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_DENY if action == denied else sqlite3.SQLITE_OK
    )
