"""Cohorts: check, order, list, read."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import RAISE

from webapp.api import idempotency
from webapp.api.blueprint import bp
from webapp.api.callers import allows, check_may
from webapp.api.codes import refuses
from webapp.api.conditions import readable, tagged
from webapp.api.paging import Key, Page, answer_counted, row_after
from webapp.api.schemas.cohort import (
    CheckedPerson,
    CohortCheck,
    CohortDetails,
    CohortList,
    CohortRowDetails,
    CohortSummary,
    NewCohort,
)
from webapp.api.schemas.fields import PageQuery
from webapp.api.showing import members
from webapp.api.windows import given_window
from webapp.domain.errors import Invalid
from webapp.domain.hours.reading import hours_json
from webapp.domain.permissions import Permission
from webapp.domain.windows import Window
from webapp.identity import actor, company_id, service_context
from webapp.models import Cohort
from webapp.queries import cohorts as queries
from webapp.queries.cohorts import RowView
from webapp.services import cohorts as service
from webapp.services.cohort_plan import Entry
from webapp.services.cohort_review import Review, as_reviewed, review
from webapp.services.cohorts import CohortRequest
from webapp.services.planned_rows import PlannedRow
from webapp.services.prices import price_columns
from webapp.services.profiled_cohorts import get_chosen

TAG = ["cohorts"]
REFUSED = {
    "s409": "credential_not_usable conflict profile_changed profile_cap_reached",
    "s422": "invalid credential_not_found bundle_not_found bundle_type_mismatch type_not_supported"
    " user_not_creatable profile_not_found",
    "s503": "not_answered_yet",
}


@bp.route("/cohorts/", methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK)
@refuses(s422="invalid")
@bp.arguments(PageQuery, location="query", unknown=RAISE)
@bp.response(200, CohortList)
def list_cohorts(query: dict[str, Any]) -> dict[str, Any]:
    """List the company's cohorts, newest first."""
    page = Page(**query)
    after, session, company = page.after(int), service_context().session, company_id()
    before_id = None if after is None else row_after(after)
    rows = queries.list_cohorts(session, company_id=company, limit=page.limit + 1, before_id=before_id)
    count = queries.count_cohorts(session, company_id=company)
    return answer_counted("cohorts", rows, count=count, page=page, key=_key, show=lambda row: _summary(*row))


@bp.route("/cohorts/check/", methods=["POST"], tags=TAG)
@allows(Permission.ORDER)
@refuses(**REFUSED)
@bp.arguments(NewCohort)
@bp.response(200, CohortCheck)
def check_cohort(given: dict[str, Any]) -> dict[str, Any]:
    """Say what ordering would do for each person, and what is against it. Changes nothing."""
    order = _order_request(given)
    reviewed = _reviewed(given, order, _entries(given, order))
    rows, price = reviewed.rows, price_columns(reviewed.rates)
    return {
        "people": [_show_planned(row, place) for place, row in enumerate(rows, 1)],
        "count": len(rows),
        "refused": sum(row.code is not None for row in rows),
        "profile_version": order.profile_version,
        "month_price_minor": price["month_price_minor"],
        "price_currency": price["price_currency"],
    }


@bp.route("/cohorts/", methods=["POST"], tags=TAG)
@allows(Permission.ORDER)
@refuses(**REFUSED | {"s422": f"{REFUSED['s422']} nothing_to_order window_invalid"})
@bp.arguments(NewCohort)
@bp.response(201, CohortDetails)
@tagged(CohortDetails)
def create_cohort(given: dict[str, Any]) -> ResponseReturnValue:
    """Order for everybody against whom nothing speaks, and keep the reason for each of the others."""
    order = _order_request(given)
    entries = _entries(given, order)
    ordered = as_reviewed(entries, _reviewed(given, order, entries).rows)
    made = service.order_cohort(service_context(), order, ordered, company_id=company_id(), actor=actor())
    return _load(made.id), 201, {"Location": url_for("api.get_cohort", cohort_id=made.id)}


@bp.route("/cohorts/<int:cohort_id>/", methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK)
@refuses(s404="not_found")
@readable
@bp.response(200, CohortDetails)
@tagged(CohortDetails)
def get_cohort(cohort_id: int) -> dict[str, Any]:
    """Get a cohort with what became of each person."""
    return _load(cohort_id)


def _entries(given: dict[str, Any], order: CohortRequest) -> list[Entry]:
    makes_users = given["create_users"] or order.creates_users
    found = [_entry(one, makes_users=makes_users) for one in given["people"]]
    if any(one.window or one.window_problem for one in found):
        check_may(Permission.HIRE)
    return found


def _entry(one: dict[str, Any], *, makes_users: bool) -> Entry:
    is_new_user = one["create_user"]
    if is_new_user is None:
        is_new_user = makes_users and one["username"] is None
    entry = Entry(one["application_id"], one["email"] or "", one["username"], is_new_user=is_new_user)
    try:
        return replace(entry, window=given_window(one))
    except Invalid as error:
        return replace(entry, window_problem=(error.code, error.message))


def _show_planned(row: PlannedRow, place: int) -> dict[str, Any]:
    window = row.window or Window()
    return members(
        CheckedPerson,
        row,
        place=place,
        create_user=row.is_new_user,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        hours=None if row.hours is None else hours_json(row.hours),
    )


def _order_request(given: dict[str, Any]) -> CohortRequest:
    """Raises Invalid, Conflict."""
    profile_id, version = given["profile_id"], given["profile_version"]
    if profile_id is not None:
        profile = get_chosen(service_context(), profile_id, company_id=company_id(), version=version)
        return CohortRequest.by(profile, key=_own_key(), name=given["name"])
    return CohortRequest(
        key=_own_key(),
        name=given["name"],
        credential_id=given["cloud_credential_id"],
        workspace_type=given["workspace_type"],
        bundle_id=given["bundle_id"],
        in_time=given["in_time"],
    )


def _own_key() -> str:
    """With an `Idempotency-Key`, the same request goes on with what another began and did not end."""
    key = request.headers.get(idempotency.HEADER)
    if key is None:
        return uuid.uuid4().hex
    parts = (idempotency.owner(), key, request.get_data(as_text=True))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _reviewed(given: dict[str, Any], order: CohortRequest, entries: Sequence[Entry]) -> Review:
    pattern = given["username_pattern"]
    return review(service_context(), order, entries, pattern=pattern, company_id=company_id())


def _key(row: tuple[Cohort, int, int]) -> Key:
    return (-row[0].id,)


def _summary(cohort: Cohort, people: int, ordered: int) -> dict[str, Any]:
    return members(
        CohortSummary,
        cohort,
        cloud_credential_id=cohort.credential_id,
        people_count=people,
        ordered_count=ordered,
    )


def _load(cohort_id: int) -> dict[str, Any]:
    session = service_context().session
    cohort = queries.get_cohort(session, cohort_id, company_id=company_id())
    rows = queries.list_row_views(session, cohort=cohort)
    ordered = sum(row.workspace_id is not None for row in rows)
    return _summary(cohort, len(rows), ordered) | {"people": [_show_row(row) for row in rows]}


def _show_row(row: RowView) -> dict[str, Any]:
    action = row.requested_action
    return members(
        CohortRowDetails,
        row,
        state=None if row.state is None else row.state.value,
        requested_action=None if action is None else action.value,
    )
