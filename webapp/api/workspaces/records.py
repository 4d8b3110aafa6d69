"""The record of an end, and the list of all."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from marshmallow import RAISE

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.paging import Key, Page, answer_counted, newest_first, place_of
from webapp.api.schemas.end_record import EndRecordDetails, EndRecordList, EndRecordQuery
from webapp.domain.end_records import SNAPSHOTS
from webapp.domain.errors import Invalid
from webapp.domain.permissions import Permission
from webapp.identity import company_id, service_context
from webapp.models import EndRecord
from webapp.queries.record_lists import RecordFilter, count_records, list_records
from webapp.services.end_records import End, end_of

DAY = timedelta(days=1)


@bp.route("/records/", methods=["GET"], tags=["monitoring"])
@allows(Permission.READ_WORK)
@refuses(s422="invalid")
@bp.arguments(EndRecordQuery, location="query", unknown=RAISE)
@bp.response(200, EndRecordList)
def list_end_records(query: dict[str, Any]) -> dict[str, Any]:
    """List the records of workspaces' ends, the newest end first."""
    page, session = Page(limit=query["limit"], cursor=query["cursor"]), service_context().session
    after = page.after(int, int)
    wanted = RecordFilter(query["q"], _begins(query["first"]), _begins(query["last"], later=DAY))
    rows = list_records(
        session,
        wanted,
        company_id=company_id(),
        limit=page.limit + 1,
        before=None if after is None else place_of(after),
    )
    count = count_records(session, wanted, company_id=company_id())
    return answer_counted("records", rows, count=count, page=page, key=_key, show=_summary)


def _begins(day: date | None, *, later: timedelta = timedelta(0)) -> datetime | None:
    """Raises Invalid for a day of which there is no next one."""
    try:
        return None if day is None else datetime.combine(day + later, time(), UTC)
    except OverflowError:
        raise Invalid("Check the year of this date.", field="to") from None


def _key(record: EndRecord) -> Key:
    return newest_first(record.terminated_at, record.id)


def _summary(record: EndRecord) -> dict[str, Any]:
    return {
        "workspace_id": record.workspace_id,
        "person": _person(record),
        "cloud_provider": record.cloud_provider,
        "username": record.username,
        "bundle_name": record.bundle_name,
        "ordered_at": record.ordered_at,
        "terminated_at": record.terminated_at,
        "reason": record.end_reason.value,
    }


def _person(record: EndRecord) -> dict[str, str]:
    return {"name": record.person_name, "email": record.person_email, "job": record.job_title}


@bp.route("/workspaces/<int:workspace_id>/record/", methods=["GET"], tags=["monitoring"])
@allows(Permission.READ_WORK)
@refuses(s404="not_found")
@bp.response(200, EndRecordDetails)
def get_end_record(workspace_id: int) -> dict[str, Any]:
    """Get the record of a workspace's end: all that is said about it later, without asking the cloud."""
    end = end_of(service_context(), workspace_id, company_id=company_id())
    record = end.record
    return {
        "workspace_id": record.workspace_id,
        "made_at": record.made_at,
        "is_partial": record.is_partial,
        "company": record.company_name,
        "person": _person(record),
        "desktop": _desktop(record),
        "ordered": {
            "at": record.ordered_at,
            "by_name": record.ordered_by_name,
            "by_email": record.ordered_by_email,
            "replaces": record.details.get("replaces"),
        },
        "available_at": record.available_at,
        "access": {"suspended_at": record.suspended_at, "ended_at": record.access_ended_at},
        "ended": {
            "requested_at": record.end_requested_at,
            "by": record.ended_by,
            "reason": record.end_reason.value,
            "message": record.end_message,
            "error_code": record.error_code,
            "replaced_by": record.details.get("replaced_by"),
            "terminated_at": record.terminated_at,
        },
        "absence": {
            "count": record.absent_count,
            "first_at": record.absent_first_at,
            "last_at": record.absent_last_at,
        },
        "parts": record.details["parts"],
        # What was written before there were images is of snapshots.
        "kept": [{"part": SNAPSHOTS, **one} for one in record.details.get("kept", [])],
        "directory_user": record.details["directory_user"],
        "costs": _costs(end),
        "usage": _usage(record),
    }


def _desktop(record: EndRecord) -> dict[str, Any]:
    return {
        "cloud_provider": record.cloud_provider,
        "account_id": record.account_id,
        "cloud_credential": record.credential_name,
        "place": record.place,
        "username": record.username,
        "workspace_type": record.workspace_type,
        "bundle_id": record.bundle_id,
        "bundle_name": record.bundle_name,
        "running_mode": record.running_mode,
        "compute_type": record.compute_type,
        "operating_system": record.operating_system,
        "machines": record.details["machines"],
    }


def _costs(end: End) -> dict[str, Any]:
    record, costs = end.record, end.costs
    price = None
    if record.month_price_minor is not None and record.price_currency:
        price = {"amount_minor": record.month_price_minor, "currency": record.price_currency}
    return {
        "is_provisional": costs.is_provisional,
        "final_at": record.costs_final_at,
        "closed_at": costs.closed_at,
        "amounts": costs.amounts,
        "billed_through": costs.billed_through,
        "is_complete": costs.is_complete,
        "month_price": price,
    }


def _usage(record: EndRecord) -> dict[str, Any]:
    use = record.details["use"] or {}
    return {
        "running_seconds": record.details["running_s"],
        "connected_days": use.get("days"),
        "connected_seconds": use.get("seconds"),
        "first_connected_at": use.get("first_at"),
        "last_connected_at": use.get("last_at"),
        "restores": 0,  # older records know none
        **record.details["counts"],
    }
