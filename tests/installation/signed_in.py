"""Somebody who is signed in, for tests of what `live` says."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from webapp.domain.clock import SystemClock
from webapp.domain.live_tickets import ticket_of
from webapp.domain.roles import CompanyRole, Role
from webapp.models import Company, User, UserSession


def signed_in(database: Engine) -> str:
    """A company, its person, a session as the web server makes it; its ticket."""
    now = SystemClock().now()
    with Session(database) as session, session.begin():
        company = Company(name=f"Quayside {uuid4()}", created_at=now)
        person = User(
            email=f"{uuid4()}@example.com",
            name="Provider",
            password_hash="",
            role=Role.PROVIDER,
            company_role=CompanyRole.OWNER,
            company=company,
            created_at=now,
        )
        session.add(person)
        session.flush()
        made = UserSession(
            token_hash=uuid4().hex * 2,
            user_id=person.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + timedelta(hours=1),
        )
        session.add(made)
        session.flush()
        return ticket_of(made.id, made.token_hash)
