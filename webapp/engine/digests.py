"""Writing the daily digests: to each person in the morning of their zone, once a day, if there is something.

That the day is decided, and the mail, are one transaction: whoever dies in it has done nothing, and of two
workers one finds the day taken.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import or_, select, update

from webapp.database import changed_rows
from webapp.domain.digests import READ_UNTIL, Section, morning_of
from webapp.domain.mails import DIGEST
from webapp.domain.permissions import PERMISSIONS, Permission
from webapp.domain.roles import CompanyRole, Role
from webapp.engine.context import Engine
from webapp.engine.hourly import claim
from webapp.models import Company, Installation, User
from webapp.models.mail import Recipient, write_mail
from webapp.queries.digest import read_digest
from webapp.queries.posting_limit import limit

EVERY = timedelta(minutes=15)
"""Zones begin their day at quarters of an hour."""
RUN_S = 25.0
"""After this another run goes on; the sweep queues it."""
READERS = [role for role in CompanyRole if {Permission.READ_WORK, Permission.READ_COSTS} & PERMISSIONS[role]]
"""Roles that may see something of what it says."""
_WANTS_IT = (User.role == Role.PROVIDER, User.is_active, User.wants_digest, User.company_role.in_(READERS))


def write_digests(engine: Engine, installation_id: int) -> None:
    """To everybody whose morning it is, in bounded time."""
    if not claim(engine, installation_id, Installation.digests_due_at, every=EVERY):
        return
    if not engine.settings.mail.is_set_up:
        return
    started_s = engine.clock.monotonic_s()
    for user_id, day in _waiting(engine):
        if engine.clock.monotonic_s() - started_s > RUN_S:
            _go_on(engine, installation_id)
            return
        _write(engine, user_id, day)


def _waiting(engine: Engine) -> Iterator[tuple[int, date]]:
    now = engine.clock.now()
    with engine.sessions.begin() as session:
        found = session.execute(
            select(User.id, User.time_zone, User.digest_on).where(User.company_id.is_not(None), *_WANTS_IT)
        ).all()
    # In any order, so that one whose digest cannot be written does not keep the same people waiting.
    for user_id, zone, decided in engine.rng.sample(found, len(found)):
        day = morning_of(now, zone or "UTC")
        if day is not None and (decided is None or decided < day):
            yield user_id, day


def _write(engine: Engine, user_id: int, day: date) -> None:
    """Unless it was written, or decided that there is nothing to say, by now."""
    now = engine.clock.now()
    with engine.sessions.begin() as session:
        taken = session.execute(
            update(User)
            .where(User.id == user_id, or_(User.digest_on.is_(None), User.digest_on < day), *_WANTS_IT)
            .values(digest_on=day)
            .execution_options(synchronize_session=False)
        )
        if changed_rows(taken) != 1:
            return
        engine.crashpoint("digest_taken")
        person, company = session.execute(
            select(User, Company).join(Company, Company.id == User.company_id).where(User.id == user_id)
        ).one()
        if person.is_limited_to_postings:
            limit(session, user_id=person.id)
        sections = read_digest(session, person, company_id=company.id, now=now)
        mail = (
            write_mail(
                session,
                DIGEST,
                Recipient.of(person),
                mail=engine.settings.mail,
                at=now,
                company_id=company.id,
                parameters=_parameters(company, sections),
            )
            if sections
            else None
        )
        if mail is not None:
            mail.not_after = now + READ_UNTIL
    engine.crashpoint("digest_written")


def _parameters(company: Company, sections: list[Section]) -> dict[str, object]:
    return {"company": company.name, "sections": [one.as_parameter() for one in sections]}


def _go_on(engine: Engine, installation_id: int) -> None:
    """At once, not in a quarter of an hour."""
    with engine.sessions.begin() as session:
        session.execute(
            update(Installation)
            .where(Installation.id == installation_id)
            .values(digests_due_at=engine.clock.now())
        )
