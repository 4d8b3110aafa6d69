"""Which account it is when an issuer has named somebody: the linked one, by the address, or a new one."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import exists, select

from webapp.domain.errors import AppError
from webapp.domain.plain_text import honest_name
from webapp.domain.roles import Role
from webapp.models import Identity, IdentityProvider, Invitation, InvitationKind, User
from webapp.models.single_sign_on import SUBJECT_LENGTH
from webapp.queries import single_sign_on as queries
from webapp.services.company_domains import normal_domain
from webapp.services.context import ServiceContext
from webapp.services.erasing import make_way_for
from webapp.services.passwords import rehash_password
from webapp.services.people import is_address, new_person, normal_email

_GOOGLE = "accounts.google.com"
_ENTRA = ("login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn")


class NotLetIn(AppError):
    """The issuer has named somebody, and Berth does not let them in."""

    code, http_status = "not_let_in", 422


@dataclass(frozen=True, slots=True)
class Named:
    """Whom an issuer has named."""

    issuer: str
    subject: str
    email: str
    """Empty: it did not say."""
    is_email_denied: bool
    """It says that the address is not verified, or that it is of nobody's organisation."""
    name: str


def read_claims(claims: Mapping[str, Any]) -> Named:
    """Of a verified ID token. Raises NotLetIn."""
    issuer = str(claims["iss"])
    subject = _subject_of(issuer, claims)
    if not 0 < len(subject) <= SUBJECT_LENGTH or not subject.isprintable():
        raise NotLetIn("Your company’s sign-in service did not say who you are.", code="no_subject")
    email = claims.get("email")
    if not email and _is_entra(issuer):
        email = claims.get("preferred_username")  # the user name in the tenant; `email` is optional there
    if not isinstance(email, str) or not is_address(email) or not email.isprintable():
        email = ""
    name = claims.get("name")
    return Named(
        issuer=issuer,
        subject=subject,
        email=normal_email(email),
        is_email_denied=_is_email_denied(issuer, claims),
        name="".join(filter(str.isprintable, name)) if isinstance(name, str) else "",
    )


def account_of(context: ServiceContext, provider: IdentityProvider, named: Named) -> User:
    """In the caller's turn; by issuer and subject, and the first time by the address. Raises NotLetIn."""
    identity = queries.find_identity(context.session, issuer=named.issuer, subject=named.subject)
    user = identity.user if identity is not None else _first_time(context, provider, named)
    if user.company_id != provider.company_id or user.role is not Role.PROVIDER:
        raise NotLetIn("You are linked with an account that is not of this company.", code="other_company")
    if not user.is_active:
        raise NotLetIn("Your account is disabled. Ask a colleague who manages people.", code="disabled")
    return user


def _first_time(context: ServiceContext, provider: IdentityProvider, named: Named) -> User:
    _check_address(context, provider, named)
    make_way_for(context, named.email)
    user = context.session.scalar(
        select(User).where(User.email == named.email).execution_options(populate_existing=True)
    )
    invitation = _open_invitation(context, provider, named)
    if user is None:
        user = new_person(
            context,
            name=honest_name(named.name)[:120] or named.email.partition("@")[0],
            email=named.email,
            # Nobody knows it; it takes as long to check as any other.
            password_hash=rehash_password(secrets.token_urlsafe(32)),
            role=Role.PROVIDER,
            company_id=provider.company_id,
            company_role=invitation.company_role if invitation else provider.default_role,
        )
    elif user.company_id != provider.company_id or user.role is not Role.PROVIDER:
        raise NotLetIn(
            "There is an account with your e-mail address already, and it is not of this company.",
            code="other_account",
        )
    elif not user.is_active:
        raise NotLetIn("Your account is disabled. Ask a colleague who manages people.", code="disabled")
    elif _is_linked(context, user, named.issuer):
        raise NotLetIn(
            "The account with your e-mail address is linked with somebody else of your company’s sign-in"
            " service. Ask an owner.",
            code="linked_with_another",
        )
    if invitation is not None:
        invitation.accepted_at, invitation.accepted_by_id = context.clock.now(), user.id
    context.session.add(
        Identity(user_id=user.id, issuer=named.issuer, subject=named.subject, linked_at=context.clock.now())
    )
    context.session.flush()
    return user


def _open_invitation(context: ServiceContext, provider: IdentityProvider, named: Named) -> Invitation | None:
    """Somebody chose a role for this person, and the issuer proves the address as the link would."""
    return context.session.scalar(
        select(Invitation)
        .where(
            Invitation.company_id == provider.company_id,
            Invitation.email == named.email,
            Invitation.kind == InvitationKind.COLLEAGUE,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > context.clock.now(),
        )
        .order_by(Invitation.id.desc())
        .limit(1)
        .with_for_update()
    )


def _check_address(context: ServiceContext, provider: IdentityProvider, named: Named) -> None:
    if not named.email:
        raise NotLetIn("Your company’s sign-in service did not give your e-mail address.", code="no_email")
    if named.is_email_denied:
        raise NotLetIn(
            "Your e-mail address is not verified at your company’s sign-in service.", code="email_unverified"
        )
    domain = normal_domain(named.email)
    # An address whose domain only looks like the proven one is somebody else's.
    is_written_so = domain == named.email.rpartition("@")[2]
    if (
        not domain
        or not is_written_so
        or not queries.has_proven(context.session, domain, company_id=provider.company_id)
    ):
        raise NotLetIn(
            "Your company has not proven to Berth that the domain of your e-mail address is its own.",
            code="domain_unproven",
        )


def _is_linked(context: ServiceContext, user: User, issuer: str) -> bool:
    known = exists().where(Identity.user_id == user.id, Identity.issuer == issuer)
    return bool(context.session.scalar(select(known)))


def _subject_of(issuer: str, claims: Mapping[str, Any]) -> str:
    """Entra's `sub` is another one for each application; tenant and object stay."""
    tenant, person = claims.get("tid"), claims.get("oid")
    if _is_entra(issuer) and isinstance(tenant, str) and isinstance(person, str):
        return f"{tenant}.{person}"
    return str(claims.get("sub") or "")


def _is_email_denied(issuer: str, claims: Mapping[str, Any]) -> bool:
    """Google also has private accounts with a company's addresses, which stay when somebody leaves: `hd` is
    of those that the organisation itself has given out."""
    is_private = urlsplit(issuer).hostname == _GOOGLE and not claims.get("hd")
    return is_private or str(claims.get("email_verified", True)).lower() == "false"


def _is_entra(issuer: str) -> bool:
    return urlsplit(issuer).hostname in _ENTRA
