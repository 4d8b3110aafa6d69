"""Reports about a workspace: how to connect, metrics, and its log."""

from typing import Any

from marshmallow import RAISE

from webapp import trail
from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.paging import Key, Page, answer_counted, row_after
from webapp.api.schemas.event import LogLine, LogList, LogQuery
from webapp.api.schemas.reports import ConnectionDetails, UsageDetails
from webapp.api.showing import members
from webapp.api.workspaces.details import load
from webapp.domain.decisions.note import Level
from webapp.domain.permissions import Permission
from webapp.domain.roles import Role
from webapp.identity import service_context, user
from webapp.models import Event
from webapp.queries import workspaces as queries
from webapp.services.connection import Connection, connection_of
from webapp.services.costs import costs_of
from webapp.services.usage import usage_of

TAG = ["monitoring"]
ONE = "/workspaces/<int:workspace_id>"


@bp.route(f"{ONE}/connection/", methods=["GET"], tags=TAG)
@allows(Permission.OPERATE, Permission.USE_DESKTOP)
@refuses(s404="not_found", s409="not_connectable")
@bp.response(200, ConnectionDetails)
def get_connection(workspace_id: int) -> Connection:
    """Get the steps for the person to connect."""
    workspace = load(workspace_id)
    connection = connection_of(
        workspace, now=service_context().clock.now(), for_company=user().role is Role.PROVIDER
    )
    trail.note_connection(workspace)
    return connection


@bp.route(f"{ONE}/metrics/", methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK)
@refuses(s404="not_found")
@bp.response(200, UsageDetails)
def get_metrics(workspace_id: int) -> dict[str, Any]:
    """Get how long the workspace took, its time in each state, its attempts, and its cost this month."""
    workspace = load(workspace_id)
    costs = costs_of(service_context(), workspace)
    cost = {"month": costs.month, "estimated": costs.estimated, "billed": costs.billed_so_far}
    return members(UsageDetails, usage_of(service_context(), workspace), cost=cost)


@bp.route(f"{ONE}/logs/", methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK)
@refuses(s404="not_found", s422="invalid")
@bp.arguments(LogQuery, location="query", unknown=RAISE)
@bp.response(200, LogList)
def list_logs(query: dict[str, Any], workspace_id: int) -> dict[str, Any]:
    """List the events of a workspace and who caused them, newest first."""
    page = Page(limit=query["limit"], cursor=query["cursor"])
    after = page.after(int)
    level = None if query["level"] is None else Level(query["level"])
    session, workspace = service_context().session, load(workspace_id)
    rows = queries.list_log(
        session,
        workspace=workspace,
        level=level,
        limit=page.limit + 1,
        before_id=None if after is None else row_after(after),
    )
    count = queries.count_log(session, workspace=workspace, level=level)
    return answer_counted("logs", rows, count=count, page=page, key=_key, show=_line)


def _key(event: Event) -> Key:
    return (-event.id,)


def _line(event: Event) -> dict[str, Any]:
    return members(LogLine, event)
