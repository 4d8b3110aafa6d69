"""The mails that Berth has written for a company: what became of them, a test, and "Send again"."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from flask_login import current_user

from webapp.domain.mail_failures import FAILURES
from webapp.domain.mails import KINDS
from webapp.domain.permissions import Permission
from webapp.extensions import limiter
from webapp.guards import requires
from webapp.identity import company_id, service_context, user
from webapp.pages.workspaces.table import whole_number
from webapp.queries import mails as queries
from webapp.services import mails as service

bp = Blueprint("mails", __name__, url_prefix="/mail")

PAGE_SIZE = 50


def _counted_as() -> str:
    """The person; the address of whoever is refused after this."""
    return f"mail:{user().id}" if current_user.is_authenticated else get_remote_address()


_limited = limiter.shared_limit(
    lambda: str(current_app.config["MAIL_RATE"]), scope="mail", key_func=_counted_as
)


@bp.get("/")
@requires(Permission.READ_MAIL)
def index() -> ResponseReturnValue:
    session, company = service_context().session, company_id()
    is_failed = request.args.get("show") == "failed"
    rows = queries.list_mails(
        session,
        company_id=company,
        limit=PAGE_SIZE + 1,
        before_id=whole_number("before"),
        is_failed=is_failed,
    )
    return render_template(
        "mails/index.html",
        mails=rows[:PAGE_SIZE],
        is_failed=is_failed,
        failed_count=queries.count_failed(session, company_id=company),
        trouble=queries.server_trouble(session),
        failures=FAILURES,
        kinds=KINDS,
        address=user().email,
        next_before=rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None,
    )


@bp.post("/test")
@_limited
@requires(Permission.MANAGE_PEOPLE)
def test() -> ResponseReturnValue:
    service.send_test(service_context(), user(), company_id=company_id())
    flash(f"Berth sends a test mail to {user().email} now. Reload this page to see what became of it.")
    return redirect(url_for(".index"), code=303)


@bp.post("/<int:mail_id>/again")
@_limited
@requires(Permission.MANAGE_PEOPLE)
def send_again(mail_id: int) -> ResponseReturnValue:
    service.send_again(service_context(), mail_id, company_id=company_id())
    flash("Berth sends it again now. Reload this page to see what became of it.")
    return redirect(url_for(".index"), code=303)
