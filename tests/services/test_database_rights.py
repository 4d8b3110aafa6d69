"""On PostgreSQL, with the rights that `flask rights` gives: the web works, and cannot read what it sealed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import URL, create_engine, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker, undefer
from werkzeug.routing import Rule

from jobs import DUE
from sandbox import demo
from tests.architecture.test_posts_without_key import CHOICES, FILLED
from tests.desk import SECRET_FIELDS, UBUNTU, Desk, WaitingClock
from tests.live.listening import line_of
from tests.pages.reader import Visitor
from tests.servers.postgres import programs
from webapp.database_rights import READ_BY_LIVE, rights
from webapp.domain.lifecycle import State
from webapp.domain.webhooks import KINDS
from webapp.engine.sweep import find_due
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models import Base, CloudCredential, DirectoryUser, Installation, Mail, WebhookEndpoint
from webapp.services import tokens
from webapp.services.backups.creating import create_backup
from webapp.services.backups.postgres import Clients

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]
WEB, WORKER, BACKGROUND, LIVE = "rights-web", "rights-worker", "rights-background", "rights-live"
BACKUP = "rights-backup"
USERS = (WEB, WORKER, BACKGROUND, LIVE, BACKUP)
PAGES = (
    "/",
    "/workspaces/",
    "/credentials/",
    "/credentials/1/",
    "/credentials/1/edit",
    "/webhooks/",
    "/orphans/",
)
SEALED: dict[type[Base], InstrumentedAttribute[Any]] = {
    CloudCredential: CloudCredential.sealed_secret,
    WebhookEndpoint: WebhookEndpoint.sealed_secret,
    Mail: Mail.sealed_link,
    DirectoryUser: DirectoryUser.sealed_password,
}
OTHER = SECRET_FIELDS | {"name": "Second", "directory_id": "d-99670be0ff"}


@pytest.fixture
def urls(desk: Desk) -> dict[str, URL]:
    """The address of the database for each of its users."""
    url = desk.database.url
    owner = create_engine(url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        for name in USERS:
            if not connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}):
                connection.execute(text(f'CREATE ROLE "{name}" LOGIN'))
        for statement in rights(web=WEB, worker=WORKER, background=BACKGROUND, live=LIVE, backup=BACKUP):
            connection.execute(text(statement))
    owner.dispose()
    return {name: url.set(username=name) for name in USERS}


@pytest.fixture
def web(desk: Desk, urls: dict[str, URL]) -> Iterator[Flask]:
    address = urls[WEB].render_as_string(hide_password=False)
    settings = replace(
        desk.settings, database_url=address, credential_private_keys=(), webhook_private_keys=()
    )
    app = create_app(settings, clock=WaitingClock(desk.clock), notifier=desk.notifier)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_the_web_works_without_reading_a_sealed_secret(desk: Desk, web: Flask) -> None:
    browser = web.test_client()
    with browser.session_transaction() as session:
        session["_user_id"], session["_fresh"] = desk.session_token("provider@example.com"), True
    provider = Visitor(browser)

    hook = {"url": "https://hooks.example.com/", "kinds": list(KINDS)}
    assert provider.post("/webhooks/", hook).status_code == 200
    assert provider.post("/credentials/?cloud=aws", OTHER | {"cloud_provider": "aws"}).status_code == 303
    changed = SECRET_FIELDS | {"name": "Renamed", "secret_access_key": ""}
    assert provider.post("/credentials/1/", changed).status_code == 303
    assert provider.post("/credentials/1/", SECRET_FIELDS | {"name": "Renamed"}).status_code == 303
    assert provider.post("/credentials/2/delete", {"confirm": "Second"}).status_code == 303
    statuses = {path: provider.get(path).status_code for path in (*PAGES, "/webhooks/1/")}

    assert set(statuses.values()) <= {200, 302}, statuses
    assert desk.credential().name == "Renamed"
    assert provider.post("/webhooks/1/delete").status_code == 303


def test_first_passwords_are_asked_for_and_given_up_without_reading_a_sealed_one(
    desk: Desk, web: Flask, urls: dict[str, URL]
) -> None:
    desk.sandbox.set_users(demo.DEMO_DIRECTORY_ID, ["leo.brandt"])
    workspace_id = desk.order(username="new.hire", create_user=True)
    desk.live_until(workspace_id, State.AVAILABLE)
    desk.session.commit()
    desk.prove_everybody()
    browser = web.test_client()
    with browser.session_transaction() as session:
        session["_user_id"], session["_fresh"] = desk.session_token("provider@example.com"), True

    answer = Visitor(browser).post(f"/workspaces/{workspace_id}/password")  # no worker comes

    assert answer.status_code == 503
    with desk.sessions() as fresh:
        (user,) = fresh.scalars(select(DirectoryUser).options(undefer(DirectoryUser.sealed_password)))
    assert user.password_asked_at is not None
    assert (user.sealed_password, user.password_waits) == (None, False)


@pytest.mark.parametrize("name", [WEB, BACKGROUND])
def test_the_sweep_needs_to_read_no_sealed_secret(desk: Desk, urls: dict[str, URL], name: str) -> None:
    engine = create_engine(urls[name])

    assert find_due(sessionmaker(engine), DUE, desk.clock.now()) is not None

    engine.dispose()


def test_programs_manage_webhooks_without_reading_a_sealed_secret(desk: Desk, web: Flask) -> None:
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="hooks")
    program, root = web.test_client(), "/api/workspaces/webhooks/"
    program.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"

    made = program.post(root, json={"url": "https://hooks.example.com/", "kinds": [KINDS[0]]}).json
    one = f"{root}{made['id']}/"
    rotated = program.post(f"{one}rotate/", json={}).json

    assert program.put(one, json={"kinds": [KINDS[1]]}).status_code == 200
    assert program.post(f"{one}test/", json={}).status_code == 202
    assert rotated["signing_key"] != made["signing_key"]
    assert program.delete(one).status_code == 204


def test_who_may_read_which_sealed_secret(desk: Desk, urls: dict[str, URL]) -> None:
    may_read = {
        name: {kind.__tablename__ for kind, column in SEALED.items() if _can_read(url, kind, column)}
        for name, url in urls.items()
        if name != LIVE
    }

    assert may_read == {
        WEB: set(),
        WORKER: {one.__tablename__ for one in SEALED},  # jobs.reseal runs as this user
        BACKGROUND: {"webhook_endpoints", "mails"},
        BACKUP: {one.__tablename__ for one in SEALED},  # it copies everything, and has no key
    }


def _can_read(url: URL, kind: type[Base], column: InstrumentedAttribute[Any]) -> bool:
    engine = create_engine(url)
    try:
        with Session(engine) as session:
            session.scalars(select(kind)).all()  # the row without the secret is for everybody
            session.rollback()
            session.scalars(select(kind).options(undefer(column))).all()
    except ProgrammingError as error:
        assert "permission denied" in str(error.orig)
        return False
    finally:
        engine.dispose()
    return True


def test_live_hears_of_changes_and_can_read_only_who_is_signed_in(desk: Desk, urls: dict[str, URL]) -> None:
    address = urls[LIVE].render_as_string(hide_password=False)
    with line_of(desk, database_url=address) as line:
        ear = line.listen("provider@example.com", "lists")
        desk.order()
        ear.until("lists")

    engine = create_engine(urls[LIVE])
    with engine.connect() as connection:
        readable = connection.execute(text(READABLE)).all()
    engine.dispose()
    assert {tuple(row) for row in readable} == {
        (table, name, "SELECT") for table, names in READ_BY_LIVE.items() for name in names
    }


READABLE = """
SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges
WHERE table_schema = 'public' AND grantee = current_user"""


def test_nobody_changes_the_trail_and_only_background_workers_link_it(
    desk: Desk, urls: dict[str, URL]
) -> None:
    statements = {
        "add": INSERT_ENTRY,
        "link": "INSERT INTO trail_links SELECT 1, id, 'k', 'm' FROM trail_entries LIMIT 1",
        "change": "UPDATE trail_entries SET actor = ''",
        "delete": "DELETE FROM trail_entries",
        "change link": "UPDATE trail_links SET mac = ''",
        "delete link": "DELETE FROM trail_links",
    }

    allowed = {
        name: {verb for verb, statement in statements.items() if _may(url, statement)}
        for name, url in urls.items()
    }

    assert allowed == {WEB: {"add"}, WORKER: {"add"}, BACKGROUND: {"add", "link"}, LIVE: set(), BACKUP: set()}


INSERT_ENTRY = """INSERT INTO trail_entries
(at, actor, address, request_id, action, outcome, code, subject, changes) VALUES
(now(), '', '', '', '', 'done', '', '', '[]')"""


def _may(url: URL, statement: str) -> bool:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text(statement))
    except ProgrammingError as error:
        assert "permission denied" in str(error.orig)
        return False
    finally:
        engine.dispose()
    return True


def test_no_page_and_no_call_needs_more_rights(desk: Desk, web: Flask) -> None:
    """What is done every day, and every address by every method."""
    workspace_id, application_id = desk.available(), desk.add_application().id
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="walk")
    web.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    browser = web.test_client()
    with browser.session_transaction() as session:
        session["_user_id"], session["_fresh"] = desk.session_token("provider@example.com"), True
    order = {
        "application_id": application_id,
        "cloud_credential_id": desk.credential_id,
        "workspace_type": "ubuntu",
        "bundle_id": UBUNTU,
        "username": "second",
    }

    def call(method: str, path: str, body: dict[str, object] | None = None) -> int:
        sent = {"json": body or {}} if path.startswith("/api/") and method != "GET" else {}
        headers = {"Authorization": f"Bearer {token}"} if path.startswith("/api/") else {}
        return browser.open(path, method=method, headers=headers, **sent).status_code

    one = f"/api/workspaces/workspaces/{workspace_id}/"
    done = [
        call("POST", "/api/workspaces/workspaces/", order),
        call("POST", f"{one}stop/"),
        call("POST", f"{one}terminate/"),
    ]
    found = {
        (method, path): call(method, path)
        for rule in web.url_map.iter_rules()
        if rule.endpoint not in ("static", "accounts.sign_out")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        for path in [_address(web, rule)]
    }

    assert done == [201, 202, 202]
    assert len(found) > 100
    assert {where: status for where, status in found.items() if status == 500} == {}


def _address(app: Flask, rule: Rule) -> str:
    values = {name: (FILLED | CHOICES).get(name, "1") for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, values, method=min(rule.methods or ["GET"]))


def test_the_backup_reads_everything_and_changes_only_when_it_was_made(
    desk: Desk, urls: dict[str, URL], tmp_path: Path
) -> None:
    desk.available()
    desk.session.close()
    database = create_engine(urls[BACKUP])

    made = create_backup(database, tmp_path, keep=1, now=desk.clock.now(), clients=Clients(programs()))

    assert made.manifest.tables["workspaces"] == 1
    with sessionmaker(desk.database).begin() as session:
        assert session.scalar(select(Installation.backed_up_at)) == desk.clock.now()
    for statement in (
        "DELETE FROM workspaces",
        "UPDATE users SET name = ''",
        "UPDATE installation SET uid = ''",
    ):
        with database.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
            connection.exec_driver_sql(statement)
    database.dispose()
