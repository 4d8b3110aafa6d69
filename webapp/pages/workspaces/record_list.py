"""The list of all records of ends: searched by person, desktop and day, and read page by page."""

from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.domain.end_records import REASONS
from webapp.domain.ids import LARGEST_ID
from webapp.domain.permissions import Permission
from webapp.domain.windows import instant_of
from webapp.guards import requires
from webapp.identity import company_id, service_context, user
from webapp.models import EndRecord
from webapp.pages.fields import searched_for
from webapp.queries.record_lists import RecordFilter, count_records, list_records

bp = Blueprint("record_list", __name__, url_prefix="/records")

PAGE_SIZE = 50
DAY = timedelta(days=1)


@bp.get("/")
@requires(Permission.READ_WORK)
def index() -> ResponseReturnValue:
    zone, session = user().time_zone or "UTC", service_context().session
    wanted = RecordFilter(
        searched_for(request.args, "q"), _begins("since", zone), _begins("until", zone, later=DAY)
    )
    rows = list_records(session, wanted, company_id=company_id(), limit=PAGE_SIZE + 1, before=_before())
    shown = rows[:PAGE_SIZE]
    return render_template(
        "workspaces/records.html",
        records=shown,
        count=count_records(session, wanted, company_id=company_id()),
        reasons=REASONS,
        zone=zone,
        query={
            "q": wanted.q,
            "since": request.args.get("since", "") if wanted.since else "",
            "until": request.args.get("until", "") if wanted.until else "",
        },
        is_filtered=wanted.is_any,
        next_before=_place(shown[-1]) if len(rows) > PAGE_SIZE else None,
    )


def _begins(name: str, zone: str, *, later: timedelta = timedelta(0)) -> datetime | None:
    """The beginning of the day in the reader's zone; None for what is no day."""
    try:
        day = date.fromisoformat(request.args.get(name, "")) + later
        return instant_of(datetime.combine(day, time()), zone)
    except (ValueError, OverflowError):
        return None


def _place(record: EndRecord) -> str:
    return f"{record.terminated_at.isoformat()}/{record.id}"


def _before() -> tuple[datetime, int] | None:
    """The last one of the page before; the first page for what makes no sense."""
    at, _, number = request.args.get("before", "").partition("/")
    try:
        moment, record_id = datetime.fromisoformat(at).astimezone(UTC), int(number)
    except (ValueError, OverflowError):
        return None
    return (moment, record_id) if 0 < record_id <= LARGEST_ID else None
