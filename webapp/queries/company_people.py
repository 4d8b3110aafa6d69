"""Everybody of a company: its colleagues, and the people it has hired."""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, scoped_session

from webapp.domain.errors import NotFound
from webapp.domain.roles import ApplicationStatus, Role
from webapp.models import Application, User
from webapp.queries.branches import count_some, first_of_each

AnySession = Session | scoped_session[Session]


class PersonKind(StrEnum):
    COLLEAGUE = "colleague"
    HIRED = "hired"


def list_people(
    session: AnySession,
    *,
    company_id: int,
    kind: PersonKind | None,
    email: str | None,
    limit: int,
    after_id: int = 0,
) -> Sequence[User]:
    """In the order in which their accounts were made."""
    ids = first_of_each(
        [one.where(of > after_id).order_by(of).limit(limit) for one, of in _ids_of(company_id, kind, email)]
    )
    return session.scalars(select(User).where(User.id.in_(ids)).order_by(User.id).limit(limit)).all()


def count_people(session: AnySession, *, company_id: int, kind: PersonKind | None, email: str | None) -> int:
    """Counted until there are more than MOST_COUNTED."""
    return count_some(session, *(one for one, _ in _ids_of(company_id, kind, email)))


def get_person(session: AnySession, user_id: int, *, company_id: int) -> User:
    """As they are now. Raises NotFound, for a removed person too."""
    was_hired = select(Application.id).where(
        Application.seeker_id == User.id,
        Application.company_id == company_id,
        Application.status == ApplicationStatus.APPROVED,
    )
    belongs = or_(_is_colleague(company_id), was_hired.exists())
    query = select(User).where(User.id == user_id, belongs, User.removed_at.is_(None))
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("Person not found.")
    return found


def list_approved_ids(
    session: AnySession, user_ids: Sequence[int], *, company_id: int
) -> dict[int, list[int]]:
    """The approved applications of these people to the company, by person."""
    found = session.execute(
        select(Application.seeker_id, Application.id)
        .where(
            Application.company_id == company_id,
            Application.status == ApplicationStatus.APPROVED,
            Application.seeker_id.in_(user_ids),
        )
        .order_by(Application.id)
    )
    by_person: dict[int, list[int]] = {}
    for user_id, application_id in found:
        by_person.setdefault(user_id, []).append(application_id)
    return by_person


def _ids_of(
    company_id: int, kind: PersonKind | None, email: str | None
) -> list[tuple[Select[int], InstrumentedAttribute[int]]]:
    """For each kind its ids, once each, and the column by which an index gives them in order."""
    is_there = (
        User.removed_at.is_(None) if email is None else and_(User.removed_at.is_(None), User.email == email)
    )
    hired = (
        select(Application.seeker_id.label("id"))
        .join(User, User.id == Application.seeker_id)
        .where(
            Application.company_id == company_id, Application.status == ApplicationStatus.APPROVED, is_there
        )
        .group_by(Application.seeker_id)
    )
    ways = {
        PersonKind.COLLEAGUE: (select(User.id).where(_is_colleague(company_id), is_there), User.id),
        PersonKind.HIRED: (hired, Application.seeker_id),
    }
    return list(ways.values()) if kind is None else [ways[kind]]


def _is_colleague(company_id: int) -> ColumnElement[bool]:
    return and_(User.company_id == company_id, User.role == Role.PROVIDER)
