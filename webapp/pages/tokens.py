"""API tokens: people create, name, scope and revoke their own. A token is shown once."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField

from webapp.domain.roles import Role
from webapp.guards import requires
from webapp.identity import service_context, user
from webapp.pages.fields import BerthForm, at_most, choice, needed
from webapp.queries import tokens as queries
from webapp.services import tokens as service

bp = Blueprint("tokens", __name__, url_prefix="/tokens")

SCOPES = {"read": ("Read only", ("read",)), "write": ("Read and write", service.SCOPES)}
LASTS = {"30": "30 days", "90": "90 days", "365": "1 year", "": "Never"}


class TokenForm(BerthForm):
    name = StringField("Purpose", [needed("Enter a purpose, such as the program that uses it."), at_most(80)])
    scope = SelectField("Access", choices=[choice(value, text) for value, (text, _) in SCOPES.items()])
    days = SelectField("Expires after", choices=[choice(*one) for one in LASTS.items()], default="90")

    def lasts(self) -> timedelta | None:
        return timedelta(days=int(self.days.data)) if self.days.data else None


@bp.get("/")
@requires(Role.PROVIDER, Role.SEEKER)
def index() -> ResponseReturnValue:
    return _page(TokenForm())


@bp.post("/")
@requires(Role.PROVIDER, Role.SEEKER)
def create() -> ResponseReturnValue:
    form = TokenForm()
    if form.validate_on_submit():
        with form.landing():
            name = form.name.data or ""
            row, token = service.issue_token(
                service_context(), user=user(), name=name, scopes=_scopes(form), lasts=form.lasts()
            )
            # No redirect, so that the token is in no session, no URL and no history.
            return _page(TokenForm(formdata=None), made=token, made_name=row.name)
    return _page(form), form.status


@bp.post("/<int:token_id>/revoke")
@requires(Role.PROVIDER, Role.SEEKER)
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
