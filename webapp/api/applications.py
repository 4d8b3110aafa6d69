"""Applications: list, hire somebody by e-mail address, read, approve, reject."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from marshmallow import RAISE

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.conditions import check_if_match, conditional, readable, tagged
from webapp.api.invitations import show_made
from webapp.api.paging import Key, Page, answer_counted, newest_first, place_of
from webapp.api.schemas.application import (
    ApplicationDetails,
    ApplicationList,
    ApplicationQuery,
    HireAnswer,
    NewApplication,
    WindowChange,
)
from webapp.api.showing import members
from webapp.api.windows import OF_WINDOW, fields_as_sent, given_window, hours_of, window_of
from webapp.domain.permissions import Permission
from webapp.domain.roles import ApplicationStatus
from webapp.identity import actor, company_id, may, orderer, service_context, user
from webapp.models import Application, Workspace
from webapp.queries import applications as queries
from webapp.queries import workspaces
from webapp.services import applications as service
from webapp.services import windows
from webapp.services.hiring import hire
from webapp.services.invitations import Invited, Wanted

TAG = ["applications"]
ONE = "/applications/<int:application_id>/"


@bp.route("/applications/", methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK)
@refuses(s422="invalid")
@bp.arguments(ApplicationQuery, location="query", unknown=RAISE)
@bp.response(200, ApplicationList)
def list_applications(query: dict[str, Any]) -> dict[str, Any]:
    """List the applications to the company's jobs, newest first."""
    page = Page(limit=query["limit"], cursor=query["cursor"])
    after, session, status = page.after(int, int), service_context().session, query["status"]
    chosen = {
        "company_id": company_id(),
        "posting_id": query["job_posting_id"],
        "statuses": list(ApplicationStatus) if status is None else [ApplicationStatus(status)],
    }
    before = None if after is None else place_of(after)
    rows = queries.list_page(session, **chosen, limit=page.limit + 1, before=before)
    count = queries.count_page(session, **chosen)
    served, kept = _served(*rows)
    return answer_counted(
        "applications", rows, count=count, page=page, key=_key, show=lambda one: _show(one, served, kept)
    )


@bp.route("/applications/", methods=["POST"], tags=TAG)
@allows(Permission.HIRE)
@refuses(s404="not_found", s409="application_exists default_end_passed conflict", s422=f"invalid {OF_WINDOW}")
@bp.arguments(NewApplication)
@bp.response(201, HireAnswer, description="The company knows the person: the application is approved.")
@bp.alt_response(202, schema=HireAnswer, description="The person is invited, and approved by accepting.")
def create_application(given: dict[str, Any]) -> ResponseReturnValue:
    """Hire somebody for a job. Who has applied to the company before is approved; others are invited.

    Who is invited already gets a new link, and the former one ends. A window counts from the approval on;
    without one the posting's defaults do.
    """
    wanted = Wanted(given["email"], given["name"], window=given_window(given))
    with fields_as_sent():
        made = hire(
            service_context(),
            wanted,
            company_id=company_id(),
            posting_id=given["job_posting_id"],
            by=user(),
            order_as=orderer(),
        )
    if isinstance(made, Invited):
        place = url_for("api.get_invitation", invitation_id=made.invitation_id)
        return {"application": None, "invitation": show_made(made)}, 202, {"Location": place}
    place = url_for("api.get_application", application_id=made.id)
    return {"application": _load(made.id), "invitation": None}, 201, {"Location": place}


@bp.route(ONE, methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK)
@refuses(s404="not_found")
@readable
@bp.response(200, ApplicationDetails)
@tagged(ApplicationDetails)
def get_application(application_id: int) -> dict[str, Any]:
    """Get an application."""
    return _load(application_id)


@bp.route(f"{ONE}window/", methods=["PUT"], tags=TAG)
@allows(Permission.HIRE)
@refuses(
    s404="not_found", s409="conflict", s412="precondition_failed", s422=f"invalid hours_invalid {OF_WINDOW}"
)
@conditional
@bp.arguments(WindowChange)
@bp.response(200, ApplicationDetails)
@tagged(ApplicationDetails)
def change_window(given: dict[str, Any], application_id: int) -> dict[str, Any]:
    """Replace the window of the contract, and its hours if they are sent; a workspace follows at once.

    A later end gives back access that ended with the contract. Both null: without start and end.
    """
    version = check_if_match(ApplicationDetails, _load(application_id))
    with fields_as_sent():
        windows.set_window(
            service_context(),
            application_id,
            window_of(given),
            hours=hours_of(given),
            company_id=company_id(),
            actor=actor(),
            may_end=may(Permission.END),
            version=version,
        )
    return _load(application_id)


def _add(verb: str, status: ApplicationStatus, summary: str, *, codes: str) -> None:
    """Register one of the two decisions."""

    @allows(Permission.HIRE)
    @refuses(s404="not_found", s409=codes)
    @bp.response(200, ApplicationDetails)
    def press(application_id: int) -> dict[str, Any]:
        service.decide(
            service_context(),
            application_id,
            company_id=company_id(),
            decided_by_id=user().id,
            status=status,
            order_as=orderer(),
        )
        return _load(application_id)

    press.__doc__ = summary
    bp.add_url_rule(
        f"{ONE}{verb}/", endpoint=f"{verb}_application", view_func=press, methods=["POST"], tags=TAG
    )


_add(
    "approve",
    ApplicationStatus.APPROVED,
    "Approve the application. Safe to repeat. Without a window it gets that of the posting's defaults.",
    codes="already_decided default_end_passed",
)
_add(
    "reject",
    ApplicationStatus.REJECTED,
    "Reject the application. Safe to repeat.",
    codes="already_decided",
)


def _key(application: Application) -> Key:
    return newest_first(application.created_at, application.id)


def _load(application_id: int) -> dict[str, Any]:
    found = queries.get_application(service_context().session, application_id, company_id=company_id())
    return _show(found, *_served(found))


def _served(*found: Application) -> tuple[dict[int, Workspace], dict[int, Workspace]]:
    """The live desktops by application; by person those that are kept for who has none."""
    session, company = service_context().session, company_id()
    served = workspaces.list_live_by_application(session, [one.id for one in found], company_id=company)
    waiting = [
        one.seeker_id for one in found if one.id not in served and one.status is ApplicationStatus.APPROVED
    ]
    kept = workspaces.list_kept_by_person(session, waiting, company_id=company) if waiting else {}
    return served, kept


def _show(
    application: Application, served: Mapping[int, Workspace], kept: Mapping[int, Workspace]
) -> dict[str, Any]:
    workspace = served.get(application.id)
    is_waiting = workspace is None and application.status is ApplicationStatus.APPROVED
    former = kept.get(application.seeker_id) if is_waiting else None
    return members(
        ApplicationDetails,
        application,
        person_id=application.seeker_id,
        name=application.seeker.name,
        email=application.seeker.email,
        status=application.status.value,
        version=application.window_version,
        hours=application.hours_json,
        workspace_id=None if workspace is None else workspace.id,
        kept_workspace_id=None if former is None else former.id,
    )
