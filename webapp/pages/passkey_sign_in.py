"""Signing in with a passkey: instead of the password, or after it instead of a code."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.errors import Conflict
from webapp.domain.sentences import say
from webapp.extensions import limiter
from webapp.guards import public
from webapp.identity import service_context
from webapp.pages import accounts, half_way, known_browser
from webapp.pages.accounts import CodeForm, SignInForm
from webapp.pages.home import start_page
from webapp.pages.language import tell
from webapp.pages.passkey_answers import PasskeyForm, begin_answer
from webapp.pages.sessions import safe_next
from webapp.services import sign_in as service
from webapp.services.passkey_challenges import Purpose

bp = Blueprint("passkey_sign_in", __name__, url_prefix="/sign-in")

POSTS_PER_ADDRESS = "60 per minute"


@bp.post("/passkey/options")
@limiter.limit(POSTS_PER_ADDRESS)
@public("the way in; it says nothing about who exists")
def options() -> ResponseReturnValue:
    return begin_answer(Purpose.SIGN_IN)


@bp.post("/passkey")
@limiter.limit(POSTS_PER_ADDRESS)
@public("the way in")
def sign_in_now() -> ResponseReturnValue:
    form, target = PasskeyForm(), request.form.get("next")
    if form.validate_on_submit():
        with form.landing():
            # Whose it is, the passkey itself says, so the browser's mark is not known yet.
            origin = known_browser.origin_of("")
            user, token = service.sign_in_with_passkey(service_context(), form.answered(), origin=origin)
            accounts.begin_session(user, token)
            return redirect(safe_next(target, otherwise=start_page(user)), code=303)
    return accounts.sign_in_page(SignInForm(formdata=None), target, refused=form), form.status


@bp.post("/code/passkey/options")
@limiter.limit(POSTS_PER_ADDRESS)
@public("the second half of the way in")
def options_after_password() -> ResponseReturnValue:
    half = half_way.find()
    if half is None:
        raise Conflict(say("That took too long. Sign in again."))
    return begin_answer(Purpose.SECOND_FACTOR, user_id=half.user_id)


@bp.post("/code/passkey")
@limiter.limit(POSTS_PER_ADDRESS)
@public("the second half of the way in")
def finish() -> ResponseReturnValue:
    form, target, half = PasskeyForm(), request.form.get("next"), half_way.find()
    if half is None:
        tell(say("That took too long. Sign in again."))
        return redirect(url_for("accounts.sign_in", next=target or None), code=303)
    if form.validate_on_submit():
        with form.landing():
            origin = known_browser.origin_of(half.email)
            user, token = service.sign_in_with_passkey(
                service_context(), form.answered(), user_id=half.user_id, origin=origin
            )
            accounts.begin_session(user, token)
            return redirect(safe_next(target, otherwise=start_page(user)), code=303)
    return accounts.code_page(half, CodeForm(formdata=None), target, refused=form), form.status
