"""Companies with desktops and people, and the pages that these have open: what `bench.live` stands on."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from flask import Flask
from sqlalchemy import Connection, insert, select

from tests.desk import make_settings
from tests.scale.company import BIG, first_of, open_company
from tests.scale.filling import Pattern, fill
from webapp.domain.clock import SystemClock
from webapp.domain.live_tickets import ticket_of
from webapp.domain.roles import CompanyRole, Role
from webapp.domain.secret_texts import hash_of, new_secret_text
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models import (
    Application,
    Base,
    CloudCredential,
    Company,
    User,
    UserSession,
    WebhookEndpoint,
    Workspace,
)

DESKTOPS = 40
KINDS = ("list", "start", "list", "desktop", "list", "own", "list", "desktop", "start", "desktop")
"""What each ten pages show."""
SECRET_KEY = "a key of the measurement"


@dataclass
class Page:
    company_id: int
    path: str
    topic: str
    cookie: str = field(repr=False)
    ticket: str = field(repr=False)
    etag: str = ""
    looked_s: float = 0.0
    looks_at_s: float = 0.0
    changed_s: float | None = None
    """Since when it must be notified."""


def people_and_pages(url: str, *, pages: int, companies: int) -> list[Page]:
    first = open_company(url, size=1)
    first.close()
    app = create_app(replace(make_settings(url), secret_key=SECRET_KEY))
    with app.app_context():
        company_ids = [_company(number) for number in range(2, companies + 2)]
        db.session.commit()
        found = [
            _page(app, company_ids[number % companies], KINDS[number // companies % len(KINDS)], number)
            for number in range(pages)
        ]
        db.session.commit()
        db.engine.dispose()
    return found


def _company(place: int) -> int:
    one = first_of(BIG)
    pattern = Pattern(one, one, one, one, one, one)
    session, now = db.session, SystemClock().now()
    company = Company(name=f"Company {place}", created_at=now)
    session.add(company)
    session.flush()
    connection = session.connection()
    credential_id = _copy(connection, CloudCredential, company.id, place)
    endpoint_id = _copy(connection, WebhookEndpoint, company.id, place)
    fill(
        connection,
        pattern,
        company_id=company.id,
        credential_id=credential_id,
        endpoint_id=endpoint_id,
        size=DESKTOPS,
        place=place,
    )
    return company.id


def _copy(connection: Connection, kind: type[Base], company_id: int, place: int) -> int:
    table = kind.__table__
    row = connection.execute(select(table).order_by(table.c.id).limit(1)).mappings().one()
    computed = {column.name for column in table.columns if column.computed is not None}
    values = {name: value for name, value in row.items() if name != "id" and name not in computed}
    values |= {"uid": f"{place:032d}", "company_id": company_id}
    key = connection.execute(insert(table).values(values)).inserted_primary_key
    return int(key[0])


def _page(app: Flask, company_id: int, kind: str, number: int) -> Page:
    """Of a person of its own, signed in."""
    session = db.session
    workspace = session.scalars(
        select(Workspace)
        .where(Workspace.company_id == company_id)
        .order_by(Workspace.id)
        .offset(number % 20)
        .limit(1)
    ).one()
    if kind == "own":
        user_id = session.get_one(Application, workspace.application_id).seeker_id
    else:
        person = User(
            email=f"pia.{number}@example.com",
            name="Pia",
            password_hash="",
            role=Role.PROVIDER,
            company_role=CompanyRole.OWNER,
            company_id=company_id,
            created_at=SystemClock().now(),
        )
        session.add(person)
        session.flush()
        user_id = person.id
    path, topic = {
        "list": ("/workspaces/rows", "lists"),
        "start": ("/start/overview", "lists"),
        "own": ("/desktops/cards", "own"),
        "desktop": (f"/workspaces/{workspace.id}/status", f"workspace-{workspace.id}"),
    }[kind]
    cookie, ticket = _sign_in(app, user_id)
    return Page(company_id, path, topic, cookie, ticket)


def _sign_in(app: Flask, user_id: int) -> tuple[str, str]:
    now, token = SystemClock().now(), new_secret_text()
    made = UserSession(
        token_hash=hash_of(token),
        user_id=user_id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(hours=9),
    )
    db.session.add(made)
    db.session.flush()
    signer = app.session_interface.get_signing_serializer(app)
    return signer.dumps({"_user_id": token, "_fresh": True}), ticket_of(made.id, made.token_hash)
