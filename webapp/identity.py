"""Who is calling: the signed-in person or the token's owner, and what the services need from Flask."""

from dataclasses import dataclass, field

from flask import current_app, g, request
from flask_login import UserMixin, current_user

from webapp.domain.actor import Actor
from webapp.domain.errors import Forbidden
from webapp.domain.permissions import PERMISSIONS, Permission, permissions_of
from webapp.domain.roles import CompanyRole, Role
from webapp.domain.sentences import say
from webapp.languages import ENGLISH, LANGUAGES
from webapp.models import User
from webapp.queries import posting_limit
from webapp.services import second_factor
from webapp.services.context import ServiceContext
from webapp.services.second_factor_demand import Demand


@dataclass(frozen=True, slots=True)
class Person(UserMixin):  # type: ignore[misc]  # flask-login has no types
    """A signed-in browser, as flask-login sees it."""

    user: User
    session_token: str = field(repr=False)
    """The cookie's content: whoever has it is signed in."""

    def get_id(self) -> str:
        return self.session_token

    @property
    def role(self) -> Role:
        return self.user.role


@dataclass(frozen=True, slots=True)
class Viewer:
    """What the frame of a page shows of the signed-in person; lasts when the session's rows do not."""

    user_id: int
    name: str
    role: Role
    company_role: CompanyRole | None
    company_name: str | None
    language: str | None
    time_zone: str | None

    @classmethod
    def of(cls, user: User) -> "Viewer":
        company_name = user.company.name if user.company else None
        return cls(
            user.id, user.name, user.role, user.company_role, company_name, user.language, user.time_zone
        )

    @property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.role, self.company_role)


def service_context() -> ServiceContext:
    """The services' dependencies of this app."""
    found: ServiceContext = current_app.extensions["berth"]
    return found


def own_language() -> str:
    """What the viewer has chosen, else the first of the browser's languages that we have."""
    viewer: Viewer | None = g.get("viewer")
    if viewer is not None and viewer.language in LANGUAGES:
        return viewer.language
    # Not `best_match`: of “de-AT, en” it takes “en”, because only that is exactly one of ours.
    asked = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0)
    return next((code for code in asked if code in LANGUAGES), ENGLISH)


def user() -> User:
    """The person behind this request: the token's owner if there is a token, else the signed-in one."""
    if "token" in g:
        owner: User = g.token.user
        return owner
    person: Person = current_user._get_current_object()
    return person.user


def permissions() -> frozenset[Permission]:
    """Of this request: a token never has more than its owner has by now."""
    held = user().permissions
    token_role: CompanyRole | None = g.token.company_role if "token" in g else None
    return held if token_role is None else held & PERMISSIONS[token_role]


def may(*any_of: Permission) -> bool:
    """Has the caller one of these permissions?"""
    return not permissions().isdisjoint(any_of)


def limit_to_postings(user: User) -> None:
    """For this request, if the person is limited to some job postings."""
    if user.is_limited_to_postings:
        posting_limit.limit(service_context().session, user_id=user.id)


def second_factor_owed_to() -> Demand | None:
    """Who demands one of the signed-in person, who has none. Whom an issuer has let in owes none."""
    if g.user_session.is_by_single_sign_on:
        return None
    return second_factor.owed_to(service_context(), user())


def company_id() -> int:
    """The tenant of this request. Raises Forbidden for someone without one."""
    found = user().company_id
    if found is None:
        raise Forbidden(say("This page is for companies that hire."))
    return found


def orderer() -> Actor | None:
    """Who orders with an approval, where the job's profile says so; None: the caller may not."""
    return actor() if may(Permission.ORDER) else None


def actor() -> Actor:
    """For events: who caused it."""
    label = user().email
    if "token" in g:
        label = f"token:{g.token.name} ({label})"
    return Actor(label=label, user_id=user().id, request_id=g.get("request_id"))
