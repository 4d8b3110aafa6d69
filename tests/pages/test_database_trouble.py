"""A lost, read-only, busy or full database: tried once more where that is safe, and reported in words."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, func, select, text

from tests.conftest import both_databases
from tests.desk import Desk, RecordingNotifier
from tests.pages.reader import Reader, Visitor
from tests.servers.postgres import PostgresCluster
from webapp import database
from webapp.config import Settings
from webapp.database import ASK_AGAIN_S, ASKED_S
from webapp.extensions import db
from webapp.factory import create_app

on_postgresql = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
pytestmark = pytest.mark.own_app  # its engine gets listeners
POSTING = {"title": "Written once", "location": "", "description": "Work."}


def engine_of(app: Flask) -> Engine:
    with app.app_context():
        return db.engine


def postings(desk: Desk) -> int:
    with desk.database.connect() as connection:
        count = text("SELECT count(*) FROM job_postings WHERE title = 'Written once'")
        return int(connection.execute(count).scalar_one())


def ask(desk: Desk, statement: str) -> Any:
    with desk.database.connect() as connection:
        answer = connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(statement))
        return answer.all() if answer.returns_rows else None


def end_backend(connection: Any) -> Callable[[Desk], None]:
    pid = connection.connection.driver_connection.info.backend_pid
    return lambda desk: ask(desk, f"SELECT pg_terminate_backend({pid}, 5000)")


@contextmanager
def once_before(app: Flask, pattern: str, trouble: Callable[[Any, Any], None]) -> Iterator[list[str]]:
    """Before the first statement that begins so, trouble comes; the list has every such statement."""
    seen: list[str] = []

    def listen(connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(pattern):
            seen.append(statement)
            if len(seen) == 1:
                trouble(connection, cursor)

    event.listen(engine_of(app), "before_cursor_execute", listen)
    yield seen
    event.remove(engine_of(app), "before_cursor_execute", listen)


INSERT = "INSERT INTO job_postings"


@on_postgresql
def test_a_pooled_connection_to_what_is_a_standby_now_is_replaced(
    app: Flask, desk: Desk, provider: Visitor
) -> None:
    provider.read("/jobs/")
    with engine_of(app).connect() as pooled:
        pooled.exec_driver_sql("SET default_transaction_read_only = on")
        pooled.commit()
        pooled.info[ASKED_S] -= ASK_AGAIN_S  # as if a second had passed

    with once_before(app, INSERT, lambda _connection, _cursor: None) as inserts:
        answer = provider.post("/jobs/", POSTING)

    assert (answer.status_code, postings(desk), len(inserts)) == (303, 1, 1), "found before its first use"


@on_postgresql
def test_what_was_lost_in_the_middle_of_a_request_is_done_once(
    app: Flask, desk: Desk, provider: Visitor
) -> None:
    """Read-only and ended by the administrator, each right before the first write."""

    def turn_read_only(_connection: Any, cursor: Any) -> None:
        cursor.execute("SET TRANSACTION READ ONLY")

    def end(connection: Any, _cursor: Any) -> None:
        end_backend(connection)(desk)

    for number, trouble in enumerate((turn_read_only, end), 1):
        with once_before(app, INSERT, trouble) as inserts:
            answer = provider.post("/jobs/", POSTING)

        assert (answer.status_code, postings(desk), len(inserts)) == (303, number, 2)


@on_postgresql
def test_what_may_be_committed_is_never_tried_again(app: Flask, desk: Desk, provider: Visitor) -> None:
    is_done: list[bool] = []

    def end_at_commit(connection: Any) -> None:
        if not is_done:
            is_done.append(True)
            end_backend(connection)(desk)

    with once_before(app, INSERT, lambda _connection, _cursor: None) as inserts:
        event.listen(engine_of(app), "commit", end_at_commit)
        answer = provider.post("/jobs/", POSTING)
        event.remove(engine_of(app), "commit", end_at_commit)

    assert (answer.status_code, len(inserts)) == (503, 1)
    assert Reader(answer.text).headings == ["No answer yet"]
    assert answer.headers["Retry-After"] == "5"


@on_postgresql
def test_a_request_that_has_committed_something_is_not_begun_again(
    app: Flask, desk: Desk, client: FlaskClient
) -> None:
    begun: list[int] = []

    def half() -> str:
        begun.append(1)
        db.session.execute(text("UPDATE installation SET uid = uid"))
        db.session.commit()
        db.session.execute(text("SET TRANSACTION READ ONLY"))
        db.session.execute(text("UPDATE installation SET uid = uid"))
        return "unreachable"

    app.add_url_rule("/half", view_func=half)

    assert (client.get("/half").status_code, len(begun)) == (503, 1)


@on_postgresql
def test_a_database_that_takes_no_writes_can_be_read_and_says_so(
    app: Flask, desk: Desk, provider: Visitor
) -> None:
    name = engine_of(app).url.database
    ask(desk, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    engine_of(app).dispose()

    read, written, ready = provider.get("/jobs/"), provider.post("/jobs/", POSTING), provider.get("/readyz")
    by_api = provider.client.get("/api/workspaces/workspaces/")
    ask(desk, f"ALTER DATABASE {name} RESET default_transaction_read_only")
    again, ready_again = provider.post("/jobs/", POSTING), provider.get("/readyz")

    assert (read.status_code, written.status_code, ready.status_code) == (200, 503, 503)
    assert "not available right now" in Reader(written.text).text
    assert by_api.status_code == 200
    assert ready.get_json()["parts"]["database"] == {
        "status": "dead",
        "age_s": None,
        "message": "The database takes no writes: it is read-only, or a standby.",
    }
    assert (again.status_code, postings(desk)) == (303, 1)
    assert ready_again.get_json()["parts"]["database"]["status"] == "ok"


@contextmanager
def another_program_writes(settings: Settings) -> Iterator[None]:
    path = settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_busy_sqlite_is_reported_as_such_and_pages_can_be_read(
    app: Flask, desk: Desk, provider: Visitor, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_of(app).dispose()
    for limit in ("SQLITE_BUSY_TIMEOUT_MS", "AT_ONCE_MS"):
        monkeypatch.setattr(database, limit, 20)

    with another_program_writes(settings):
        read, written, ready = (
            provider.get("/jobs/"),
            provider.post("/jobs/", POSTING),
            provider.get("/readyz"),
        )
        by_api = provider.client.post("/api/workspaces/workspaces/", json={})
    again = provider.post("/jobs/", POSTING)

    assert (read.status_code, written.status_code, ready.status_code) == (200, 503, 503)
    page = Reader(written.text)
    assert "another program holds the database" in page.text
    assert written.headers["X-Request-ID"] in page.text
    assert "locked by another program" in ready.get_json()["parts"]["database"]["message"]
    assert (by_api.status_code, by_api.json["code"]) == (503, "database_busy")
    assert by_api.headers["Retry-After"] == "5"
    assert (again.status_code, postings(desk)) == (303, 1)


def test_a_full_disk_is_reported_as_such(app: Flask, desk: Desk, provider: Visitor) -> None:
    engine_of(app).dispose()

    def allow_no_page_more(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # SQLite takes the present size

    event.listen(engine_of(app), "connect", allow_no_page_more)
    large = POSTING | {"description": "x" * 3000}
    answers = [provider.post("/jobs/", large) for _ in range(8)]
    readable = provider.get("/jobs/")

    full = answers[-1]
    assert (full.status_code, full.headers["Retry-After"]) == (503, "60")
    assert "disk is full" in Reader(full.text).text
    assert readable.status_code == 200


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@on_postgresql
def test_a_full_disk_of_postgresql_is_reported_as_such(
    app: Flask, desk: Desk, provider: Visitor, postgres_cluster: PostgresCluster
) -> None:
    """The file of an empty table is a device that is always full: the server itself answers 53100."""
    token = {"name": "Hiring tool", "scope": "write", "days": "30"}
    with full(app, postgres_cluster, "api_tokens"):
        by_page, readable = provider.post("/tokens/", token), provider.get("/tokens/")
    made = provider.post("/tokens/", token)
    [bearer] = re.findall(r"berth_[0-9a-f]{8}_[\w-]{40,}", made.text)
    with full(app, postgres_cluster, "idempotency_keys"):
        by_api = provider.client.post(
            "/api/workspaces/cloud-credentials/1/test/",
            headers={"Authorization": f"Bearer {bearer}", "Idempotency-Key": "once"},
        )

    assert (by_page.status_code, by_page.headers["Retry-After"]) == (503, "60")
    assert "disk is full" in Reader(by_page.text).text
    assert (readable.status_code, made.status_code) == (200, 200)
    assert (by_api.status_code, by_api.json["code"]) == (503, "database_full")


@contextmanager
def full(app: Flask, cluster: PostgresCluster, table: str) -> Iterator[None]:
    engine = engine_of(app)
    with engine.connect() as connection:
        file = cluster.data / connection.execute(select(func.pg_relation_filepath(table))).scalar_one()
    kept = file.with_name(f"{file.name}-kept")
    engine.dispose()  # the connections of the pool have the file open
    file.rename(kept)
    file.symlink_to("/dev/full")
    yield
    engine.dispose()
    kept.replace(file)


@both_databases
def test_errors_are_reported_without_any_database(desk: Desk, settings: Settings) -> None:
    """With a session's cookie each address would have to read who it is."""
    token = desk.session_token("provider@example.com")
    nowhere = {
        "sqlite": "sqlite:////nowhere/berth.sqlite3",
        "postgresql": "postgresql+psycopg://berth@/gone?host=/nowhere",
    }[desk.database.dialect.name]
    app = create_app(replace(settings, database_url=nowhere), notifier=RecordingNotifier())
    app.config["RATELIMIT_ENABLED"] = False
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True

    expected = {"/nowhere": 404, "/": 503, "/jobs/": 503, "/sign-in": 503, "/readyz": 503, "/healthz": 200}
    found = {path: browser.get(path) for path in expected}
    by_api = browser.get("/api/workspaces/workspaces/")

    assert {path: answer.status_code for path, answer in found.items()} == expected
    for path in ("/nowhere", "/", "/jobs/", "/sign-in"):
        assert re.search(r"Reference\s+<code>\w{32}</code>", found[path].text), path
    assert (by_api.status_code, by_api.json["code"]) == (503, "database_unavailable")
    assert browser.post("/jobs/", data=POSTING).status_code in (400, 503)
