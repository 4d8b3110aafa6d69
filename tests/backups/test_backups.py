"""`flask backup`: of one moment, whole or not there, read back, and put only where it may be."""

import fcntl
import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select, text, update
from sqlalchemy.orm import Session

from tests.backups.conftest import Host
from tests.conftest import both_databases
from tests.desk import SECRET_FIELDS, START, Desk, StoryClock, key_pair, webhook_key_pair
from tests.servers.postgres import programs
from webapp import VERSION
from webapp.database import make_engine
from webapp.domain.lifecycle import Action
from webapp.models import Company, Installation, JobPosting, UserSession, Workspace
from webapp.services.backups.folder import name_of
from webapp.services.backups.manifest import NAME
from webapp.vault import keys

ROOT = Path(__file__).resolve().parents[2]
on_postgres = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def host(desk: Desk, database_url: str, tmp_path: Path, clock: StoryClock) -> Iterator[Host]:
    """A Berth that has worked; nobody is connected any more."""
    desk.available()
    desk.session_token(desk.provider.email)
    desk.session.close()
    desk.database.dispose()
    yield Host(database_url, tmp_path / "backups", clock)


@pytest.fixture
def elsewhere(host: Host, empty_url: str) -> Host:
    """Another host with the same folder of backups, and an empty database."""
    return Host(empty_url, host.folder, host.clock)


def rows(url: str, model: type) -> int:
    engine = make_engine(url)
    with Session(engine) as session:
        found = session.scalar(select(func.count()).select_from(model)) or 0
    engine.dispose()
    return found


class Load:
    """Somebody who never stops: each transaction makes a company and a job of it."""

    def __init__(self, url: str) -> None:
        self._url, self._stop, self.done = url, threading.Event(), 0
        self._has_begun = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        engine = make_engine(self._url)
        while not self._stop.is_set():
            with Session(engine) as session, session.begin():
                company = Company(name=f"Company {self.done}", created_at=START)
                session.add(company)
                session.flush()
                posting = JobPosting(
                    company_id=company.id, title="Job", location="", description="", created_at=START
                )
                session.add(posting)
            self.done += 1
            self._has_begun.set()
        engine.dispose()

    def __enter__(self) -> "Load":
        self._thread.start()
        assert self._has_begun.wait(timeout=30)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=30)


@both_databases
def test_a_backup_under_load_is_of_one_moment_and_nobody_waits(host: Host, elsewhere: Host) -> None:
    with Load(host.url) as load:
        before = load.done
        host.create()
        made_meanwhile = load.done - before

    elsewhere.type("restore", host.folder)

    assert made_meanwhile > 0
    found = host.manifest.tables
    assert found["companies"] == found["job_postings"] == rows(elsewhere.url, Company)
    assert rows(elsewhere.url, JobPosting) == rows(elsewhere.url, Company) >= before
    assert rows(host.url, Company) > found["companies"] or made_meanwhile == 1


@both_databases
def test_a_backup_says_what_it_is_and_only_its_owner_reads_it(host: Host) -> None:
    path = host.create()

    found = json.loads((path / NAME).read_text())
    assert (found["version"], found["format"]) == (VERSION, 1)
    assert found["tables"]["workspaces"] == 1
    assert "CREDENTIAL_PRIVATE_KEYS" in found["keys_are_elsewhere"]
    assert found["keys"]["credential"] == [keys.key_id(keys.parse_public_key(key_pair()[0]))]
    modes = {stat.S_IMODE(one.stat().st_mode) for one in path.iterdir()}
    assert (stat.S_IMODE(path.stat().st_mode), modes) == (0o700, {0o600})


@both_databases
def test_no_private_key_and_no_secret_of_a_cloud_is_in_it(host: Host, tmp_path: Path) -> None:
    path = host.create()
    texts = b"".join(one.read_bytes() for one in path.iterdir())
    if host.url.startswith("postgresql"):
        plain = [programs() / "pg_restore", "--file=-", path / "database.dump"]
        texts += subprocess.run(plain, capture_output=True, check=True).stdout

    secrets = [key_pair()[1], webhook_key_pair()[1], SECRET_FIELDS["secret_access_key"]]
    assert [one for one in secrets if one.encode() in texts] == []
    assert SECRET_FIELDS["directory_id"].encode() in texts


@both_databases
def test_what_is_restored_is_marked_so_that_nothing_happens_twice(
    host: Host, elsewhere: Host, desk: Desk, clock: StoryClock
) -> None:
    with desk.sessions.begin() as session:
        asked = {"requested_action": Action.REBUILD, "action_requested_at": clock.now()}
        session.execute(update(Workspace).values(asked))
    desk.database.dispose()
    host.create()
    clock.pause(600)

    said = elsewhere.type("restore", host.folder)

    engine = make_engine(elsewhere.url)
    with Session(engine) as session:
        installation = session.scalars(select(Installation)).one()
        workspace = session.scalars(select(Workspace)).one()
        token, last_good = session.execute(
            text(
                "SELECT lease_token, last_good_at FROM cloud_credentials JOIN duties"
                " ON duties.credential_id = cloud_credentials.id WHERE kind = 'take_inventory'"
            )
        ).one()
        sessions = session.scalar(select(func.count()).select_from(UserSession))
    engine.dispose()
    assert (installation.restored_at, installation.backed_up_at) == (
        clock.now(),
        clock.now() - timedelta(seconds=600),
    )
    assert workspace.action_sent_at == clock.now()
    assert (token > 1_000_000, last_good, sessions) == (True, None, 0)
    assert ("flask rights" in said) is host.url.startswith("postgresql")


@both_databases
def test_what_is_there_is_replaced_only_when_that_is_said_and_nobody_uses_it(host: Host) -> None:
    host.create()
    engine = make_engine(host.url)
    with Session(engine) as session, session.begin():
        session.add(Company(name="Since", created_at=START))
    with engine.connect() as connection:
        connection.execute(select(Company.id))

        refused = host.type("restore", host.folder, expect=1)
        in_use = host.type("restore", host.folder, "--replace", expect=1)
    engine.dispose()
    still = rows(host.url, Company)
    host.type("restore", host.folder, "--replace")

    assert "is not empty" in refused and "--replace" in refused
    assert "in use" in in_use and "Stop all processes of Berth first." in in_use
    assert (still, rows(host.url, Company)) == (2, 1)


@both_databases
def test_a_byte_that_has_changed_is_found_and_nothing_is_restored(host: Host, elsewhere: Host) -> None:
    path = host.create()
    file = next(one for one in path.iterdir() if one.name != NAME)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)

    for refused in (
        host.type("verify", host.folder, expect=1),
        elsewhere.type("restore", host.folder, expect=1),
    ):
        assert "not as it was written" in refused


@both_databases
def test_what_a_manifest_counts_must_be_there_before_anything_is_kept(host: Host, elsewhere: Host) -> None:
    path = host.create()
    text_ = (path / NAME).read_text()
    (path / NAME).write_text(text_.replace('"companies": 1', '"companies": 2'))

    refused = elsewhere.type("restore", host.folder, expect=1)
    (path / NAME).write_text(text_)
    elsewhere.type("restore", host.folder)

    assert "has not the rows that the manifest names" in refused


@both_databases
@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ('"migration": "', '"migration": "9', "of a newer Berth"),
        ('"format": 1', '"format": 2', "Use a newer Berth"),
        ('"companies"', '"companies; DROP TABLE users"', "damaged"),
        ('"sha256": "', '"sha256": 1, "x": "', "differs"),
        ("{", "", "damaged"),
    ],
)
def test_a_backup_that_this_berth_cannot_restore_is_refused_in_a_sentence(
    host: Host, elsewhere: Host, before: str, after: str, reason: str
) -> None:
    path = host.create()
    (path / NAME).write_text((path / NAME).read_text().replace(before, after, 1))

    assert reason in elsewhere.type("restore", host.folder, expect=1)


@both_databases
def test_the_oldest_go_and_those_of_another_installation_stay(host: Host, clock: StoryClock) -> None:
    stranger = host.create()
    found = json.loads((stranger / NAME).read_text())
    (stranger / NAME).write_text(json.dumps(found | {"installation": "another"}))
    made = []
    for _ in range(3):
        clock.pause(3600)
        made.append(host.create("--keep", 2))

    assert host.backups == [stranger, *made[1:]]


@both_databases
def test_what_a_killed_backup_left_is_no_backup_and_goes_with_the_next(host: Host) -> None:
    left = host.folder / f".unfinished-{name_of(START)}"
    left.mkdir(parents=True)
    (left / "database.dump").write_bytes(b"half")

    missing = host.type("verify", host.folder, expect=1)
    host.create()

    assert "There is no backup in" in missing
    assert not left.exists()


def environment(host: Host) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "BERTH_ENV": "development",
        "DATABASE_URL": host.url,
        "REDIS_URL": "redis://127.0.0.1",
    }


def run_job(host: Host, *options: object) -> "subprocess.CompletedProcess[str]":
    """What the timer runs: it has no secret but the database."""
    command = [sys.executable, "-m", "jobs.backup", str(host.folder), *map(str, options)]
    return subprocess.run(command, env=environment(host), cwd=ROOT, capture_output=True, text=True)


@both_databases
def test_the_timer_makes_one_without_any_key(host: Host) -> None:
    done = run_job(host, "--clients", programs(), "--keep", 3)

    assert (done.returncode, done.stderr) == (0, "")
    assert host.manifest.tables["workspaces"] == 1
    assert rows(host.url, Installation) == 1


@on_postgres
def test_killed_while_pg_dump_writes_it_leaves_no_backup(host: Host, tmp_path: Path) -> None:
    stub = _program(tmp_path / "killing", "pg_dump", "echo half; kill -9 $PPID", version="99.1")
    done = run_job(host, "--clients", stub)

    assert done.returncode == -9
    assert host.backups == []
    assert host.create().exists()


@on_postgres
def test_a_program_that_is_missing_or_too_old_is_named_with_what_to_install(
    host: Host, tmp_path: Path
) -> None:
    old = _program(tmp_path / "old", "pg_dump", "exit 3", version="9.6.24")
    empty = tmp_path / "none"
    empty.mkdir()

    missing = host.type("create", host.folder, "--clients", empty, expect=1)
    too_old = host.type("create", host.folder, "--clients", old, expect=1)

    assert "pg_dump is not in" in missing and "postgresql-client" in missing
    assert "pg_dump is of PostgreSQL 9.6.24, the server of 18" in too_old
    assert host.backups == []


@on_postgres
def test_a_backup_is_loaded_into_a_scratch_database_and_taken_back(host: Host, elsewhere: Host) -> None:
    host.create()

    said = host.type("verify", host.folder, "--into", elsewhere.url)
    refused = host.type("verify", host.folder, "--into", host.url, expect=1)

    assert "Loaded, counted and undone." in said
    assert "is not empty" in refused
    engine = create_engine(elsewhere.url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) == 0
    engine.dispose()


@on_postgres
def test_a_restore_that_fails_half_way_leaves_what_was_there(host: Host, tmp_path: Path) -> None:
    """pg_restore dies after the first lines: without a COMMIT nothing of it ever was."""
    host.create()
    folder = tmp_path / "dying"
    real = programs()
    _program(
        folder,
        "pg_restore",
        f'if [ "$1" = --list ]; then exec {real}/pg_restore "$@"; fi; {real}/pg_restore "$@" | head -c 40000;'
        " exit 1",
        version="18.6",
    )
    _program(folder, "psql", f'exec {real}/psql "$@"', version="18.6")

    refused = host.type("restore", host.folder, "--replace", "--clients", folder, expect=1)

    assert "nothing was changed" in refused
    assert rows(host.url, Workspace) == 1


def _program(folder: Path, name: str, script: str, *, version: str) -> Path:
    """A program of that version which does something else; its folder."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    says = f'if [ "$1" = --version ]; then echo "{name} (PostgreSQL) {version}"; exit; fi'
    path.write_text(f"#!/bin/sh\n{says}\n{script}\n")
    path.chmod(0o755)
    return folder


def test_the_version_is_that_of_the_release() -> None:
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text()


def test_a_second_backup_at_the_same_time_is_refused(host: Host) -> None:
    host.folder.mkdir()
    opened = os.open(host.folder, os.O_RDONLY)
    fcntl.flock(opened, fcntl.LOCK_EX)

    refused = host.type("create", host.folder, expect=1)
    os.close(opened)

    assert "Another backup is being made" in refused
