"""Invitations: list, invite, read, send again, revoke."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from marshmallow import RAISE

from webapp.api.blueprint import bp
from webapp.api.callers import allows, check_may, check_may_give
from webapp.api.codes import refuses
from webapp.api.conditions import readable, tagged
from webapp.api.idempotency import hold_secret
from webapp.api.paging import Key, Page, answer_counted, row_after
from webapp.api.schemas.invitation import (
    InvitationDetails,
    InvitationList,
    InvitationMade,
    InvitationQuery,
    NewInvitation,
)
from webapp.api.showing import members
from webapp.api.windows import OF_WINDOW, fields_as_sent, given_window
from webapp.domain.permissions import Permission
from webapp.domain.roles import CompanyRole
from webapp.identity import company_id, permissions, service_context, user
from webapp.models import Invitation, InvitationKind
from webapp.queries import applications
from webapp.queries import people as queries
from webapp.services import invitations as service
from webapp.services.hiring import invite_one
from webapp.services.invitations import Invited, Wanted
from webapp.services.people import normal_email

TAG = ["invitations"]
ONE = "/invitations/<int:invitation_id>/"


@bp.route("/invitations/", methods=["GET"], tags=TAG)
@allows(Permission.READ_PEOPLE)
@refuses(s422="invalid")
@bp.arguments(InvitationQuery, location="query", unknown=RAISE)
@bp.response(200, InvitationList)
def list_invitations(query: dict[str, Any]) -> dict[str, Any]:
    """List the company's invitations, newest first."""
    page = Page(limit=query.pop("limit"), cursor=query.pop("cursor"))
    after, session, company = page.after(int), service_context().session, company_id()
    chosen = {name: value for name, value in query.items() if value is not None}
    if "email" in chosen:
        chosen["email"] = normal_email(chosen["email"])
    before_id = None if after is None else row_after(after)
    rows = queries.list_invitations(
        session, company_id=company, limit=page.limit + 1, before_id=before_id, **chosen
    )
    count = queries.count_invitations(session, company_id=company, **chosen)
    hires = _hires(rows)
    return answer_counted(
        "invitations", rows, count=count, page=page, key=_key, show=lambda one: _show(one, hires=hires)
    )


@bp.route("/invitations/", methods=["POST"], tags=TAG)
@allows(Permission.HIRE, Permission.MANAGE_PEOPLE)
@refuses(
    s404="not_found",
    s409="already_colleague application_exists default_end_passed",
    s422=f"invalid {OF_WINDOW}",
)
@bp.arguments(NewInvitation)
@bp.response(201, InvitationMade)
def create_invitation(given: dict[str, Any]) -> ResponseReturnValue:
    """Invite a colleague, or a person to be hired. Who is invited already gets a new link.

    A window is that of the contract, from the approval on; without one, an open invitation keeps what it has.
    """
    wanted = Wanted(given["email"], given["name"], window=given_window(given))
    if given["kind"] == InvitationKind.COLLEAGUE:
        role = CompanyRole(given["company_role"])
        check_may(Permission.MANAGE_PEOPLE)
        check_may_give(role)
        wanted = Wanted(given["email"], given["name"], role)
    else:
        check_may(Permission.HIRE)
    with fields_as_sent():
        made = invite_one(
            service_context(),
            wanted,
            company_id=company_id(),
            posting_id=given["job_posting_id"],
            by=user(),
            held=permissions(),
        )
    return show_made(made), 201, {"Location": url_for("api.get_invitation", invitation_id=made.invitation_id)}


@bp.route(ONE, methods=["GET"], tags=TAG)
@allows(Permission.READ_PEOPLE)
@refuses(s404="not_found")
@readable
@bp.response(200, InvitationDetails)
@tagged(InvitationDetails)
def get_invitation(invitation_id: int) -> dict[str, Any]:
    """Get an invitation, without its link."""
    return _load(invitation_id)


@bp.route(f"{ONE}send-again/", methods=["POST"], tags=TAG)
@allows(Permission.HIRE, Permission.MANAGE_PEOPLE)
@refuses(s404="not_found", s409="invitation_accepted contract_ended default_end_passed")
@bp.response(200, InvitationMade)
def send_invitation_again(invitation_id: int) -> dict[str, Any]:
    """Send it again with a new link, for 14 more days, and with its window. The former link ends."""
    _check_may_change(invitation_id)
    made = service.send_again(service_context(), invitation_id, company_id=company_id(), invited_by=user())
    return show_made(made)


@bp.route(f"{ONE}revoke/", methods=["POST"], tags=TAG)
@allows(Permission.HIRE, Permission.MANAGE_PEOPLE)
@refuses(s404="not_found", s409="invitation_accepted")
@bp.response(200, InvitationDetails)
def revoke_invitation(invitation_id: int) -> dict[str, Any]:
    """End its link at once. Safe to repeat."""
    _check_may_change(invitation_id)
    service.revoke(service_context(), invitation_id, company_id=company_id(), by=user())
    return _load(invitation_id)


def show_made(made: Invited) -> dict[str, Any]:
    """With the link, unless it goes by mail: whoever has it proves to be the person with that address."""
    url = None
    if not service_context().settings.mail.is_set_up:
        hold_secret()
        url = url_for("invitations.show", link=made.token, _external=True)
    return _load(made.invitation_id or 0) | {"url": url}


def _check_may_change(invitation_id: int) -> None:
    """The service asks what the person may; this asks what the token may."""
    found = queries.get_invitation(service_context().session, invitation_id, company_id=company_id())
    if found.kind is InvitationKind.HIRE:
        check_may(Permission.HIRE)
        return
    check_may(Permission.MANAGE_PEOPLE)
    check_may_give(found.company_role or CompanyRole.OWNER)


def _key(invitation: Invitation) -> Key:
    return (-invitation.id,)


def _load(invitation_id: int) -> dict[str, Any]:
    found = queries.get_invitation(service_context().session, invitation_id, company_id=company_id())
    return _show(found, hires=_hires([found]))


def _hires(rows: Sequence[Invitation]) -> dict[tuple[int, int], int]:
    """The applications of those who have accepted."""
    pairs = {
        (one.job_posting_id, one.accepted_by_id)
        for one in rows
        if one.job_posting_id is not None and one.accepted_by_id is not None
    }
    return applications.list_ids_by_hire(service_context().session, pairs, company_id=company_id())


def _show(invitation: Invitation, *, hires: Mapping[tuple[int, int], int]) -> dict[str, Any]:
    role = invitation.company_role
    return members(
        InvitationDetails,
        invitation,
        kind=invitation.kind.value,
        company_role=None if role is None else role.value,
        state=invitation.state(service_context().clock.now()).value,
        person_id=invitation.accepted_by_id,
        application_id=hires.get((invitation.job_posting_id or 0, invitation.accepted_by_id or 0)),
    )
