"""The way in by a company's own sign-in: to its issuer, and back."""

from dataclasses import asdict

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from webapp.database import writing_transactions
from webapp.extensions import limiter
from webapp.guards import public
from webapp.identity import service_context
from webapp.pages import known_browser
from webapp.pages.accounts import POSTS_PER_ADDRESS, begin_session
from webapp.pages.fields import BerthForm, at_most, needed
from webapp.pages.headers import content_policy
from webapp.pages.home import start_page
from webapp.pages.sessions import safe_next
from webapp.services import single_sign_on as service
from webapp.services.company_domains import normal_domain
from webapp.services.single_sign_on import Attempt, Return
from webapp.trail import note_return

bp = Blueprint("single_sign_on", __name__, url_prefix="/sign-in/company")

_KEY, _TARGET = "single_sign_on", "single_sign_on_next"
_UNKNOWN = "No company signs in this way with this address. Check it, or sign in with your password."


class AddressForm(BerthForm):
    email = StringField(
        "E-mail address", [needed("Enter the e-mail address that your company gave you."), at_most(254)]
    )


@bp.get("")
@public("the way in")
def index() -> ResponseReturnValue:
    """With `domain`, for links of companies, one press is left: no link alone signs anybody in."""
    domain = normal_domain(request.args.get("domain", ""))
    return _page(AddressForm(formdata=None, data={"email": domain}), request.args.get("next"), domain=domain)


@bp.post("")
@limiter.limit(POSTS_PER_ADDRESS)
@public("the way in")
def go() -> ResponseReturnValue:
    form, target = AddressForm(), request.form.get("next")
    if form.validate_on_submit():
        with form.landing():
            is_proof = bool(request.form.get("proof"))
            found = service.begin(
                service_context(), form.email.data or "", redirect_uri_of=redirect_uri, is_proof=is_proof
            )
            if found is not None:
                attempt, url = found
                session[_KEY], session[_TARGET] = asdict(attempt), target
                return redirect(url, code=303)
            form.email.errors = [_UNKNOWN]
    return _page(form, target, status=form.status)


@bp.get("/back/<int:company_id>")
@limiter.limit(POSTS_PER_ADDRESS)
@public("where the issuer sends people; the browser's own attempt is needed")
def back(company_id: int) -> ResponseReturnValue:
    """Each company has its own address here: what another company's issuer sends on is not taken for it."""
    kept, target = session.pop(_KEY, None), session.pop(_TARGET, None)
    form = AddressForm(formdata=None)
    with form.landing(), writing_transactions():
        attempt = None if kept is None else Attempt(**kept)
        if attempt is None or not attempt.is_answered_by(company_id, request.args.get("state", "")):
            raise service.begin_again()
        context = service_context()
        note_return(attempt.company_id)
        context.session.rollback()  # it only reads
        user, token = service.finish(
            context,
            attempt,
            Return(
                state=request.args.get("state", ""),
                code=request.args.get("code", ""),
                issuer=request.args.get("iss", ""),
                error=request.args.get("error", ""),
            ),
            redirect_uri=redirect_uri(company_id),
            origin=known_browser.origin_of(""),
        )
        begin_session(user, token)
        return redirect(safe_next(target, otherwise=start_page(user)), code=303)
    return _page(form, target, status=form.status)


def redirect_uri(company_id: int) -> str:
    """Where the company's issuer sends people; it is registered there."""
    return url_for("single_sign_on.back", company_id=company_id, _external=True)


def _page(
    form: AddressForm, target: str | None, *, status: int = 200, domain: str = ""
) -> ResponseReturnValue:
    """`domain`: the company is chosen already."""
    is_proof = bool(request.values.get("proof"))
    page = render_template("accounts/company.html", form=form, next=target, domain=domain, is_proof=is_proof)
    answer = make_response(page, status)
    # A browser checks a form's redirects too, and this one leads to the issuer.
    answer.headers["Content-Security-Policy"] = content_policy(service_context().settings, leads_away=True)
    return answer
