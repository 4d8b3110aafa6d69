"""What whoever runs the installation decides: who is disabled, and how many desktops a company may have."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from webapp.domain.errors import Conflict, Invalid
from webapp.models import ApiToken, CalendarFeed, Company, User, UserSession
from webapp.queries import operator as queries
from webapp.services.budgets import LARGEST_CAP
from webapp.services.context import ServiceContext


def disable_company(context: ServiceContext, company_id: int) -> Company:
    """Nobody of it signs in any more; sessions and tokens end in the same transaction. Its desktops go on,
    and the people whom it has hired keep them. Commits. Raises NotFound."""
    company = queries.get_company(context.session, company_id)
    if company.disabled_at is None:
        company.disabled_at = context.clock.now()
        own = select(User.id).where(User.company_id == company_id, User.is_active)
        ids = context.session.scalars(own).all()
        context.session.execute(
            update(User).where(User.id.in_(ids)).values(is_active=False, is_disabled_with_company=True)
        )
        end_access(context, ids)
    context.session.commit()
    return company


def enable_company(context: ServiceContext, company_id: int) -> Company:
    """Those who were disabled with it sign in again. Commits. Raises NotFound."""
    company = queries.get_company(context.session, company_id)
    if company.disabled_at is not None:
        company.disabled_at = None
        own = update(User).where(User.company_id == company_id, User.is_disabled_with_company)
        context.session.execute(own.values(is_active=True, is_disabled_with_company=False))
    context.session.commit()
    return company


def set_quota(context: ServiceContext, company_id: int, quota: int | None) -> Company:
    """Live desktops at most, whatever the company itself has set; None: any number. Those that are there
    stay. Commits. Raises NotFound, Invalid."""
    if quota is not None and not 0 <= quota <= LARGEST_CAP:
        raise Invalid(f"Enter a number from 0 to {LARGEST_CAP:,}.", field="quota")
    company = queries.get_company(context.session, company_id)
    company.quota_desktops = quota
    context.session.commit()
    return company


def disable_person(context: ServiceContext, user_id: int, *, by: User) -> User:
    """Nobody but an operator enables the person again. Commits. Raises NotFound, and Conflict for oneself."""
    if user_id == by.id:
        raise Conflict("You cannot disable yourself.", code="own_account")
    user = queries.get_person(context.session, user_id)
    user.is_active, user.is_disabled_by_operator = False, True
    user.is_disabled_with_company = False  # and so not enabled with it
    end_access(context, [user.id])
    context.session.commit()
    return user


def enable_person(context: ServiceContext, user_id: int) -> User:
    """Commits. Raises NotFound, and Conflict while the company is disabled."""
    user = queries.get_person(context.session, user_id)
    if (
        user.company_id is not None
        and context.session.get_one(Company, user.company_id).disabled_at is not None
    ):
        context.session.rollback()
        raise Conflict("The company is disabled. Enable the company first.", code="company_disabled")
    user.is_active, user.is_disabled_with_company = True, False
    user.is_disabled_by_operator = False
    context.session.commit()
    return user


def end_access(context: ServiceContext, user_ids: Sequence[int]) -> None:
    """Browsers, tokens and calendars, in the caller's transaction."""
    context.session.execute(delete(UserSession).where(UserSession.user_id.in_(user_ids)))
    live = update(ApiToken).where(ApiToken.user_id.in_(user_ids), ApiToken.revoked_at.is_(None))
    context.session.execute(live.values(revoked_at=context.clock.now()))
    context.session.execute(delete(CalendarFeed).where(CalendarFeed.user_id.in_(user_ids)))
