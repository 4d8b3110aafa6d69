"""Every route declares who may use it. A test checks for the mark."""

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from webapp import metrics, trail
from webapp.domain.errors import Forbidden
from webapp.domain.permissions import Permission
from webapp.domain.sentences import say
from webapp.identity import may, own_language, second_factor_owed_to, service_context
from webapp.languages import said
from webapp.models import UserSession
from webapp.services import fresh_proof
from webapp.services.second_factor_demand import Demand

_DEMANDS = {
    Demand.COMPANY: say(
        "Your company demands a second factor. Set up an authenticator app or a passkey to go on."
    ),
    Demand.INSTALLATION: say(
        "Whoever runs this installation demands a second factor."
        " Set up an authenticator app or a passkey to go on."
    ),
}
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

    Who owes a second factor is sent to set one up.
    """
    return _guard(permissions, is_halfway_enough=False)


def requires_even_halfway(
    *permissions: Permission,
) -> Callable[[Callable[P, R]], Callable[P, ResponseReturnValue]]:
    """The same without a second factor, for the pages on which it is set up."""
    return _guard(permissions, is_halfway_enough=True)


def needs_fresh_proof(view: Callable[P, R]) -> Callable[P, ResponseReturnValue]:
    """Under `requires`: whoever proved more than ten minutes ago who they are does it again first, and comes
    back. What was posted is not done: the person presses again. API tokens are not asked."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        asked = ask_for_proof()
        return view(*args, **kwargs) if asked is None else asked

    guarded.needs_fresh_proof = True  # type: ignore[attr-defined]
    return guarded


def ask_for_proof() -> ResponseReturnValue | None:
    """For views that need a fresh proof for some of what they do; None if there is one."""
    if "token" in g:
        return None
    session_row: UserSession | None = g.get("user_session")
    if session_row is None:
        answer: ResponseReturnValue = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
        return answer
    return None if fresh_proof.is_fresh(service_context(), session_row) else _send_to_proof()


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
                raise Forbidden(say("Your account does not have access to this page."))
            demand = None if is_halfway_enough else second_factor_owed_to()
            if demand is not None:
                return _send_to_second_factor(demand)
            return view(*args, **kwargs)

        guarded.guard = "requires: " + ", ".join(permissions)  # type: ignore[attr-defined]
        guarded.permissions = permissions  # type: ignore[attr-defined]
        return guarded

    return decorate


def _send_to_second_factor(by: Demand) -> ResponseReturnValue:
    trail.note_refusal("second_factor_missing")
    target = url_for("second_factor.index")
    if request.headers.get("HX-Request"):
        return "", 403, {"HX-Redirect": target}
    flash(said(_DEMANDS[by], own_language()))
    return redirect(target, code=303)


def _send_to_proof() -> ResponseReturnValue:
    trail.note_refusal("proof_needed")
    is_htmx = bool(request.headers.get("HX-Request"))
    if request.method == "GET" and not is_htmx:
        target = url_for("proofs.index", next=request.script_root + request.full_path.rstrip("?"))
        return redirect(target, code=303)
    again = None if request.method == "GET" else 1
    target = url_for("proofs.index", next=_page_of_form(), again=again)
    return ("", 403, {"HX-Redirect": target}) if is_htmx else redirect(target, code=303)


def _page_of_form() -> str:
    """The page that the browser says it shows, if it is one of ours; else the nearest above the address."""
    try:
        shown = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    except ValueError:  # no browser sends such an address
        shown = urlsplit("")
    path = shown.path.removeprefix(request.script_root)
    if shown.netloc == request.host and _is_page(path):
        return shown.path + (f"?{shown.query}" if shown.query else "")
    path = path if shown.netloc == request.host else request.path
    while path and not _is_page(path):
        path = path.rstrip("/").rpartition("/")[0]
        path = f"{path}/" if path else ""
    return f"{request.script_root}{path or '/'}"


def _is_page(path: str) -> bool:
    routes = current_app.create_url_adapter(request)
    try:
        return bool(routes and path and routes.match(path, method="GET"))
    except HTTPException:
        return False


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
