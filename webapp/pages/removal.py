"""Removal of the own account."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, StringField

from webapp.domain.permissions import Permission
from webapp.domain.sentences import say
from webapp.extensions import limiter
from webapp.guards import requires
from webapp.identity import service_context, user
from webapp.pages.fields import BerthForm, at_most, needed
from webapp.pages.language import tell
from webapp.pages.sessions import end_in_browser
from webapp.services import removal as service

bp = Blueprint("removal", __name__, url_prefix="/account")

POSTS_PER_ADDRESS = "60 per minute"


class RemovalForm(BerthForm):
    email = StringField(
        say("Your e-mail address"), [needed(say("Type the address of your account.")), at_most(254)]
    )
    current = PasswordField(say("Your password"), [needed(say("Enter your password."))])


@bp.get("/remove")
@requires(Permission.OWN_ACCOUNT)
def ask() -> ResponseReturnValue:
    return _page(RemovalForm())


@bp.post("/remove")
@limiter.limit(POSTS_PER_ADDRESS)
@requires(Permission.OWN_ACCOUNT)
def remove() -> ResponseReturnValue:
    form = RemovalForm()
    if form.validate_on_submit():
        with form.landing():
            service.remove_own(
                service_context(), user(), email=form.email.data or "", password=form.current.data or ""
            )
            end_in_browser()
            tell(say("Your account is removed."))
            return redirect(url_for("home.index"), code=303)
    return _page(form), form.status


def _page(form: RemovalForm) -> str:
    obstacle = service.find_obstacle(service_context(), user())
    return render_template("account/remove.html", form=form, person=user(), obstacle=obstacle)
