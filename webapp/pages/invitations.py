"""Accepting an invitation: the link says who it is for."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import PasswordField, StringField

from webapp.domain.sentences import say
from webapp.extensions import limiter
from webapp.guards import public
from webapp.identity import own_language, service_context, user
from webapp.models import Invitation
from webapp.pages.accounts import enter
from webapp.pages.fields import BerthForm, at_most, needed
from webapp.pages.home import start_page
from webapp.pages.language import tell
from webapp.services import invitations as service
from webapp.services import preferences
from webapp.services.passwords import MIN_LENGTH
from webapp.services.sign_in import NeedsSingleSignOn

bp = Blueprint("invitations", __name__, url_prefix="/invitation")

POSTS_PER_ADDRESS = "60 per minute"


class AcceptForm(BerthForm):
    name = StringField(say("Your name"), [needed(say("Enter your name.")), at_most(120)])
    password = PasswordField(say("Password"), [needed(say("Choose a password."))])


@bp.get("/")
@public("the link itself says who it is for")
def show() -> ResponseReturnValue:
    token = request.args.get("link", "")
    invitation = service.find_invitation(service_context(), token)
    return _page(AcceptForm(name=invitation.name), invitation, token)


@bp.post("/opened")
@limiter.limit(POSTS_PER_ADDRESS)
@public("the link itself says who it is for")
def opened() -> ResponseReturnValue:
    """By the page itself: programs that only look into mails do not run it."""
    service.note_opened(service_context(), request.form.get("link", ""))
    return "", 204


@bp.post("/")
@limiter.limit(POSTS_PER_ADDRESS)
@public("the link itself says who it is for")
def accept() -> ResponseReturnValue:
    context, token = service_context(), request.form.get("link", "")
    if current_user.is_authenticated:
        service.accept_as(context, token, user())
        tell(say("You have accepted the invitation."))
        return redirect(start_page(user()), code=303)
    invitation, form = service.find_invitation(context, token), AcceptForm()
    if form.validate_on_submit():
        with form.landing():
            password = form.password.data or ""
            made = service.accept_as_new(context, token, name=form.name.data or "", password=password)
            preferences.keep_language(context, made, own_language())
            tell(say("Welcome, %(name)s.", name=made.name))
            try:
                return redirect(start_page(enter(email=made.email, password=password)), code=303)
            except NeedsSingleSignOn:
                domain = made.email.rpartition("@")[2]
                return redirect(url_for("single_sign_on.index", domain=domain), code=303)
    return _page(form, invitation, token), form.status


def _page(form: AcceptForm, invitation: Invitation, token: str) -> str:
    return render_template(
        "invitations/show.html",
        form=form,
        invitation=invitation,
        link=token,
        person=user() if current_user.is_authenticated else None,
        way_in=url_for("accounts.sign_in", next=url_for(".show", link=token)),
        min_length=MIN_LENGTH,
    )
