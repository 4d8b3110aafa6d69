"""Job postings: list, add, read, change, open and close."""

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from marshmallow import RAISE

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.conditions import check_tag, conditional, readable, tagged
from webapp.api.paging import Key, Page, answer_counted, newest_first, place_of
from webapp.api.schemas.job_posting import (
    NewPosting,
    PostingChange,
    PostingDetails,
    PostingList,
    PostingQuery,
)
from webapp.api.showing import members
from webapp.api.windows import OF_DEFAULTS, defaults_of
from webapp.domain.permissions import Permission
from webapp.domain.roles import JobPostingStatus
from webapp.identity import company_id, service_context, user
from webapp.models import JobPosting
from webapp.queries import job_postings as queries
from webapp.services import job_postings as service

TAG = ["job postings"]
ONE = "/job-postings/<int:posting_id>/"
WORDS = ("title", "location", "description")


@bp.route("/job-postings/", methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK)
@refuses(s422="invalid")
@bp.arguments(PostingQuery, location="query", unknown=RAISE)
@bp.response(200, PostingList)
def list_postings(query: dict[str, Any]) -> dict[str, Any]:
    """List the company's job postings, newest first."""
    page = Page(limit=query["limit"], cursor=query["cursor"])
    after, session, company = page.after(int, int), service_context().session, company_id()
    status = None if query["status"] is None else JobPostingStatus(query["status"])
    rows = queries.list_page(
        session,
        company_id=company,
        status=status,
        limit=page.limit + 1,
        before=None if after is None else place_of(after),
    )
    count = queries.count_postings(session, company_id=company, status=status)
    return answer_counted("job_postings", rows, count=count, page=page, key=_key, show=_show)


@bp.route("/job-postings/", methods=["POST"], tags=TAG)
@allows(Permission.HIRE)
@refuses(s422=f"invalid profile_not_found {OF_DEFAULTS}")
@bp.arguments(NewPosting)
@bp.response(201, PostingDetails)
@tagged(PostingDetails)
def create_posting(given: dict[str, Any]) -> ResponseReturnValue:
    """Post a job. It is open."""
    defaults = defaults_of(given)
    words = {name: given[name] for name in WORDS}
    made = service.open_posting(
        service_context(),
        company_id=company_id(),
        by=user(),
        defaults=defaults,
        profile_id=given["profile_id"],
        **words,
    )
    return _show(made), 201, {"Location": url_for("api.get_posting", posting_id=made.id)}


@bp.route(ONE, methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK)
@refuses(s404="not_found")
@readable
@bp.response(200, PostingDetails)
@tagged(PostingDetails)
def get_posting(posting_id: int) -> dict[str, Any]:
    """Get a job posting."""
    return _show(queries.get_posting(service_context().session, posting_id, company_id=company_id()))


@bp.route(ONE, methods=["PUT"], tags=TAG)
@allows(Permission.HIRE)
@refuses(s404="not_found", s412="precondition_failed", s422=f"invalid profile_not_found {OF_DEFAULTS}")
@conditional
@bp.arguments(PostingChange)
@bp.response(200, PostingDetails)
@tagged(PostingDetails)
def change_posting(given: dict[str, Any], posting_id: int) -> dict[str, Any]:
    """Change a job posting. Omitted fields stay unchanged, and contracts that there are too."""
    company, context = company_id(), service_context()
    before = _show(queries.lock_posting(context.session, posting_id, company_id=company))
    check_tag(PostingDetails, before)
    words = {name: given.get(name, before[name]) for name in WORDS}
    defaults = defaults_of(before | given)
    profile_id = given.get("profile_id", before["profile_id"])
    about = {"company_id": company, "defaults": defaults, "profile_id": profile_id}
    return _show(service.change_posting(context, posting_id, **about, **words))


def _add(verb: str, status: JobPostingStatus, summary: str) -> None:
    """Register one of the two that set the status."""

    @allows(Permission.HIRE)
    @refuses(s404="not_found")
    @bp.response(200, PostingDetails)
    def press(posting_id: int) -> dict[str, Any]:
        found = service.set_posting_status(
            service_context(), posting_id, company_id=company_id(), status=status
        )
        return _show(found)

    press.__doc__ = summary
    bp.add_url_rule(f"{ONE}{verb}/", endpoint=f"{verb}_posting", view_func=press, methods=["POST"], tags=TAG)


_add("open", JobPostingStatus.OPEN, "Open the job posting to applications. Safe to repeat.")
_add("close", JobPostingStatus.CLOSED, "Close it to new applications; others stay. Safe to repeat.")


def _key(posting: JobPosting) -> Key:
    return newest_first(posting.created_at, posting.id)


def _show(posting: JobPosting) -> dict[str, Any]:
    return members(PostingDetails, posting, status=posting.status.value)
