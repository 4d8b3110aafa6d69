"""Signing up: people."""

import re

from sqlalchemy.exc import IntegrityError

from webapp.domain.errors import Conflict, Invalid
from webapp.domain.plain_text import honest_name, plain
from webapp.domain.roles import CompanyRole, Role
from webapp.domain.sentences import say
from webapp.models import Company, User
from webapp.services.companies import ensure_company
from webapp.services.context import ServiceContext
from webapp.services.passwords import hash_password

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")
"""Deliberately coarse: it rejects what cannot be an address, and every value fits its column."""


def normal_email(email: str) -> str:
    return plain(email).lower()


def is_address(email: str) -> bool:
    return _EMAIL.fullmatch(normal_email(email)) is not None


def sign_up_seeker(context: ServiceContext, *, name: str, email: str, password: str) -> User:
    """The address is not proven yet. Raises Invalid, Conflict."""
    password_hash = hash_password(password, known=(email, name))
    return add_person(
        context,
        name=name,
        email=email,
        password_hash=password_hash,
        role=Role.SEEKER,
        company_id=None,
        is_proven=False,
    )


def add_user(
    context: ServiceContext,
    *,
    email: str,
    role: Role,
    password: str,
    company_name: str | None,
    name: str = "",
    company_role: CompanyRole = CompanyRole.OWNER,
) -> User:
    """For operators: add a user with any role; a provider's company is created if it is new."""
    password_hash = hash_password(password, known=(email, name, company_name or ""))
    company_id = ensure_company(context, company_name) if company_name else None
    if role is Role.PROVIDER and company_id is None:
        raise Invalid(say("A provider needs a company: add --company NAME."), field="company_name")
    return add_person(
        context,
        name=name or email.partition("@")[0],
        email=email,
        password_hash=password_hash,
        role=role,
        company_id=company_id,
        company_role=company_role if role is Role.PROVIDER else None,
    )


def add_person(
    context: ServiceContext,
    *,
    name: str,
    email: str,
    password_hash: str,
    role: Role,
    company_id: int | None,
    company_role: CompanyRole | None = None,
    is_proven: bool = True,
) -> User:
    """Commits. Raises Invalid, Conflict."""
    user = new_person(
        context,
        name=name,
        email=email,
        password_hash=password_hash,
        role=role,
        company_id=company_id,
        company_role=company_role,
        is_proven=is_proven,
    )
    context.session.commit()
    return user


def new_person(
    context: ServiceContext,
    *,
    name: str,
    email: str,
    password_hash: str,
    role: Role,
    company_id: int | None,
    company_role: CompanyRole | None = None,
    is_proven: bool = True,
) -> User:
    """In the caller's transaction; `is_proven`: is the address known to be the person's? Raises Invalid,
    Conflict."""
    if not is_address(email):
        raise Invalid(say("This is not an e-mail address."), field="email", code="email_invalid")
    shown_name = honest_name(name)
    if not shown_name:
        raise Invalid(say("Enter your name."), field="name")
    user = User(
        email=normal_email(email),
        name=shown_name,
        password_hash=password_hash,
        role=role,
        company_id=company_id,
        company_role=company_role,
        is_active=True,
        created_at=context.clock.now(),
        email_proven_at=context.clock.now() if is_proven else None,
    )
    if company_id is not None and context.session.get_one(Company, company_id).disabled_at is not None:
        raise Conflict(say("This company is disabled in this Berth."), code="company_disabled")
    context.session.add(user)
    _flush(context)
    return user


def _flush(context: ServiceContext) -> None:
    """The database enforces uniqueness; its error becomes the message for the person."""
    try:
        context.session.flush()
    except IntegrityError:
        context.session.rollback()
        says = say("You cannot sign up with this e-mail address. If it is yours, sign in.")
        raise Conflict(says, code="email_taken", field="email") from None
