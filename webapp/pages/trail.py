"""Who did what in the company: a page with filters, and files.

An operator reads what belongs to no company: what operators and people who look for work did, and who did not
get in."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.domain.permissions import Permission
from webapp.domain.trail_words import WORDS
from webapp.guards import requires
from webapp.identity import service_context, user
from webapp.models import TrailEntry
from webapp.pages.csv_files import MOST_ROWS, csv_file
from webapp.pages.fields import searched_for
from webapp.pages.shell import rfc3339
from webapp.pages.workspaces.table import whole_number
from webapp.queries.trail import TrailFilter, as_chained, list_entries

bp = Blueprint("trail", __name__, url_prefix="/trail")

PAGE_SIZE = 50
KINDS = sorted(set(WORDS.values()))


@bp.get("/")
@requires(Permission.READ_TRAIL)
def index() -> ResponseReturnValue:
    rows = _entries(limit=PAGE_SIZE + 1, before_id=whole_number("before"))
    return render_template(
        "trail/index.html",
        entries=rows[:PAGE_SIZE],
        words=WORDS,
        kinds=KINDS,
        most_rows=MOST_ROWS,
        query=_query(),
        is_filtered=any(_query().values()),
        next_before=rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None,
    )


@bp.get("/trail.csv")
@requires(Permission.READ_TRAIL)
def table() -> Response:
    head = ("Number", "Time", "Who", "Address", "Action", "Outcome", "Code", "Subject", "Changes", "Request")
    rows = (
        (
            one.id,
            rfc3339(one.at),
            one.actor,
            one.address,
            WORDS.get(one.action, one.action),
            one.outcome,
            one.code,
            one.subject,
            json.dumps(one.changes, ensure_ascii=False) if one.changes else "",
            one.request_id,
        )
        for one in _entries(limit=MOST_ROWS, before_id=whole_number("before"))
    )
    return csv_file("trail", head, rows)


@bp.get("/trail.jsonl")
@requires(Permission.READ_TRAIL)
def lines() -> Response:
    """One JSON object a line, newest first; further ones with `before`."""
    entries = _entries(limit=MOST_ROWS, before_id=whole_number("before"))
    return _file("".join(json.dumps(as_chained(one), ensure_ascii=False) + "\n" for one in entries))


def _file(text: str) -> Response:
    response = make_response(text)
    response.mimetype = "application/jsonl"
    response.headers["Content-Disposition"] = 'attachment; filename="trail.jsonl"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _entries(*, limit: int, before_id: int | None) -> list[TrailEntry]:
    asked, kind = _query(), _query()["what"]
    wanted = TrailFilter(
        who=asked["who"],
        actions=[action for action, text in WORDS.items() if text == kind],
        is_refused=asked["outcome"] == "refused",
        since=_day(asked["since"]),
        until=_day(asked["until"], days=1),
    )
    session = service_context().session
    return list_entries(session, wanted, company_id=user().company_id, limit=limit, before_id=before_id)


def _query() -> dict[str, Any]:
    """What the address asks for; what makes no sense is left out."""
    what = request.args.get("what", "")
    return {
        "who": searched_for(request.args),
        "what": what if what in KINDS else "",
        "outcome": "refused" if request.args.get("outcome") == "refused" else "",
        "since": _known_day("since"),
        "until": _known_day("until"),
    }


def _known_day(name: str) -> str:
    text = request.args.get(name, "")
    return text if _day(text) is not None else ""


def _day(text: str, *, days: int = 0) -> datetime | None:
    """The beginning of the day in UTC."""
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
