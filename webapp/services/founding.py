"""Founding companies: by anybody, or only with a set-up link of the operator (SIGN_UP)."""

from datetime import timedelta

from sqlalchemy import Select, select, update

from webapp.database import changed_rows
from webapp.domain.access import USUAL_GRACE_DAYS
from webapp.domain.errors import AppError
from webapp.domain.roles import CompanyRole, Role
from webapp.domain.secret_texts import hash_of, new_secret_text
from webapp.domain.sentences import say
from webapp.models import Company, SetUpLink, User
from webapp.services.companies import add_company
from webapp.services.context import ServiceContext
from webapp.services.passwords import hash_password
from webapp.services.people import add_person


class SignUpClosed(AppError):
    code, http_status = "sign_up_closed", 403


def make_set_up_link(context: ServiceContext, *, lasts: timedelta) -> str:
    """The link's random text, which is shown this once; commits. Raises SignUpClosed."""
    if _is_closed(context):
        raise SignUpClosed(say("There is a company already. With SIGN_UP=invited, others get links too."))
    token, now = new_secret_text(), context.clock.now()
    context.session.add(SetUpLink(token_hash=hash_of(token), made_at=now, expires_at=now + lasts))
    context.session.commit()
    return token


def may_found(context: ServiceContext, *, link_token: str) -> bool:
    """Is a new company welcome, from everybody or with this link?"""
    if _is_closed(context):
        return False
    return _is_open(context) or context.session.scalar(_usable(context, link_token)) is not None


def found_company(
    context: ServiceContext, *, company_name: str, name: str, email: str, password: str, link_token: str = ""
) -> User:
    """A new company with its first provider; a link is used up. Raises SignUpClosed, Invalid, Conflict."""
    if not may_found(context, link_token=link_token):
        raise SignUpClosed(
            say("This link cannot be used: it has expired, or a company was created with it.")
            if link_token
            else say("New companies need a link from whoever runs this Berth.")
        )
    password_hash = hash_password(password, known=(email, name, company_name))
    company_id = add_company(context, company_name, grace_days=USUAL_GRACE_DAYS)
    if not _is_open(context):
        _use_up(context, link_token, company_id)
    return add_person(
        context,
        name=name,
        email=email,
        password_hash=password_hash,
        role=Role.PROVIDER,
        company_id=company_id,
        company_role=CompanyRole.OWNER,
        is_proven=False,
    )


def _is_open(context: ServiceContext) -> bool:
    return context.settings.sign_up == "open"


def _is_closed(context: ServiceContext) -> bool:
    """Also for links of before."""
    return context.settings.sign_up == "closed" and _has_company(context)


def _has_company(context: ServiceContext) -> bool:
    return context.session.scalar(select(Company.id).limit(1)) is not None


def _usable(context: ServiceContext, token: str) -> Select[int]:
    return select(SetUpLink.id).where(
        SetUpLink.token_hash == hash_of(token),
        SetUpLink.company_id.is_(None),
        SetUpLink.expires_at > context.clock.now(),
    )


def _use_up(context: ServiceContext, token: str, company_id: int) -> None:
    """Two at once: the second finds it used."""
    used = (
        update(SetUpLink)
        .where(SetUpLink.token_hash == hash_of(token), SetUpLink.company_id.is_(None))
        .values(company_id=company_id)
    )
    if not changed_rows(context.session.execute(used)):
        context.session.rollback()
        raise SignUpClosed(say("This link cannot be used: a company was created with it."))
