"""Every route declares who may use it. A test checks for the mark."""

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp import metrics
from webapp.domain.errors import Forbidden
from webapp.domain.permissions import Permission
from webapp.identity import may, service_context
from webapp.services import second_factor

P = ParamSpec("P")
R = TypeVar("R", bound=ResponseReturnValue)


def public(reason: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Anyone may use it; `reason` says why that is right."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.guard = f"public: {reason}"  # type: ignore[attr-defined]
        return view

    return mark


def requires(*permissions: Permission) -> Callable[[Callable[P, R]], Callable[P, ResponseReturnValue]]:
    """A signed-in person with one of these permissions; strangers are sent to sign in, others get 403.

    Who owes the company a second factor is sent to set one up.
    """
    return _guard(permissions, is_halfway_enough=False)


def requires_even_halfway(
    *permissions: Permission,
) -> Callable[[Callable[P, R]], Callable[P, ResponseReturnValue]]:
    """The same without a second factor, for the pages on which it is set up."""
    return _guard(permissions, is_halfway_enough=True)


def _guard(
    permissions: tuple[Permission, ...], *, is_halfway_enough: bool
) -> Callable[[Callable[P, R]], Callable[P, ResponseReturnValue]]:
    def decorate(view: Callable[P, R]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                answer: ResponseReturnValue = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
                return answer
            if not may(*permissions):
                raise Forbidden("Your account does not have access to this page.")
            if not is_halfway_enough and second_factor.is_owed(service_context(), current_user.user):
                return _send_to_second_factor()
            return view(*args, **kwargs)

        guarded.guard = "requires: " + ", ".join(permissions)  # type: ignore[attr-defined]
        guarded.permissions = permissions  # type: ignore[attr-defined]
        return guarded

    return decorate


def _send_to_second_factor() -> ResponseReturnValue:
    target = url_for("second_factor.index")
    if request.headers.get("HX-Request"):
        return "", 403, {"HX-Redirect": target}
    flash("Your company demands a second factor. Set up an authenticator app or a passkey to go on.")
    return redirect(target, code=303)


def may_read_internals() -> bool:
    """Is the caller the operator's monitoring? By BERTH_METRICS_TOKEN; in development also this machine."""
    settings = service_context().settings
    if settings.metrics.token:
        return metrics.is_token(request.headers.get("Authorization", ""), settings.metrics.token)
    # Behind a reverse proxy every caller looks local, so production requires a token.
    return not settings.is_production and _is_this_machine(request.remote_addr or "")


def _is_this_machine(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
