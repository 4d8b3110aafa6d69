"""A browser keeps a challenge in its signed cookie, and a form brings what a passkey made of it."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Response, current_app, request, session
from wtforms import HiddenField

from webapp.domain.sentences import say
from webapp.identity import service_context
from webapp.models import Passkey
from webapp.pages.fields import BerthForm, at_most, needed
from webapp.queries.passkeys import list_passkeys
from webapp.services import passkeys as service
from webapp.services.passkey_challenges import Challenge, Purpose, new_challenge
from webapp.services.passkeys import ANSWER_LENGTH, Answer, Site

_KEY = "challenge"


class PasskeyForm(BerthForm):
    """Its field is filled in by `static/js/passkeys.js`."""

    answer = HiddenField(
        "Passkey",
        [needed(say("Your browser sent no passkey. It needs JavaScript for that.")), at_most(ANSWER_LENGTH)],
    )

    def answered(self) -> Answer:
        return Answer(self.answer.data or "", _take(), site())


def site() -> Site:
    """Under which name this browser has opened Berth: one of the trusted hosts, or Flask has refused it."""
    origin = f"{request.scheme}://{request.host}".lower()
    return Site(urlsplit(origin).hostname or "", origin)


def own_here(user_id: int) -> Sequence[Passkey]:
    """The person's passkeys that browsers offer under this name."""
    found = list_passkeys(service_context().session, user_id=user_id)
    return [one for one in found if one.host == site().host]


def begin_answer(purpose: Purpose, *, user_id: int | None = None) -> Response:
    """What the browser needs to ask for a passkey. Raises Conflict."""
    challenge = new_challenge(service_context(), purpose, user_id=user_id)
    options = service.options_for_answer(service_context(), challenge=challenge, site=site())
    return hand_out(challenge, options)


def hand_out(challenge: Challenge, options: str) -> Response:
    session[_KEY] = [challenge.text, challenge.purpose, challenge.user_id, challenge.made_at_s]
    return current_app.response_class(options, mimetype="application/json")


def _take() -> Challenge | None:
    """The one that was handed out last; None if there is none."""
    found = session.pop(_KEY, None)
    if found is None:
        return None
    text, purpose, user_id, made_at_s = found
    return Challenge(text, Purpose(purpose), user_id, made_at_s)
