"""API tokens: people create, name, scope and revoke their own. A token is shown once."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField

from webapp.domain.permissions import Permission, is_within
from webapp.domain.roles import CompanyRole, Role
from webapp.guards import needs_fresh_proof, requires
from webapp.identity import service_context, user
from webapp.pages.fields import BerthForm, at_most, choice, needed
from webapp.pages.role_words import role_name
from webapp.queries import tokens as queries
from webapp.services import tokens as service

bp = Blueprint("tokens", __name__, url_prefix="/tokens")

SCOPES = {"read": ("Read only", ("read",)), "write": ("Read and write", service.SCOPES)}
LASTS = {"30": "30 days", "90": "90 days", "365": "1 year", "": "Never"}


class TokenForm(BerthForm):
    name = StringField("Purpose", [needed("Enter a purpose, such as the program that uses it."), at_most(80)])
    scope = SelectField("Access", choices=[choice(value, text) for value, (text, _) in SCOPES.items()])
    role = SelectField("Role", default="")
    days = SelectField("Expires after", choices=[choice(*one) for one in LASTS.items()], default="90")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        held = user().permissions
        roles = [role for role in CompanyRole if is_within(role, held)]
        self.role.choices = [choice("", "All that I may do"), *(choice(one, role_name(one)) for one in roles)]

    def company_role(self) -> CompanyRole | None:
        return CompanyRole(self.role.data) if self.role.data else None

    def lasts(self) -> timedelta | None:
        return timedelta(days=int(self.days.data)) if self.days.data else None


@bp.get("/")
@requires(Permission.OWN_TOKENS)
def index() -> ResponseReturnValue:
    return _page(TokenForm())


@bp.post("/")
@requires(Permission.OWN_TOKENS)
@needs_fresh_proof
def create() -> ResponseReturnValue:
    form = TokenForm()
    if form.validate_on_submit():
        with form.landing():
            name = form.name.data or ""
            row, token = service.issue_token(
                service_context(),
                user=user(),
                name=name,
                scopes=_scopes(form),
                lasts=form.lasts(),
                company_role=form.company_role(),
            )
            # No redirect, so that the token is in no session, no URL and no history.
            return _page(TokenForm(formdata=None), made=token, made_name=row.name)
    return _page(form), form.status


@bp.post("/<int:token_id>/revoke")
@requires(Permission.OWN_TOKENS)
def revoke(token_id: int) -> ResponseReturnValue:
    service.revoke_token(service_context(), user=user(), token_id=token_id)
    flash("Token revoked. It no longer works.")
    return redirect(url_for(".index"), code=303)


def _scopes(form: TokenForm) -> tuple[str, ...]:
    """A seeker only ever reads, so a seeker's token needs no more."""
    return SCOPES["read"][1] if user().role is Role.SEEKER else SCOPES[form.scope.data][1]


def _page(form: TokenForm, **made: str) -> str:
    return render_template(
        "tokens/index.html",
        form=form,
        tokens=queries.list_tokens(service_context().session, user_id=user().id),
        now=service_context().clock.now(),
        may_write=user().role is Role.PROVIDER,
        **made,
    )
