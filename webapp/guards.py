"""Every route declares who may use it. A test checks for the mark."""

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp import metrics
from webapp.domain.errors import Forbidden
from webapp.domain.roles import Role
from webapp.identity import service_context

P = ParamSpec("P")
R = TypeVar("R", bound=ResponseReturnValue)


def public(reason: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Anyone may use it; `reason` says why that is right."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.guard = f"public: {reason}"  # type: ignore[attr-defined]
        return view

    return mark


def requires(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, ResponseReturnValue]]:
    """A signed-in person with one of these roles; others are sent to sign in, or get 403."""

    def decorate(view: Callable[P, R]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                answer: ResponseReturnValue = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
                return answer
            if current_user.role not in roles:
                raise Forbidden("Your account does not have access to this page.")
            return view(*args, **kwargs)

        guarded.guard = "requires: " + ", ".join(roles)  # type: ignore[attr-defined]
        return guarded

    return decorate


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
