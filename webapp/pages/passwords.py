"""A new password for whoever lost theirs."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, StringField

from webapp.domain.sentences import say
from webapp.extensions import limiter
from webapp.guards import public
from webapp.identity import service_context
from webapp.pages.fields import BerthForm, at_most, needed
from webapp.pages.language import tell
from webapp.services import password_reset as service
from webapp.services.passwords import MIN_LENGTH

bp = Blueprint("passwords", __name__, url_prefix="/password")

POSTS_PER_ADDRESS = "20 per minute"


class AddressForm(BerthForm):
    email = StringField(say("E-mail address"), [needed(say("Enter your e-mail address.")), at_most(254)])


class NewPasswordForm(BerthForm):
    password = PasswordField(say("New password"), [needed(say("Choose a new password."))])


@bp.get("/forgotten")
@public("asking for a new password")
def forgotten() -> ResponseReturnValue:
    return _ask(AddressForm())


@bp.post("/forgotten")
@limiter.limit(POSTS_PER_ADDRESS)
@public("asking for a new password; the answer is the same for everybody")
def ask_for_link() -> ResponseReturnValue:
    form = AddressForm()
    if not form.validate_on_submit():
        return _ask(form), form.status
    if service_context().settings.mail.is_set_up:
        service.ask_for_link(service_context(), email=form.email.data or "")
    return _ask(form, is_sent=True)


@bp.get("/new")
@public("the link itself says who it is for")
def choose() -> ResponseReturnValue:
    token = request.args.get("link", "")
    service.find_link(service_context(), token)
    return _new(NewPasswordForm(), token)


@bp.post("/new")
@limiter.limit(POSTS_PER_ADDRESS)
@public("the link itself says who it is for")
def choose_now() -> ResponseReturnValue:
    form, token = NewPasswordForm(), request.form.get("link", "")
    if form.validate_on_submit():
        with form.landing():
            service.choose_password(service_context(), token=token, password=form.password.data or "")
            tell(
                say("Your password is changed, and you are signed out everywhere. Sign in with the new one.")
            )
            return redirect(url_for("accounts.sign_in"), code=303)
    return _new(form, token), form.status


def _ask(form: AddressForm, *, is_sent: bool = False) -> str:
    minutes = int(service.LASTS.total_seconds() // 60)
    return render_template("accounts/forgotten.html", form=form, is_sent=is_sent, minutes=minutes)


def _new(form: NewPasswordForm, token: str) -> str:
    return render_template("accounts/new_password.html", form=form, link=token, min_length=MIN_LENGTH)
