"""The record of an end: as a page that can be printed, and as a PDF."""

from flask import Blueprint, Response, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from flask_login import current_user

from webapp.domain.permissions import Permission
from webapp.extensions import limiter
from webapp.guards import requires
from webapp.identity import company_id, service_context, user
from webapp.pages.workspaces.record_pdf import pdf_of
from webapp.queries.file_returns import find_former
from webapp.queries.hand_over_links import linked_to
from webapp.queries.workspaces import find_workspace
from webapp.services.bringing_back import offer_of
from webapp.services.end_answers import answers_of
from webapp.services.end_records import End, end_of
from webapp.services.system_images import images_of

bp = Blueprint("end_records", __name__, url_prefix="/workspaces/<int:workspace_id>")

FILES_PER_PERSON = "20 per minute"
"""To write one takes a server's processor for a moment, and a record may have many pages."""


def _counted_as() -> str:
    """The person; the address of whoever is refused after this."""
    return f"record:{user().id}" if current_user.is_authenticated else get_remote_address()


@bp.get("/record")
@requires(Permission.READ_WORK)
def show(workspace_id: int) -> ResponseReturnValue:
    end, session = _load(workspace_id), service_context().session
    links = (end.record.details.get(one) for one in ("replaces", "replaced_by"))
    former, successor = linked_to(session, *links, company_id=company_id())
    is_listed = find_workspace(session, workspace_id, company_id=company_id()) is not None
    row = find_former(session, workspace_id, company_id=company_id())
    return render_template(
        "workspaces/record.html",
        record=end.record,
        costs=end.costs,
        answers=answers_of(end),
        is_listed=is_listed,
        former=former,
        successor=successor,
        offer=None if row is None else offer_of(service_context(), row),
        images=[] if row is None else images_of(service_context(), row),
    )


@bp.get("/record.pdf")
@limiter.limit(FILES_PER_PERSON, key_func=_counted_as)
@requires(Permission.READ_WORK)
def pdf(workspace_id: int) -> Response:
    end = _load(workspace_id)
    response = make_response(pdf_of(end, answers_of(end)))
    response.headers["Content-Type"] = "application/pdf"
    name = f"desktop-{end.record.workspace_id}-record.pdf"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _load(workspace_id: int) -> End:
    return end_of(service_context(), workspace_id, company_id=company_id())
