"""Orphans: machines in the cloud without a workspace. List them; adopt, ignore or terminate one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask.typing import ResponseReturnValue
from marshmallow import RAISE

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.conditions import readable, tagged
from webapp.api.paging import Key, Page, answer_counted
from webapp.api.schemas.orphan import (
    Adoption,
    AdoptionAnswer,
    OrphanAnswer,
    OrphanCost,
    OrphanDetails,
    OrphanEnd,
    OrphanList,
    OrphanQuery,
)
from webapp.api.showing import members
from webapp.api.workspaces.details import show as show_workspace
from webapp.domain.costs.rates import Rates
from webapp.domain.orphans import LISTED, OrphanStatus
from webapp.domain.permissions import Permission
from webapp.identity import actor, company_id, service_context
from webapp.models import Orphan
from webapp.queries import orphans as queries
from webapp.queries import workspaces
from webapp.queries.branches import MOST_COUNTED
from webapp.services import adoption, orphans

TAG = ["orphans"]
ONE = "/orphans/<int:orphan_id>/"


@bp.route("/orphans/", methods=["GET"], tags=TAG)
@allows(Permission.READ_ORPHANS)
@refuses(s422="invalid")
@bp.arguments(OrphanQuery, location="query", unknown=RAISE)
@bp.response(200, OrphanList)
def list_orphans(query: dict[str, Any]) -> dict[str, Any]:
    """List machines in the company's cloud accounts without a workspace, in the order they were found."""
    page = Page(limit=query["limit"], cursor=query["cursor"])
    after = page.after(int)
    wanted = {
        "company_id": company_id(),
        "credential_id": query["cloud_credential_id"],
        "statuses": LISTED if query["status"] is None else (OrphanStatus(query["status"]),),
    }
    session = service_context().session
    rows = queries.list_orphans(
        session, **wanted, limit=page.limit + 1, after_id=int(after[0]) if after else 0
    )
    count = queries.count_orphans(session, **wanted, most=MOST_COUNTED + 1)
    costs = _costs_of(rows[: page.limit])
    return answer_counted(
        "orphans", rows, count=count, page=page, key=_key, show=lambda one: _show(one, costs)
    )


@bp.route(ONE, methods=["GET"], tags=TAG)
@allows(Permission.READ_ORPHANS)
@refuses(s404="not_found")
@readable
@bp.response(200, OrphanDetails)
@tagged(OrphanDetails)
def get_orphan(orphan_id: int) -> dict[str, Any]:
    """Get an orphan."""
    return _show(queries.get_orphan(service_context().session, orphan_id, company_id=company_id()))


@bp.route(f"{ONE}adopt/", methods=["POST"], tags=TAG)
@allows(Permission.END)
@refuses(
    s404="not_found",
    s409="application_not_approved contract_ended workspace_exists username_taken action_not_allowed",
    s422="invalid application_not_found",
)
@bp.arguments(Adoption)
@bp.response(201, AdoptionAnswer)
def adopt_orphan(given: dict[str, Any], orphan_id: int) -> ResponseReturnValue:
    """Make the machine the workspace of an approved person. Changes nothing in the cloud."""
    company = company_id()
    made = adoption.adopt(
        service_context(),
        orphan_id,
        application_id=given["application_id"],
        company_id=company,
        actor=actor(),
    )
    workspace = workspaces.get_workspace(service_context().session, made.id, company_id=company)
    return {"message": "Machine adopted", "workspace": show_workspace(workspace)}, 201


@bp.route(f"{ONE}terminate/", methods=["POST"], tags=TAG)
@allows(Permission.END)
@refuses(s404="not_found", s409="not_ours action_not_allowed conflict", s422="invalid confirmation_wrong")
@bp.arguments(OrphanEnd)
@bp.response(202, OrphanAnswer)
def terminate_orphan(given: dict[str, Any], orphan_id: int) -> dict[str, Any]:
    """Terminate a machine that has our mark, with all its data. A worker checks the mark again first."""
    orphan = orphans.terminate(
        service_context(), orphan_id, company_id=company_id(), actor=actor(), confirmed_id=given["confirm"]
    )
    return {"message": "Machine termination requested", "orphan": _show(orphan)}


def _add(verb: str, decide: Callable[..., Orphan], message: str, summary: str) -> None:
    """Register one of the two decisions without a body; they differ only in the service."""

    @allows(Permission.END)
    @refuses(s404="not_found", s409="action_not_allowed conflict")
    @bp.response(200, OrphanAnswer)
    def press(orphan_id: int) -> dict[str, Any]:
        orphan = decide(service_context(), orphan_id, company_id=company_id(), actor=actor())
        return {"message": message, "orphan": _show(orphan)}

    press.__doc__ = summary
    bp.add_url_rule(f"{ONE}{verb}/", endpoint=f"{verb}_orphan", view_func=press, methods=["POST"], tags=TAG)


_add("ignore", orphans.ignore, "Machine ignored", "Ignore the machine: it is meant to be there.")
_add("watch", orphans.watch, "Machine watched again", "Stop ignoring the machine.")


def _key(orphan: Orphan) -> Key:
    return (orphan.id,)


def _costs_of(rows: Sequence[Orphan]) -> dict[int, Rates | None]:
    found = orphans.list_costs(service_context(), rows)
    return {one.id: cost for one, cost in zip(rows, found, strict=True)}


def _show(orphan: Orphan, costs: Mapping[int, Rates | None] | None = None) -> dict[str, Any]:
    cost = (_costs_of([orphan]) if costs is None else costs)[orphan.id]
    return members(
        OrphanDetails,
        orphan,
        cloud_credential_id=orphan.credential_id,
        kind=orphan.kind.value,
        status=orphan.status.value,
        has_our_mark=orphan.kind.is_ours,
        cloud_state=orphan.cloud_word,
        cost=None if cost is None else _show_cost(cost),
    )


def _show_cost(cost: Rates) -> dict[str, Any]:
    return members(
        OrphanCost,
        cost,
        month_cents=cost.month_fee.amount_minor,
        hour_cents=cost.hour_fee.amount_minor if cost.hour_fee else None,
        month=str(cost.month),
        hour=None if cost.hour is None else str(cost.hour),
    )
