"""Into which database a backup is put: the one that was looked at, this installation's, used by nobody."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from tests.backups.conftest import Host
from tests.backups.test_backups import _program, on_postgres
from tests.conftest import both_databases
from tests.desk import Desk, StoryClock
from tests.servers.postgres import programs
from webapp.database import make_engine
from webapp.models import Installation
from webapp.services.backups import sqlite

OTHER = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def host(desk: Desk, database_url: str, tmp_path: Path, clock: StoryClock) -> Iterator[Host]:
    desk.session.close()
    desk.database.dispose()
    yield Host(database_url, tmp_path / "backups", clock)


def execute(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def uid_in(url: str) -> str:
    engine = make_engine(url)
    with Session(engine) as session:
        found = session.query(Installation.uid).scalar()
    engine.dispose()
    return str(found)


@both_databases
def test_the_database_of_another_installation_is_replaced_only_when_that_one_is_named(host: Host) -> None:
    host.create()
    own = uid_in(host.url)
    execute(
        host.url, str(update(Installation).values(uid=OTHER).compile(compile_kwargs={"literal_binds": True}))
    )

    refused = host.type("restore", host.folder, "--replace", expect=1)
    wrong = host.type("restore", host.folder, "--replace", "--installation", own, expect=1)
    still = uid_in(host.url)
    host.type("restore", host.folder, "--replace", "--installation", OTHER)

    assert "of another installation" in refused and f"--installation {OTHER}" in refused
    assert ("of another installation" in wrong, still, uid_in(host.url)) == (True, OTHER, own)


@on_postgres
def test_psql_empties_the_server_that_was_checked_wherever_its_name_was_said(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.create()
    url = make_url(host.url)
    monkeypatch.setenv("PGHOST", str(url.query["host"]))
    execute(host.url, "UPDATE companies SET name = 'Since'")
    by_environment = url.set(query={}).render_as_string(hide_password=False)

    Host(by_environment, host.folder, host.clock).type("restore", host.folder, "--replace")

    engine = create_engine(host.url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT name FROM companies")) != "Since"
    engine.dispose()


@on_postgres
def test_the_password_of_the_clients_key_is_no_argument(host: Host, empty_url: str, tmp_path: Path) -> None:
    host.create()
    folder, seen = tmp_path / "seen", tmp_path / "seen.txt"
    script = (
        f'echo "$@" >> {seen}; stat -c %a "$PGSERVICEFILE" >> {seen}; cat "$PGSERVICEFILE" >> {seen}; exec'
    )
    _program(folder, "psql", f'{script} {programs()}/psql "$@"', version="18.6")
    _program(folder, "pg_restore", f'exec {programs()}/pg_restore "$@"', version="18.6")
    url = make_url(empty_url).update_query_dict({"sslpassword": "not for everybody"})

    address = url.render_as_string(hide_password=False)
    Host(address, host.folder, host.clock).type("restore", host.folder, "--clients", folder)

    arguments, mode, service, line = seen.read_text().splitlines()
    assert "not for everybody" not in arguments and "dbname=" in arguments
    assert (mode, service, line) == ("600", "[berth]", "sslpassword=not for everybody")


@on_postgres
def test_an_owner_who_is_no_superuser_sees_that_others_are_connected(host: Host) -> None:
    host.create()
    url = make_url(host.url)
    execute(
        host.url,
        "CREATE ROLE plain_owner LOGIN",
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO plain_owner",
    )
    plain = url.set(username="plain_owner").render_as_string(hide_password=False)
    engine = create_engine(host.url)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            in_use = Host(plain, host.folder, host.clock).type("restore", host.folder, "--replace", expect=1)
    finally:
        engine.dispose()
        execute(host.url, "DROP OWNED BY plain_owner", "DROP ROLE plain_owner")

    assert "in use (1 connections)" in in_use


@on_postgres
def test_a_backup_that_fails_leaves_nothing_on_the_disk(host: Host, tmp_path: Path) -> None:
    failing = _program(tmp_path / "failing", "pg_dump", "echo half; exit 1", version="99.1")

    refused = host.type("create", host.folder, "--clients", failing, expect=1)

    assert "pg_dump failed" in refused
    assert list(host.folder.iterdir()) == []


def test_nobody_comes_between_the_look_at_a_database_of_sqlite_and_its_end(host: Host) -> None:
    path = Path(make_url(host.url).database or "")

    with (
        sqlite.held(path, is_replaced=True) as found,
        closing(sqlite3.connect(path, timeout=0)) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("UPDATE companies SET name = 'Since'")

    assert found == uid_in(host.url)
