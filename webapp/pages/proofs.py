"""Whoever is signed in proves again who they are, and goes back to where they were."""

from collections.abc import Callable

from flask import Blueprint, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import login_user
from wtforms import PasswordField, StringField

from webapp.domain.permissions import Permission
from webapp.domain.sentences import say
from webapp.extensions import limiter
from webapp.guards import requires_even_halfway
from webapp.identity import Person, service_context, user
from webapp.pages.fields import BerthForm, at_most, needed
from webapp.pages.home import start_page
from webapp.pages.language import tell
from webapp.pages.passkey_answers import PasskeyForm, begin_answer, own_here
from webapp.pages.sessions import safe_next
from webapp.services import fresh_proof as service
from webapp.services import second_factor
from webapp.services.passkey_challenges import Purpose

bp = Blueprint("proofs", __name__, url_prefix="/account/prove")

POSTS_PER_ADDRESS = "60 per minute"


class PasswordProofForm(BerthForm):
    current = PasswordField(say("Your password"), [needed(say("Enter your password."))])


class CodeProofForm(BerthForm):
    code = StringField(say("Code"), [needed(say("Enter the code.")), at_most(40)])


@bp.get("/")
@requires_even_halfway(Permission.OWN_ACCOUNT)
def index() -> ResponseReturnValue:
    return _page(_typed_form())


@bp.post("/")
@limiter.limit(POSTS_PER_ADDRESS)
@requires_even_halfway(Permission.OWN_ACCOUNT)
def create() -> ResponseReturnValue:
    form = _typed_form()
    return _prove(form, lambda: _with_typed(form)) or (_page(form), form.status)


@bp.post("/passkey/options")
@limiter.limit(POSTS_PER_ADDRESS)
@requires_even_halfway(Permission.OWN_ACCOUNT)
def options() -> ResponseReturnValue:
    return begin_answer(Purpose.PROVE, user_id=user().id)


@bp.post("/passkey")
@limiter.limit(POSTS_PER_ADDRESS)
@requires_even_halfway(Permission.OWN_ACCOUNT)
def with_passkey() -> ResponseReturnValue:
    form = PasskeyForm()
    proven = _prove(form, lambda: _with_passkey(form))
    return proven or (_page(_typed_form(is_empty=True), refused=form), form.status)


def _typed_form(*, is_empty: bool = False) -> CodeProofForm | PasswordProofForm:
    """A code, also a recovery code, from whoever has a second factor, else the password."""
    kind = CodeProofForm if second_factor.has_second_factor(service_context(), user()) else PasswordProofForm
    return kind(formdata=None) if is_empty else kind()


def _with_typed(form: CodeProofForm | PasswordProofForm) -> str:
    context, row = service_context(), g.user_session
    if isinstance(form, CodeProofForm):
        return service.prove_with_code(context, user(), code=form.code.data or "", session_row=row)
    return service.prove_with_password(context, user(), password=form.current.data or "", session_row=row)


def _with_passkey(form: PasskeyForm) -> str:
    return service.prove_with_passkey(service_context(), user(), form.answered(), session_row=g.user_session)


def _prove(form: BerthForm, prove: Callable[[], str]) -> ResponseReturnValue | None:
    """None if it was refused: what was wrong stands in the form."""
    if form.validate_on_submit():
        with form.landing():
            login_user(Person(user=user(), session_token=prove()))
            if request.form.get("again"):
                tell(say("Thank you. Nothing is done yet: press the button again."))
            return redirect(safe_next(request.form.get("next"), otherwise=start_page(user())), code=303)
    return None


def _page(form: BerthForm, *, refused: BerthForm | None = None) -> str:
    return render_template(
        "account/prove.html",
        form=form,
        refused=refused,
        next=request.values.get("next", ""),
        again=request.values.get("again", ""),
        passkeys=own_here(user().id),
        has_app=second_factor.has_app(service_context(), user()),
        is_by_single_sign_on=g.user_session.is_by_single_sign_on,
        person_domain=user().email.rpartition("@")[2],
        minutes=int(service.LASTS.total_seconds() // 60),
    )
