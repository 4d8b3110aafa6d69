"""Signing in by the company's issuer: there, and back."""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from webapp.database import take_turns
from webapp.domain.errors import AppError
from webapp.domain.secret_texts import hash_of, new_secret_text
from webapp.models import IdentityProvider, UsedSignOn, User
from webapp.queries import single_sign_on as queries
from webapp.services.company_domains import normal_domain
from webapp.services.context import ServiceContext
from webapp.services.fresh_proof import LASTS as PROOF_LASTS
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
    is_proof: bool = False
    """The issuer was asked to make sure again that it is the person."""

    def is_answered_by(self, company_id: int, state: str) -> bool:
        """Not what another company's issuer has sent on, nor another attempt's answer."""
        return company_id == self.company_id and secrets.compare_digest(self.state.encode(), state.encode())


@dataclass(frozen=True, slots=True)
class Return:
    """With what the browser came back."""

    state: str = field(repr=False)
    code: str = field(repr=False)
    issuer: str = ""
    """Where the issuer names itself (RFC 9207)."""
    error: str = ""


def begin(
    context: ServiceContext, address: str, *, redirect_uri_of: Callable[[int], str], is_proof: bool = False
) -> tuple[Attempt, str] | None:
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
        is_proof=is_proof,
    )
    url = authorization_url(
        context,
        client_of(context, provider, redirect_uri=redirect_uri_of(provider.company_id)),
        state=attempt.state,
        nonce=attempt.nonce,
        verifier=attempt.verifier,
        login_hint=normal_email(address) if is_address(address) else "",
        max_age_s=int(PROOF_LASTS.total_seconds()) if is_proof else None,
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
    proven_at = _proven_at(context, attempt, claims)
    token = add_session(context, user, origin, is_by_single_sign_on=True, proven_at=proven_at)
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
    if not attempt.is_answered_by(attempt.company_id, back.state):
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
    was = (provider.issuer, provider.client_id)
    if now_provider is None or (now_provider.issuer, now_provider.client_id) != was:
        raise NotLetIn("Your company has just changed its single sign-on. Begin again.", code="changed")
    now_provider.succeeded_at = context.clock.now()
    return user


def _proven_at(context: ServiceContext, attempt: Attempt, claims: Mapping[str, object]) -> datetime:
    """When the person last said who they are at the issuer: an issuer whose session is alive lets anybody in
    who sits there. One that does not say when counts only if it was asked to make sure."""
    now, auth_time = context.clock.now(), claims.get("auth_time")
    if isinstance(auth_time, int | float) and not isinstance(auth_time, bool):
        said_at = now - timedelta(seconds=max(0.0, min(now.timestamp() - auth_time, 10.0**9)))
        return min(now, said_at)
    return now if attempt.is_proof else now - PROOF_LASTS


def _now_s(context: ServiceContext) -> int:
    return int(context.clock.now().timestamp())
