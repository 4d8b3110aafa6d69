"""A person's passkeys: added, named, removed."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from webapp.domain.permissions import Permission
from webapp.domain.sentences import say
from webapp.extensions import limiter
from webapp.guards import needs_fresh_proof, requires_even_halfway
from webapp.identity import service_context, user
from webapp.models.passkey import NAME_LENGTH
from webapp.pages.browser_words import name_of_browser
from webapp.pages.fields import at_most
from webapp.pages.language import tell
from webapp.pages.passkey_answers import PasskeyForm, hand_out, site
from webapp.queries.passkeys import list_passkeys
from webapp.services import passkeys as service
from webapp.services import second_factor
from webapp.services.passkey_challenges import Purpose, new_challenge

bp = Blueprint("passkeys", __name__, url_prefix="/account/passkeys")

POSTS_PER_ADDRESS = "60 per minute"


class NewPasskeyForm(PasskeyForm):
    name = StringField(say("Name"), [at_most(NAME_LENGTH)])


@bp.get("/")
@requires_even_halfway(Permission.OWN_ACCOUNT)
def index() -> ResponseReturnValue:
    return _page(NewPasskeyForm())


@bp.post("/options")
@limiter.limit(POSTS_PER_ADDRESS)
@requires_even_halfway(Permission.OWN_ACCOUNT)
@needs_fresh_proof
def options() -> ResponseReturnValue:
    challenge = new_challenge(service_context(), Purpose.ADD, user_id=user().id)
    found = service.options_for_new(service_context(), user(), challenge=challenge, site=site())
    return hand_out(challenge, found)


@bp.post("/")
@limiter.limit(POSTS_PER_ADDRESS)
@requires_even_halfway(Permission.OWN_ACCOUNT)
@needs_fresh_proof
def create() -> ResponseReturnValue:
    form = NewPasskeyForm()
    if form.validate_on_submit():
        with form.landing():
            name = (form.name.data or "").strip() or _name_of_this()
            codes = service.add(service_context(), user(), form.answered(), name=name)
            if codes:
                # No redirect, so that the codes are in no session, no URL and no history.
                return render_template(
                    "account/recovery_codes.html", codes=codes, ready=say("Your passkey works from now on.")
                )
            tell(say("The passkey is added."))
            return redirect(url_for(".index"), code=303)
    return _page(form), form.status


@bp.post("/<int:passkey_id>/remove")
@requires_even_halfway(Permission.OWN_ACCOUNT)
@needs_fresh_proof
def remove(passkey_id: int) -> ResponseReturnValue:
    service.remove(service_context(), user(), passkey_id)
    tell(say("The passkey is removed. Delete it on your device too."))
    return redirect(url_for(".index"), code=303)


def _name_of_this() -> str:
    return name_of_browser(request.headers.get("User-Agent", ""))


def _page(form: NewPasskeyForm) -> str:
    context = service_context()
    return render_template(
        "account/passkeys.html",
        form=form,
        site=site(),
        passkeys=list_passkeys(context.session, user_id=user().id),
        most=service.MOST_PASSKEYS,
        suggested=_name_of_this(),
        codes_left=second_factor.count_recovery_codes(context, user()),
    )
