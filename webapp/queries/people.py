"""A company's people: colleagues, and whom it has invited."""

from collections.abc import Sequence

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.errors import NotFound
from webapp.domain.roles import ApplicationStatus, Role
from webapp.models import Application, AuthenticatorApp, Invitation, Passkey, User, UserPosting
from webapp.queries.branches import count_some

AnySession = Session | scoped_session[Session]

COLLEAGUES_AT_ONCE = 200


def list_colleagues(session: AnySession, *, company_id: int, page: int = 1) -> Sequence[User]:
    """By name, those who may not sign in last; so many on each page."""
    query = (
        select(User)
        .where(User.company_id == company_id, User.role == Role.PROVIDER, User.removed_at.is_(None))
        .order_by(User.is_active.desc(), User.name_key, User.id)
        .limit(COLLEAGUES_AT_ONCE)
        .offset((page - 1) * COLLEAGUES_AT_ONCE)
    )
    return session.scalars(query).all()


def find_unproven(session: AnySession, email: str) -> User | None:
    """A seeker's account with this address, which nobody has proven, and with which nobody was hired; none
    that the operator has disabled."""
    hired = exists().where(Application.seeker_id == User.id, Application.status == ApplicationStatus.APPROVED)
    is_free = (User.email_proven_at.is_(None), User.is_active, User.role == Role.SEEKER, ~hired)
    return session.scalar(select(User).where(User.email == email, *is_free))


def count_colleagues(session: AnySession, *, company_id: int) -> int:
    own = (User.company_id == company_id, User.role == Role.PROVIDER, User.removed_at.is_(None))
    return session.scalar(select(func.count()).where(*own)) or 0


def get_colleague(session: AnySession, user_id: int, *, company_id: int) -> User:
    """As they are now. Raises NotFound."""
    own = select(User).where(
        User.id == user_id,
        User.company_id == company_id,
        User.role == Role.PROVIDER,
        User.removed_at.is_(None),
    )
    found = session.scalar(own.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("Colleague not found.")
    return found


def list_posting_ids(session: AnySession, *, user_id: int) -> list[int]:
    """To which this person is limited."""
    own = select(UserPosting.job_posting_id).where(UserPosting.user_id == user_id)
    return list(session.scalars(own.order_by(UserPosting.job_posting_id)))


def with_second_factor(session: AnySession, user_ids: Sequence[int]) -> set[int]:
    """Those of them that have set one up."""
    confirmed = AuthenticatorApp.confirmed_at.is_not(None)
    apps = select(AuthenticatorApp.user_id).where(AuthenticatorApp.user_id.in_(user_ids), confirmed)
    passkeys = select(Passkey.user_id).where(Passkey.user_id.in_(user_ids))
    return set(session.scalars(apps.union(passkeys)))


def list_invitations(
    session: AnySession,
    *,
    company_id: int,
    limit: int,
    before_id: int | None = None,
    **chosen: object,
) -> Sequence[Invitation]:
    """A page, the newest first, with their postings; those whose columns have the `chosen` values."""
    query = (
        select(Invitation)
        .options(joinedload(Invitation.job_posting))
        .where(Invitation.company_id == company_id)
        .filter_by(**chosen)
        .order_by(Invitation.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        query = query.where(Invitation.id < before_id)
    return session.scalars(query).all()


def count_invitations(session: AnySession, *, company_id: int, **chosen: object) -> int:
    """Until there are more than MOST_COUNTED."""
    own = select(Invitation.id).where(Invitation.company_id == company_id)
    return count_some(session, own.filter_by(**chosen))


def get_invitation(session: AnySession, invitation_id: int, *, company_id: int) -> Invitation:
    """As it is now. Raises NotFound."""
    own = select(Invitation).where(Invitation.id == invitation_id, Invitation.company_id == company_id)
    found = session.scalar(own.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("Invitation not found.")
    return found
