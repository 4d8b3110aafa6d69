"""Setting up an authenticator app, and removing it."""

import segno
from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from wtforms import StringField

from webapp.domain.permissions import Permission
from webapp.domain.sentences import say
from webapp.extensions import limiter
from webapp.guards import needs_fresh_proof, requires_even_halfway
from webapp.identity import service_context, user
from webapp.pages.fields import BerthForm, at_most, needed
from webapp.pages.language import said, tell
from webapp.services import second_factor as service
from webapp.services.second_factor import AppKey

bp = Blueprint("second_factor", __name__, url_prefix="/account/second-factor")

POSTS_PER_ADDRESS = "60 per minute"
OFF = say("Your authenticator app is removed. The password alone signs you in again.")


class CodeForm(BerthForm):
    code = StringField(say("Code"), [needed(say("Enter the code that your app shows.")), at_most(40)])


@bp.get("/")
@requires_even_halfway(Permission.OWN_ACCOUNT)
def index() -> ResponseReturnValue:
    return _page(CodeForm())


@bp.post("/begin")
@requires_even_halfway(Permission.OWN_ACCOUNT)
@needs_fresh_proof
def begin() -> ResponseReturnValue:
    service.begin(service_context(), user())
    return redirect(url_for(".index"), code=303)


@bp.post("/confirm")
@limiter.limit(POSTS_PER_ADDRESS)
@requires_even_halfway(Permission.OWN_ACCOUNT)
@needs_fresh_proof
def confirm() -> ResponseReturnValue:
    form = CodeForm()
    if form.validate_on_submit():
        with form.landing():
            codes = service.confirm(service_context(), user(), form.code.data or "")
            # No redirect, so that the codes are in no session, no URL and no history.
            return render_template(
                "account/recovery_codes.html", codes=codes, ready=say("Your app is set up.")
            )
    return _page(form), form.status


@bp.post("/remove")
@limiter.limit(POSTS_PER_ADDRESS)
@requires_even_halfway(Permission.OWN_ACCOUNT)
@needs_fresh_proof
def remove() -> ResponseReturnValue:
    form = CodeForm()
    if form.validate_on_submit():
        with form.landing():
            service.remove(service_context(), user(), form.code.data or "")
            is_on = service.has_second_factor(service_context(), user())
            removed, off = say("Your authenticator app is removed. Your passkeys still work."), OFF
            tell(removed if is_on else off)
            return redirect(url_for("account.index"), code=303)
    return _page(form), form.status


@bp.post("/recovery-codes")
@limiter.limit(POSTS_PER_ADDRESS)
@requires_even_halfway(Permission.OWN_ACCOUNT)
@needs_fresh_proof
def renew_recovery_codes() -> ResponseReturnValue:
    codes = service.renew_recovery_codes(service_context(), user())
    # No redirect, so that the codes are in no session, no URL and no history.
    ready = say("You have new recovery codes; the ones of before do not work any more.")
    return render_template("account/recovery_codes.html", codes=codes, ready=ready)


def _page(form: CodeForm) -> str:
    context, key = service_context(), service.begun(service_context(), user())
    return render_template(
        "account/second_factor.html",
        form=form,
        key=key,
        picture=_picture(key) if key else None,
        is_set_up=service.has_app(context, user()),
        codes_left=service.count_recovery_codes(context, user()),
    )


def _picture(key: AppKey) -> Markup:
    drawn = segno.make(key.address, error="m").svg_inline(
        scale=5, light="#fff", svgclass="qr", title=said(say("The key for your app as a QR code"))
    )
    return Markup(drawn)  # noqa: S704 drawn by the library, of a key that we made
