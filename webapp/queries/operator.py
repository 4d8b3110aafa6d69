"""What whoever runs the installation sees: companies and people, and nothing of their work."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.errors import NotFound
from webapp.models import Company, Mail, User
from webapp.queries.live_sums import count_live_by_company

AnySession = Session | scoped_session[Session]


@dataclass(frozen=True, slots=True)
class CompanyRow:
    company: Company
    people: int
    live_desktops: int


def list_companies(session: AnySession, *, name: str, limit: int, before_id: int | None) -> list[CompanyRow]:
    """The newest first; `name`: a part of it."""
    query = select(Company).order_by(Company.id.desc()).limit(limit)
    if name:
        query = query.where(Company.name.icontains(name, autoescape=True))
    if before_id is not None:
        query = query.where(Company.id < before_id)
    companies = session.scalars(query).all()
    ids = [one.id for one in companies]
    people = select(User.company_id, func.count()).where(User.company_id.in_(ids))
    counted = {company_id: count for company_id, count in session.execute(people.group_by(User.company_id))}
    live = count_live_by_company(session, ids)
    return [CompanyRow(one, counted.get(one.id, 0), live.get(one.id, 0)) for one in companies]


def get_company(session: AnySession, company_id: int) -> Company:
    """As it is now, locked. Raises NotFound."""
    own = select(Company).where(Company.id == company_id).with_for_update()
    found = session.scalar(own.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("Company not found.")
    return found


def list_people(session: AnySession, *, address: str, limit: int) -> Sequence[User]:
    """Whose e-mail address begins like this, with their companies; nobody for nothing."""
    if not address:
        return []
    query = (
        select(User)
        .options(joinedload(User.company))
        .where(User.email.startswith(address, autoescape=True), User.removed_at.is_(None))
        .order_by(User.email)
        .limit(limit)
    )
    return session.scalars(query).all()


def get_person(session: AnySession, user_id: int) -> User:
    """As it is now, locked. Raises NotFound."""
    own = select(User).where(User.id == user_id, User.removed_at.is_(None)).with_for_update()
    found = session.scalar(own.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("Person not found.")
    return found


def count_waiting_mails(session: AnySession) -> int:
    return session.scalar(select(func.count()).where(Mail.due_at.is_not(None))) or 0
