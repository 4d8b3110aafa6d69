"""A person's own account: the password, and where they are signed in."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import PasswordField, SelectField, StringField

from webapp.domain.permissions import Permission
from webapp.domain.sentences import say, say_many
from webapp.extensions import limiter
from webapp.guards import needs_fresh_proof, public, requires
from webapp.identity import Viewer, service_context, user
from webapp.languages import LANGUAGES, time_zones
from webapp.models import User
from webapp.pages.browser_words import name_of_browser
from webapp.pages.fields import BerthForm, at_most, needed
from webapp.pages.language import said, tell
from webapp.queries.own import sessions as queries
from webapp.queries.passkeys import list_passkeys
from webapp.services import email_change, preferences
from webapp.services import own_account as service
from webapp.services.digests import may_get
from webapp.services.passwords import MIN_LENGTH
from webapp.services.second_factor import has_app, has_second_factor

bp = Blueprint("account", __name__, url_prefix="/account")

POSTS_PER_ADDRESS = "60 per minute"


class PasswordForm(BerthForm):
    current = PasswordField(say("Current password"), [needed(say("Enter the password that you have now."))])
    password = PasswordField(say("New password"), [needed(say("Choose a new password."))])


class EmailForm(BerthForm):
    email = StringField(say("New e-mail address"), [needed(say("Enter the new address.")), at_most(254)])
    current_password = PasswordField(say("Your password"), [needed(say("Enter your password."))])

    aliases = {"current": "current_password"}


class LanguageForm(BerthForm):
    """`services.preferences` says what can be chosen."""

    language = SelectField(say("Language"), validate_choice=False)
    time_zone = SelectField(say("Time zone"), validate_choice=False)

    @classmethod
    def of(cls, person: User, **options: object) -> "LanguageForm":
        """With what the person has chosen, unless it was sent."""
        form = cls(language=person.language or "", time_zone=person.time_zone or "", **options)
        form.language.choices = [("", said(say("As my browser asks"))), *LANGUAGES.items()]
        form.time_zone.choices = [
            ("", said(say("None: times are in UTC"))),
            *((name, name) for name in time_zones()),
        ]
        return form


@bp.get("/")
@requires(Permission.OWN_ACCOUNT)
def index() -> ResponseReturnValue:
    return _page()


@bp.post("/password")
@limiter.limit(POSTS_PER_ADDRESS)
@requires(Permission.OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    form = PasswordForm()
    if form.validate_on_submit():
        with form.landing():
            service.change_password(
                service_context(),
                user(),
                current=form.current.data or "",
                password=form.password.data or "",
                session_token=current_user.session_token,
            )
            tell(say("Your password is changed. All other browsers are signed out."))
            return redirect(url_for(".index"), code=303)
    return _page(password=form), form.status


@bp.post("/email")
@limiter.limit(POSTS_PER_ADDRESS)
@requires(Permission.OWN_ACCOUNT)
def change_email() -> ResponseReturnValue:
    form = EmailForm()
    if form.validate_on_submit():
        with form.landing():
            email_change.ask(
                service_context(),
                user(),
                new_email=form.email.data or "",
                password=form.current_password.data or "",
            )
            tell(
                say("Look at both mailboxes: each has a link, and both must agree.")
                if user().email_proven_at
                else say("Look at the new mailbox: it has a link, and must agree.")
            )
            return redirect(url_for(".index"), code=303)
    return _page(email=form), form.status


@bp.post("/language")
@limiter.limit(POSTS_PER_ADDRESS)
@requires(Permission.OWN_ACCOUNT)
def choose_language() -> ResponseReturnValue:
    form = LanguageForm.of(user())
    if form.validate_on_submit():
        with form.landing():
            preferences.choose(
                service_context(),
                user(),
                language=form.language.data or "",
                time_zone=form.time_zone.data or "",
            )
            g.viewer = Viewer.of(user())
            tell(say("Saved."))
            return redirect(url_for(".index"), code=303)
    return _page(language=form), form.status


@bp.get("/email/confirm")
@public("the link itself says who it is for")
def look_at_email() -> ResponseReturnValue:
    token = request.args.get("link", "")
    change, is_new = email_change.find(service_context(), token)
    return render_template("account/confirm_email.html", change=change, is_new=is_new, link=token)


@bp.post("/email/confirm")
@limiter.limit(POSTS_PER_ADDRESS)
@public("the link itself says who it is for")
def confirm_email() -> ResponseReturnValue:
    context, token = service_context(), request.form.get("link", "")
    change, _ = email_change.find(context, token)
    is_proof = change.is_proof
    if not email_change.confirm(context, token):
        tell(say("This mailbox agrees. The other one must agree too."))
    elif is_proof:
        tell(say("Thank you: the address is yours."))
    else:
        tell(say("The address is changed. Sign in with it from now on."))
    return redirect(url_for("home.index"), code=303)


@bp.post("/email/proof")
@limiter.limit(POSTS_PER_ADDRESS)
@requires(Permission.OWN_ACCOUNT)
def send_proof() -> ResponseReturnValue:
    email_change.ask_for_proof(service_context(), user())
    tell(say("Look at your mailbox: the link in the mail confirms that the address is yours."))
    return redirect(url_for(".index"), code=303)


@bp.post("/sessions/<int:session_id>/end")
@requires(Permission.OWN_ACCOUNT)
@needs_fresh_proof
def end_session(session_id: int) -> ResponseReturnValue:
    service.end_session(service_context(), user(), session_id)
    tell(say("That browser is signed out."))
    return redirect(url_for(".index"), code=303)


@bp.post("/sessions/end")
@requires(Permission.OWN_ACCOUNT)
@needs_fresh_proof
def end_other_sessions() -> ResponseReturnValue:
    count = service.end_other_sessions(service_context(), user(), session_token=current_user.session_token)
    tell(
        say_many(
            "%(count)s other browser is signed out.", "%(count)s other browsers are signed out.", count=count
        )
    )
    return redirect(url_for(".index"), code=303)


def _page(
    *,
    password: PasswordForm | None = None,
    email: EmailForm | None = None,
    language: LanguageForm | None = None,
) -> str:
    """Each with its errors, if it is the one that was sent."""
    context = service_context()
    sessions = queries.list_sessions(context.session, user_id=user().id, now=context.clock.now())
    return render_template(
        "account/index.html",
        form=password or PasswordForm(formdata=None),
        email_form=email or EmailForm(formdata=None),
        language_form=language or LanguageForm.of(user(), formdata=None),
        person=user(),
        sessions=[(one, name_of_browser(one.browser)) for one in sessions],
        own_session_id=g.user_session.id,
        has_second_factor=has_second_factor(context, user()),
        has_app=has_app(context, user()),
        gets_digest=context.settings.mail.is_set_up and may_get(user()),
        passkey_count=len(list_passkeys(context.session, user_id=user().id)),
        min_length=MIN_LENGTH,
    )
