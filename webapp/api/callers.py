"""Authentication and authorisation: a token or a signed-in browser, its scope and its role."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import current_app, g, request
from flask_login import current_user

from webapp import identity
from webapp.database import writing_transactions
from webapp.domain.errors import AppError, Forbidden
from webapp.domain.permissions import Permission, is_within
from webapp.domain.roles import CompanyRole
from webapp.extensions import csrf
from webapp.models import ApiToken, User
from webapp.services import fresh_proof, tokens
from webapp.trail import SAFE_METHODS

NEED_PROOF = (
    "api.create_credential",
    "api.change_credential",
    "api.delete_credential",
    "api.change_budget",
    "api.delete_budget",
    "api.lift_budget",
    "api.create_invitation",
    "api.send_invitation_again",
    "api.enable_person",
    "api.create_webhook",
    "api.rotate_webhook",
    "api.delete_webhook",
)

P = ParamSpec("P")
R = TypeVar("R")


class NotSignedIn(AppError):
    """No caller, or a token that is not valid (any more)."""

    code, http_status = "not_signed_in", 401


def admit() -> None:
    """Identify the caller. Raises NotSignedIn; a bad token never falls back to the session."""
    if request.method == "OPTIONS" or _is_public():
        return
    header = request.headers.get("Authorization")
    if header is not None:
        g.token = _token_of(header)
        identity.limit_to_postings(g.token.user)
    elif not current_user.is_authenticated:
        raise NotSignedIn("Send a token: “Authorization: Bearer …”.")
    else:
        if identity.second_factor_owed_to():
            raise Forbidden("You need a second factor here. Set one up on your account’s page.")
        if request.method not in SAFE_METHODS:
            csrf.protect()
        _check_proof()


def _check_proof() -> None:
    """A browser's session is asked here for what the pages ask it for."""
    is_fresh = fresh_proof.is_fresh(identity.service_context(), g.user_session)
    if request.endpoint in NEED_PROOF and not is_fresh:
        raise Forbidden(
            "Sign in again, or send a token: this browser proved long ago who you are.", code="proof_needed"
        )


def allows(*permissions: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Allow callers with one of these permissions; a token also needs its scope: `read`, or `write`."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            _check_scope()
            if not identity.may(*permissions):
                raise Forbidden("Your account does not have permission to do this.")
            return view(*args, **kwargs)

        guarded.guard = "api: " + ", ".join(permissions)  # type: ignore[attr-defined]
        guarded.permissions = permissions  # type: ignore[attr-defined]
        return guarded

    return decorate


def check_may(permission: Permission) -> None:
    """Raise Forbidden without it, for calls of which one kind needs more than another."""
    if not identity.may(permission):
        raise Forbidden("Your account does not have permission to do this.")


def check_may_give(role: CompanyRole) -> None:
    """Raise Forbidden for a role that allows more than the caller may: a token may less than its owner."""
    if not is_within(role, identity.permissions()):
        raise Forbidden("You cannot give a role that allows more than yours.", code="role_too_high")


def check_may_change(colleague: User) -> None:
    """Raise Forbidden for somebody who may do more than the caller."""
    if colleague.company_role is not None and not is_within(colleague.company_role, identity.permissions()):
        raise Forbidden("This person may do more than you. Ask an owner.", code="role_too_high")


def has_token() -> bool:
    """Not so for a browser session, whose GETs have no effect: a link on a foreign page could cause it."""
    return "token" in g


def check_token() -> None:
    """Raise Forbidden for a browser session."""
    if not has_token():
        raise Forbidden("Send a token for this: a browser session cannot.", code="token_required")


def _is_public() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return str(getattr(view, "guard", "")).startswith("public")


def _token_of(header: str) -> ApiToken:
    scheme, _, text = header.partition(" ")
    found = (
        tokens.find_token(identity.service_context(), text.strip()) if scheme.lower() == "bearer" else None
    )
    if found is None:
        raise NotSignedIn("This token is not valid: it is unknown, expired or revoked.", code="invalid_token")
    return _noted(found, text.strip())


def _noted(token: ApiToken, text: str) -> ApiToken:
    """Record from time to time that the token is in use, even when the call itself only reads."""
    context = identity.service_context()
    if token.last_used_at is not None and token.last_used_at > context.clock.now() - tokens.USED_STEP:
        return token
    # The reading transaction ends first: SQLite refuses one that turns to writing after others wrote.
    context.session.rollback()
    with writing_transactions():
        again = tokens.find_token(context, text)
        if again is not None:
            tokens.touch(context, again)
    found = tokens.find_token(context, text)
    if found is None:
        raise NotSignedIn("This token is no longer valid.", code="invalid_token")
    return found


def _check_scope() -> None:
    needed = "read" if request.method in SAFE_METHODS else "write"
    if "token" in g and needed not in g.token.scopes:
        raise Forbidden(f"This token lacks the scope “{needed}”.", code="insufficient_scope")
