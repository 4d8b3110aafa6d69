"""Signing in by the company's issuer: there, and back."""

import logging
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from webapp.database import take_turns
from webapp.domain.errors import AppError
from webapp.domain.secret_texts import hash_of, new_secret_text
from webapp.models import IdentityProvider, UsedSignOn, User
from webapp.queries import single_sign_on as queries
from webapp.services.company_domains import normal_domain
from webapp.services.context import ServiceContext
from webapp.services.identity_provider import client_of
from webapp.services.open_id import IssuerFailed, authorization_url, claims_of
from webapp.services.people import is_address, normal_email
from webapp.services.sign_in import add_session
from webapp.services.sign_in_throttle import Origin
from webapp.services.sso_accounts import NotLetIn, account_of, read_claims

LASTS = timedelta(minutes=10)
"""From the way there to the way back."""
log = logging.getLogger(__name__)


class BeginAgain(AppError):
    """Another browser's attempt, an old one, or one that came back before."""

    code, http_status = "begin_again", 422


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the browser keeps until the person comes back."""

    company_id: int
    issuer: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    begun_s: int
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Return:
    """With what the browser came back."""

    state: str = field(repr=False)
    code: str = field(repr=False)
    issuer: str = ""
    """Where the issuer names itself (RFC 9207)."""
    error: str = ""


def begin(context: ServiceContext, address: str, *, redirect_uri: str) -> tuple[Attempt, str] | None:
    """The attempt and where the person must go; None if no company has proven this domain and signs in so.

    `address`: of the person, or a domain. Nothing is written, and the issuer is not asked.
    """
    provider = queries.find_provider_of_domain(context.session, normal_domain(address))
    if provider is None:
        return None
    attempt = Attempt(
        company_id=provider.company_id,
        issuer=provider.issuer,
        state=new_secret_text(),
        nonce=new_secret_text(),
        verifier=secrets.token_urlsafe(48),
        begun_s=_now_s(context),
    )
    url = authorization_url(
        context,
        client_of(context, provider, redirect_uri=redirect_uri),
        state=attempt.state,
        nonce=attempt.nonce,
        verifier=attempt.verifier,
        login_hint=normal_email(address) if is_address(address) else "",
    )
    return attempt, url


def finish(
    context: ServiceContext, attempt: Attempt, back: Return, *, redirect_uri: str, origin: Origin
) -> tuple[User, str]:
    """The person and a new session's cookie text. Commits. Raises BeginAgain, IssuerFailed, NotLetIn."""
    provider = _use_up(context, attempt, back)
    try:
        if back.error or not back.code:
            raise IssuerFailed(
                "Your company’s sign-in service did not let you in.", reason=f"error {back.error[:60]}"
            )
        claims = claims_of(
            context,
            client_of(context, provider, redirect_uri=redirect_uri),
            code=back.code,
            nonce=attempt.nonce,
            verifier=attempt.verifier,
        )
        user = _enter(context, provider, claims)
    except (IssuerFailed, NotLetIn) as refusal:
        context.session.rollback()
        reason = refusal.reason if isinstance(refusal, IssuerFailed) else refusal.code
        log.info("single sign-on refused", extra={"company_id": attempt.company_id, "reason": reason})
        raise
    token = add_session(context, user, origin, is_by_single_sign_on=True)
    context.session.commit()
    return user, token


def begin_again() -> BeginAgain:
    return BeginAgain(
        "This attempt was begun in another browser, more than ten minutes ago, or it was used already."
        " Begin again."
    )


def _use_up(context: ServiceContext, attempt: Attempt, back: Return) -> IdentityProvider:
    """It comes back once, also with a kept copy of the cookie. Commits: no transaction stays open while the
    issuer is asked. Raises BeginAgain."""
    now = context.clock.now()
    if not secrets.compare_digest(attempt.state.encode(), back.state.encode()):
        raise begin_again()
    is_of_issuer = back.issuer in ("", attempt.issuer)
    if not is_of_issuer or not 0 <= _now_s(context) - attempt.begun_s < LASTS.total_seconds():
        raise begin_again()
    provider = queries.find_provider(context.session, company_id=attempt.company_id)
    if provider is None or provider.issuer != attempt.issuer:
        raise begin_again()
    context.session.execute(delete(UsedSignOn).where(UsedSignOn.expires_at < now))
    context.session.add(UsedSignOn(state_hash=hash_of(attempt.state), expires_at=now + LASTS))
    try:
        context.session.commit()
    except IntegrityError:
        context.session.rollback()
        raise begin_again() from None
    return provider


def _enter(context: ServiceContext, provider: IdentityProvider, claims: dict[str, object]) -> User:
    """Two at once who come for the first time follow one another."""
    named = read_claims(claims)
    take_turns(context.session, f"colleagues of {provider.company_id}")
    user = account_of(context, provider, named)
    now_provider = queries.find_provider(context.session, company_id=provider.company_id)
    if now_provider is None or now_provider.issuer != named.issuer:
        raise NotLetIn("Your company has just changed its single sign-on. Begin again.", code="changed")
    now_provider.succeeded_at = context.clock.now()
    return user


def _now_s(context: ServiceContext) -> int:
    return int(context.clock.now().timestamp())
