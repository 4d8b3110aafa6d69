"""Turning the daily mail on and off: on the account's page, or by one press in a mail program (RFC 8058)."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import trail
from webapp.domain.permissions import Permission
from webapp.domain.sentences import say
from webapp.extensions import csrf, limiter
from webapp.guards import public, requires
from webapp.identity import service_context, user
from webapp.pages.language import tell
from webapp.services import digests as service

bp = Blueprint("digests", __name__, url_prefix="/account/digest")

PRESSES_PER_ADDRESS = "60 per minute"


@bp.post("/")
@requires(Permission.OWN_ACCOUNT)
def choose() -> ResponseReturnValue:
    wanted = request.form.get("wanted") == "yes"
    service.choose(service_context(), user(), wanted=wanted)
    tell(say("You get the daily mail.") if wanted else say("You get no daily mail any more."))
    return redirect(f"{url_for('account.index')}#digest", code=303)


@bp.get("/stop")
@limiter.limit(PRESSES_PER_ADDRESS)
@public("the address of the mail says whose it is; nothing changes before the press")
def ask_stop() -> ResponseReturnValue:
    message_id = request.args.get("mail", "")
    service.find_reader(service_context(), message_id)
    return render_template("account/stop_digest.html", message_id=message_id, is_done=False)


@bp.post("/stop")
@limiter.limit(PRESSES_PER_ADDRESS)
@public("the address of the mail says whose it is; it can turn that mail off, and nothing else")
@csrf.exempt  # a mail program presses it, which has seen no page
def stop() -> ResponseReturnValue:
    """Answers with a page, not a redirect, which such programs do not follow."""
    message_id = request.args.get("mail", "")
    reader = service.find_reader(service_context(), message_id)
    trail.note_person(reader)
    service.choose(service_context(), reader, wanted=False)
    return render_template("account/stop_digest.html", message_id=message_id, is_done=True)
