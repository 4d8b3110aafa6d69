"""The issuer by which a company's people sign in: set up, changed, removed."""

from dataclasses import dataclass, field

from sqlalchemy import delete, select, update

from webapp.database import take_turns
from webapp.domain.errors import Conflict, Invalid
from webapp.domain.plain_text import plain
from webapp.domain.roles import CompanyRole
from webapp.models import IdentityProvider, User, UserSession
from webapp.queries import single_sign_on as queries
from webapp.services.context import ServiceContext
from webapp.services.issuer_session import address_problem
from webapp.services.open_id import Client, Endpoints, IssuerFailed, discover
from webapp.vault.box import CannotOpen
from webapp.vault.own_box import OwnBox

SECRET_LENGTH = 500
CLIENT_LENGTH = 255


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    """Empty: the one that is kept, for the same issuer and client; else none."""
    default_role: CompanyRole = CompanyRole.AUDITOR


def save_provider(
    context: ServiceContext, request: ProviderRequest, *, company_id: int, by: User
) -> IdentityProvider:
    """Read the issuer's document and keep what it says; commits. Raises Invalid, Conflict.

    A secret is never sent to another issuer than the one that it was entered for.
    """
    issuer, client_id = plain(request.issuer), plain(request.client_id)
    _check(context, request, issuer, client_id)
    context.session.rollback()  # no transaction stays open while the issuer is asked
    try:
        endpoints = discover(context, issuer)
    except IssuerFailed as failure:
        raise Invalid(f"{failure.message} ({failure.reason})", field="issuer", code="issuer_failed") from None
    take_turns(context.session, f"colleagues of {company_id}")
    provider = queries.find_provider(context.session, company_id=company_id)
    if provider is None:
        provider = IdentityProvider(company_id=company_id)
    is_other = (provider.issuer, provider.client_id) != (endpoints.issuer, client_id)
    if is_other:
        _refuse_while_demanded(context, provider)
        if provider.issuer is not None:
            _end_its_sessions(context, company_id, by)
        provider.issuer, provider.client_id = endpoints.issuer, client_id
        provider.sealed_secret = provider.succeeded_at = None
    if request.client_secret:
        provider.sealed_secret = _box(context).seal(request.client_secret, bound_to=_binding(provider))
    _take_over(provider, endpoints)
    provider.default_role, provider.saved_at = request.default_role, context.clock.now()
    context.session.add(provider)
    context.session.commit()
    return provider


def remove_provider(context: ServiceContext, *, company_id: int, by: User) -> None:
    """Everybody signs in with a password again; who is linked stays so. Commits. Raises Conflict."""
    provider = queries.find_provider(context.session, company_id=company_id)
    if provider is None:
        return
    _refuse_while_demanded(context, provider)
    _end_its_sessions(context, company_id, by)
    context.session.delete(provider)
    context.session.commit()


def client_of(context: ServiceContext, provider: IdentityProvider, *, redirect_uri: str) -> Client:
    """Raises IssuerFailed: the secret does not open, because SECRET_KEY is another one now."""
    secret = ""
    if provider.sealed_secret is not None:
        try:
            secret = _box(context).open(provider.sealed_secret, bound_to=_binding(provider)).reveal()
        except CannotOpen:
            raise IssuerFailed(
                "Your company’s client secret must be entered again.", reason="secret does not open"
            ) from None
    endpoints = Endpoints(
        provider.issuer,
        provider.authorization_endpoint,
        provider.token_endpoint,
        provider.jwks_uri,
        provider.sends_secret_in_body,
    )
    return Client(endpoints, provider.client_id, secret, redirect_uri)


def _check(context: ServiceContext, request: ProviderRequest, issuer: str, client_id: str) -> None:
    if problem := address_problem(context.settings, issuer):
        raise Invalid(problem, field="issuer")
    if not client_id or len(client_id) > CLIENT_LENGTH:
        raise Invalid("Enter the client ID that the issuer gave to Berth.", field="client_id")
    if len(request.client_secret) > SECRET_LENGTH:
        raise Invalid(f"Use at most {SECRET_LENGTH} characters.", field="client_secret")
    if request.default_role is CompanyRole.OWNER:
        raise Invalid("Nobody becomes an owner by signing in.", field="default_role")


def _refuse_while_demanded(context: ServiceContext, provider: IdentityProvider) -> None:
    if provider.is_demanded:
        context.session.rollback()
        raise Conflict("Let people sign in with passwords first.", code="single_sign_on_demanded")


def _end_its_sessions(context: ServiceContext, company_id: int, by: User) -> None:
    """Whom an issuer has let in that counts no more; of whoever says so the sessions count as any others."""
    people = select(User.id).where(User.company_id == company_id)
    of_issuer = UserSession.user_id.in_(people), UserSession.is_by_single_sign_on
    others = delete(UserSession).where(*of_issuer, UserSession.user_id != by.id)
    context.session.execute(others.execution_options(synchronize_session=False))
    own = update(UserSession).where(UserSession.user_id == by.id, UserSession.is_by_single_sign_on)
    context.session.execute(
        own.values(is_by_single_sign_on=False).execution_options(synchronize_session=False)
    )


def _take_over(provider: IdentityProvider, endpoints: Endpoints) -> None:
    provider.authorization_endpoint = endpoints.authorize
    provider.token_endpoint, provider.jwks_uri = endpoints.exchange, endpoints.keys
    provider.sends_secret_in_body = endpoints.sends_secret_in_body


def _box(context: ServiceContext) -> OwnBox:
    return OwnBox(context.settings.secret_key)


def _binding(provider: IdentityProvider) -> str:
    return f"client {provider.client_id} of company {provider.company_id} at {provider.issuer}"
