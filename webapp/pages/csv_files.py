"""Tables as CSV files: what a table shows under the same filter, all pages of it."""

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from flask import Blueprint, Response, make_response, request

from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import company_id, service_context
from webapp.models import Application
from webapp.pages import words
from webapp.pages.credentials.bundle_choice import choice_of
from webapp.pages.credentials.bundles import bundles_context
from webapp.pages.shell import rfc3339
from webapp.pages.workspaces.table import address_of, this_month
from webapp.queries import applications, cohorts, credentials, job_postings, workspace_table
from webapp.queries.table_order import Place
from webapp.queries.workspace_table import TableRow

bp = Blueprint("csv_files", __name__)

MOST_ROWS = 10_000
"""Of one query: a file has all rows, however many queries they take."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would calculate when it opens the file; strangers choose their own names."""


@bp.get("/workspaces/desktops.csv")
@requires(Permission.READ_WORK)
def desktops() -> Response:
    plain = ("Person", "State", "Job", "User name", "Size", "Cloud account", "Ordered", "Last connected")
    head = (*plain, "Cost this month", "Currency", "The cost is")
    rows = (
        (
            one.person,
            words.STATES[one.state].label,
            one.job,
            one.username,
            one.bundle_name,
            one.credential_name,
            rfc3339(one.created_at),
            rfc3339(one.last_connected_at) if one.last_connected_at else None,
            None if one.cost is None else one.cost.exact,
            one.currency,
            words.kind_of_cost(one),
        )
        for one in _every_desktop()
    )
    return csv_file("desktops", head, rows)


def _every_desktop() -> Iterator[TableRow]:
    address, now = address_of(request.args), service_context().clock.now()
    place: Place | None = None
    while True:
        found = workspace_table.read_table(
            service_context().session,
            address.as_filter(now),
            company_id=company_id(),
            month=this_month(now),
            sort=address.sort,
            place=place,
            limit=MOST_ROWS,
        )
        yield from found.rows
        if not found.has_more:
            return
        place = Place(found.rows[-1].key)


@bp.get("/jobs/<int:posting_id>/applications.csv")
@requires(Permission.READ_WORK)
def applicants(posting_id: int) -> Response:
    posting = job_postings.get_posting(service_context().session, posting_id, company_id=company_id())
    head = ("Person", "E-mail address", "State", "Applied", "Message")
    rows = (
        (one.seeker.name, one.seeker.email, one.status.value, rfc3339(one.created_at), one.message)
        for one in _every_application(posting.id)
    )
    return csv_file("applications", head, rows)


def _every_application(posting_id: int) -> Iterator[Application]:
    for offset in itertools.count(0, MOST_ROWS):
        found = applications.list_applications(
            service_context().session,
            company_id=company_id(),
            posting_id=posting_id,
            limit=MOST_ROWS,
            offset=offset,
        )
        yield from found
        if len(found) < MOST_ROWS:
            return


@bp.get("/cohorts/<int:cohort_id>/group-order.csv")
@requires(Permission.READ_WORK)
def group_order(cohort_id: int) -> Response:
    cohort = cohorts.get_cohort(service_context().session, cohort_id, company_id=company_id())
    rows = (
        (row.person, row.username, words.STATES[row.state].label if row.state else "", row.message)
        for row in cohorts.list_row_views(service_context().session, cohort=cohort)
    )
    return csv_file("group-order", ("Person", "User name", "State", "Why not ordered"), rows)


@bp.get("/credentials/<int:credential_id>/bundles/sizes.csv")
@requires(Permission.READ_WORK)
def sizes(credential_id: int) -> Response:
    credential = credentials.get_credential(service_context().session, credential_id, company_id=company_id())
    names = ("name", "bundle_id", "operating_system", "compute_type", "vcpus", "memory_gib")
    head = ("Size", "ID", "System", "Compute", "vCPU", "Memory (GiB)")
    rows = (
        [row[name] for name in names]
        for row in choice_of(request.args).of(bundles_context(credential)["usable"])
    )
    return csv_file("sizes", head, rows)


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([_cell(one) for one in row] for row in rows)
    # The mark at the beginning tells Excel that it is UTF-8.
    response = make_response(text.getvalue().encode("utf-8-sig"))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f"attachment; filename={name}.csv"
    return response


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    if isinstance(value, Decimal):
        return text  # a credit is negative: a number, no formula
    return f"'{text}" if text.startswith(_FORMULA) else text
