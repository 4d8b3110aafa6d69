"""“Only by single sign-on”: nobody of the company signs in otherwise, but for one owner in an emergency."""

from sqlalchemy import delete, select

from webapp.database import take_turns
from webapp.domain.errors import Conflict, Invalid, NotFound
from webapp.domain.roles import CompanyRole
from webapp.models import Company, IdentityProvider, User, UserSession
from webapp.queries import single_sign_on as queries
from webapp.services.context import ServiceContext
from webapp.services.second_factor import has_second_factor, turn_of


def demand(context: ServiceContext, *, emergency_user_id: int, company_id: int, by: User) -> IdentityProvider:
    """Other colleagues' sessions that began with a password end in the same transaction. Commits.

    Raises Conflict until somebody has signed in by the issuer, and Invalid for an emergency way that does not
    work: it needs an owner who may sign in and has a second factor.
    """
    take_turns(context.session, f"colleagues of {company_id}")
    provider = queries.find_provider(context.session, company_id=company_id)
    if provider is None or provider.succeeded_at is None:
        raise Conflict(
            "Sign in by single sign-on once first, so that nobody is locked out.",
            code="single_sign_on_untried",
        )
    user = context.session.scalar(
        select(User)
        .where(User.id == emergency_user_id, User.company_id == company_id)
        .execution_options(populate_existing=True)
    )
    if user is None or user.company_role is not CompanyRole.OWNER or not user.is_active:
        raise Invalid("Choose an owner who can sign in.", field="owner")
    take_turns(context.session, turn_of(user.id))
    if not has_second_factor(context, user):
        raise Invalid(f"{user.name} needs a second factor first.", field="owner")
    provider.is_demanded, provider.emergency_user_id = True, user.id
    colleagues = select(User.id).where(User.company_id == company_id, User.id.not_in({user.id, by.id}))
    context.session.execute(
        delete(UserSession)
        .where(UserSession.user_id.in_(colleagues), UserSession.is_by_single_sign_on.is_(False))
        .execution_options(synchronize_session=False)
    )
    context.session.commit()
    return provider


def waive(context: ServiceContext, *, company_id: int) -> None:
    """Passwords sign people in again. Commits."""
    provider = queries.find_provider(context.session, company_id=company_id)
    if provider is not None:
        provider.is_demanded, provider.emergency_user_id = False, None
        context.session.commit()


def waive_by_operator(context: ServiceContext, *, company_name: str) -> None:
    """For a company whose emergency way is lost too. Commits. Raises NotFound."""
    company_id = context.session.scalar(select(Company.id).where(Company.name == company_name))
    if company_id is None or queries.find_provider(context.session, company_id=company_id) is None:
        raise NotFound(f"No company with the name {company_name} has single sign-on.")
    waive(context, company_id=company_id)
