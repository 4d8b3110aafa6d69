"""Colleagues: who of a company may sign in."""

from sqlalchemy import delete, func, select, update

from webapp.database import take_turns
from webapp.domain.errors import Conflict, NotFound
from webapp.domain.roles import Role
from webapp.models import ApiToken, Company, User, UserSession
from webapp.services.context import ServiceContext
from webapp.services.second_factor import has_second_factor


def disable(context: ServiceContext, user_id: int, *, company_id: int, by: User) -> User:
    """Signed out everywhere, tokens revoked, in one transaction; enabling brings neither back. Commits.

    Raises NotFound, and Conflict for oneself and for the last one.
    """
    take_turns(context.session, f"colleagues of {company_id}")
    user = _get(context, user_id, company_id)
    if user.id == by.id:
        raise Conflict("You cannot disable yourself. Ask a colleague.", code="own_account")
    if user.is_active and _count_active(context, company_id) <= 1:
        raise Conflict("Somebody must be left who can sign in for the company.", code="last_colleague")
    user.is_active = False
    context.session.execute(delete(UserSession).where(UserSession.user_id == user.id))
    live = update(ApiToken).where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
    context.session.execute(live.values(revoked_at=context.clock.now()))
    context.session.commit()
    return user


def enable(context: ServiceContext, user_id: int, *, company_id: int) -> User:
    """The person may sign in again. Commits. Raises NotFound."""
    user = _get(context, user_id, company_id)
    user.is_active = True
    context.session.commit()
    return user


def demand_second_factor(context: ServiceContext, *, company_id: int, by: User, is_demanded: bool) -> None:
    """Of everybody who works for the company. Commits. Raises Conflict for whoever has none."""
    if is_demanded and not has_second_factor(context, by):
        raise Conflict("Set up your own first, so that you are not locked out.", code="second_factor_missing")
    company = context.session.get_one(Company, company_id)
    company.needs_second_factor = is_demanded
    context.session.commit()


def _get(context: ServiceContext, user_id: int, company_id: int) -> User:
    own = select(User).where(User.id == user_id, User.company_id == company_id, User.role == Role.PROVIDER)
    found = context.session.scalar(own.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("Colleague not found.")
    return found


def _count_active(context: ServiceContext, company_id: int) -> int:
    active = select(func.count()).where(
        User.company_id == company_id, User.role == Role.PROVIDER, User.is_active
    )
    return context.session.scalar(active) or 0
