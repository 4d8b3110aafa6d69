"""Signing in, up and out."""

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user
from wtforms import PasswordField, StringField
from wtforms.validators import Regexp

from webapp.domain.demo_people import DEMO_PEOPLE
from webapp.domain.errors import NotFound
from webapp.domain.permissions import Permission
from webapp.domain.sentences import say
from webapp.extensions import limiter
from webapp.guards import public, requires_even_halfway
from webapp.identity import Person, own_language, service_context
from webapp.models import User
from webapp.pages import half_way, known_browser, passkey_answers
from webapp.pages.fields import BerthForm, at_most, needed
from webapp.pages.half_way import HalfWay
from webapp.pages.home import start_page
from webapp.pages.language import tell
from webapp.pages.sessions import end_in_browser, notice_end, safe_next
from webapp.services import email_change, founding, people, preferences
from webapp.services import sign_in as service
from webapp.services.sign_in import NeedsSecondFactor
from webapp.trail import note_attempt, note_person, note_refusal

bp = Blueprint("accounts", __name__)

POSTS_PER_ADDRESS = "60 per minute"
"""A whole office may share an IP address; `services.sign_in` throttles single accounts."""
_STILL_KNOWN = say(
    "You are signed out of Berth. Your company’s sign-in service may still know this browser: on a shared"
    " computer, sign out there too."
)


class SignInForm(BerthForm):
    email = StringField(say("E-mail address"), [needed(say("Enter your e-mail address."))])
    password = PasswordField(say("Password"), [needed(say("Enter your password."))])


class CodeForm(BerthForm):
    code = StringField(say("Code"), [needed(say("Enter the code.")), at_most(40)])


class SeekerForm(BerthForm):
    name = StringField(say("Your name"), [needed(say("Enter your name.")), at_most(120)])
    email = StringField(
        say("E-mail address"),
        [
            needed(say("Enter your e-mail address.")),
            at_most(254),
            Regexp(
                r"\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$",
                message=say("Enter an e-mail address such as name@example.com."),
            ),
        ],
    )
    password = PasswordField(say("Password"), [needed(say("Choose a password."))])


class ProviderForm(SeekerForm):
    company_name = StringField(say("Company"), [needed(say("Enter the name of your company.")), at_most(120)])


@bp.get("/sign-in")
@public("the way in")
def sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next"), otherwise=start_page(current_user.user)))
    if notice_end():
        tell(say("Your session has ended. Sign in again to go on."))
    return sign_in_page(SignInForm(), request.args.get("next"))


@bp.post("/sign-in")
@limiter.limit(POSTS_PER_ADDRESS)
@public("the way in")
def sign_in_now() -> ResponseReturnValue:
    form = SignInForm()
    if form.validate_on_submit():
        with form.landing():
            email = form.email.data or ""
            note_attempt(email)
            try:
                user = enter(email=email, password=form.password.data or "")
            except NeedsSecondFactor as half:
                note_refusal("second_factor_needed")
                half_way.remember(half.user_id, email=email)
                return redirect(url_for(".code", next=request.form.get("next") or None), code=303)
            return redirect(safe_next(request.form.get("next"), otherwise=start_page(user)), code=303)
    return sign_in_page(form, request.form.get("next")), form.status


@bp.get("/sign-in/code")
@public("the second half of the way in")
def code() -> ResponseReturnValue:
    half = half_way.find()
    if half is None:
        return redirect(url_for(".sign_in", next=request.args.get("next")))
    return code_page(half, CodeForm(), request.args.get("next"))


@bp.post("/sign-in/code")
@limiter.limit(POSTS_PER_ADDRESS)
@public("the second half of the way in")
def code_now() -> ResponseReturnValue:
    form, target, half = CodeForm(), request.form.get("next"), half_way.find()
    if half is None:
        note_refusal("attempt_over")
        tell(say("That took too long. Sign in again."))
        return redirect(url_for(".sign_in", next=target or None), code=303)
    if form.validate_on_submit():
        with form.landing():
            note_attempt(half.email)
            origin = known_browser.origin_of(half.email)
            user, token = service.sign_in_with_code(
                service_context(), half.user_id, code=form.code.data or "", origin=origin
            )
            begin_session(user, token)
            return redirect(safe_next(target, otherwise=start_page(user)), code=303)
    return code_page(half, form, target), form.status


@bp.post("/sign-in/demo/<any(provider, seeker):who>")
@limiter.limit(POSTS_PER_ADDRESS)
@public("one of the demo's people; only bin/run tells the web server their password")
def sign_in_demo(who: str) -> ResponseReturnValue:
    password = service_context().settings.demo_password
    if not password:
        raise NotFound(say("There is no demo here."))
    return redirect(start_page(enter(email=DEMO_PEOPLE[who].email, password=password)), code=303)


@bp.get("/sign-up")
@public("choosing how to sign up")
def choose() -> ResponseReturnValue:
    target = request.args.get("next")
    if not founding.may_found(service_context(), link_token=""):
        return redirect(url_for(".sign_up", kind="person", next=target))
    return render_template("accounts/choose.html", next=target)


@bp.get("/sign-up/<any(company, person):kind>")
@public("signing up")
def sign_up(kind: str) -> ResponseReturnValue:
    target, link = request.args.get("next"), request.args.get("link", "")
    if kind == "company" and not founding.may_found(service_context(), link_token=link):
        return render_template("accounts/closed.html", has_link=bool(link)), 403
    return render_template(
        "accounts/sign_up.html", form=_sign_up_form(kind), kind=kind, next=target, link=link
    )


@bp.post("/sign-up/<any(company, person):kind>")
@limiter.limit(POSTS_PER_ADDRESS)
@public("signing up")
def sign_up_now(kind: str) -> ResponseReturnValue:
    form = _sign_up_form(kind)
    if form.validate_on_submit():
        with form.landing():
            _sign_up(kind, form)
            user = enter(email=form.email.data or "", password=form.password.data or "")
            return redirect(safe_next(request.form.get("next"), otherwise=start_page(user)), code=303)
    target, link = request.form.get("next"), request.form.get("link", "")
    page = render_template("accounts/sign_up.html", form=form, kind=kind, next=target, link=link)
    return page, form.status


@bp.get("/session")
@requires_even_halfway(Permission.OWN_ACCOUNT)
def look() -> ResponseReturnValue:
    """For pages that ask nothing else: are they still somebody's?"""
    return "", 204


@bp.post("/sign-out")
@public("harmless for strangers")
def sign_out() -> ResponseReturnValue:
    is_by_issuer = False
    if current_user.is_authenticated:
        note_person(current_user.user)
        is_by_issuer = g.user_session.is_by_single_sign_on
        service.sign_out(service_context(), token=current_user.session_token)
    end_in_browser()
    if is_by_issuer:
        tell(_STILL_KNOWN)
    return redirect(url_for("accounts.sign_in"), code=303)


def _sign_up(kind: str, form: SeekerForm) -> None:
    values = {name: value for name, value in form.data.items() if name != "csrf_token"}
    if kind == "company":
        link = request.form.get("link", "")
        made = founding.found_company(service_context(), **values, link_token=link)
    else:
        made = people.sign_up_seeker(service_context(), **values)
    preferences.keep_language(service_context(), made, own_language())
    email_change.ask_for_proof(service_context(), made)


def enter(*, email: str, password: str) -> User:
    """Start a new session for the person; discard the browser's previous one."""
    origin = known_browser.origin_of(email)
    user, token = service.sign_in(service_context(), email=email, password=password, origin=origin)
    begin_session(user, token)
    return user


def begin_session(user: User, token: str) -> None:
    """In the place of what this browser had before."""
    known_browser.remember(user.email)
    if current_user.is_authenticated:
        service.sign_out(service_context(), token=current_user.session_token)
    session.clear()
    login_user(Person(user=user, session_token=token))


def sign_in_page(form: SignInForm, next_page: str | None, *, refused: BerthForm | None = None) -> str:
    """`refused`: a passkey's form with what was wrong."""
    demo = DEMO_PEOPLE if service_context().settings.demo_password else {}
    return render_template(
        "accounts/sign_in.html",
        form=form,
        refused=refused,
        next=next_page,
        demo=demo,
        may_have_passkeys=passkey_answers.site().may_have_passkeys,
    )


def code_page(
    half: HalfWay, form: BerthForm, next_page: str | None, *, refused: BerthForm | None = None
) -> str:
    """The same for the second half."""
    return render_template(
        "accounts/code.html",
        form=form,
        refused=refused,
        next=next_page,
        passkeys=passkey_answers.own_here(half.user_id),
    )


def _sign_up_form(kind: str) -> SeekerForm:
    return ProviderForm() if kind == "company" else SeekerForm()
