"""The public board of open jobs, and applying."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import TextAreaField

from webapp.domain.permissions import Permission
from webapp.domain.roles import Role
from webapp.domain.sentences import say
from webapp.guards import public, requires
from webapp.identity import service_context, user
from webapp.models import Application
from webapp.pages.fields import BerthForm, at_most
from webapp.pages.language import tell
from webapp.queries import applications, job_postings
from webapp.services import applications as service

bp = Blueprint("board", __name__, url_prefix="/board")


class ApplyForm(BerthForm):
    message = TextAreaField(say("A few words about you"), [at_most(2_000)])


@bp.get("/")
@public("open jobs are for everyone")
def index() -> ResponseReturnValue:
    return render_template(
        "board/index.html", postings=job_postings.list_open_postings(service_context().session)
    )


@bp.get("/<int:posting_id>/")
@public("open jobs are for everyone")
def show(posting_id: int) -> ResponseReturnValue:
    posting = job_postings.get_public_posting(service_context().session, posting_id)
    return render_template("board/show.html", posting=posting, form=ApplyForm(), own=_own(posting_id))


@bp.post("/<int:posting_id>/apply")
@requires(Permission.APPLY)
def apply(posting_id: int) -> ResponseReturnValue:
    form = ApplyForm()
    if form.validate_on_submit():
        with form.landing():
            service.apply(service_context(), posting_id, seeker_id=user().id, message=form.message.data or "")
            tell(say("Application sent. You can follow its status here."))
            return redirect(url_for("desktops.index"), code=303)
    posting = job_postings.get_public_posting(service_context().session, posting_id)
    return render_template("board/show.html", posting=posting, form=form, own=_own(posting_id)), form.status


def _own(posting_id: int) -> Application | None:
    """The visitor's own application for this job."""
    if not current_user.is_authenticated or current_user.role is not Role.SEEKER:
        return None
    return applications.find_own_application(
        service_context().session, seeker_id=user().id, posting_id=posting_id
    )
