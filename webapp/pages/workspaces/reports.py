"""Reports about one workspace: the full log, the metrics as small charts, and its costs."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.domain.decisions.note import Level
from webapp.domain.estimate import estimate_of
from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import company_id, service_context
from webapp.models import Workspace
from webapp.pages.workspaces.charts import state_bars, wait_chart
from webapp.pages.workspaces.table import whole_number
from webapp.pages.workspaces.timeline import steps_of
from webapp.pages.workspaces.waiting import history_of
from webapp.queries import workspaces as queries
from webapp.queries.history import list_waits
from webapp.services.contract_costs import contract_cost
from webapp.services.cost_advice import advice_for
from webapp.services.costs import costs_of
from webapp.services.usage import usage_of

bp = Blueprint("workspace_reports", __name__, url_prefix="/workspaces/<int:workspace_id>")

LINES = 50
LEVELS = (("", "Everything"), ("info", "Information"), ("warning", "Warnings"), ("error", "Errors"))


@bp.get("/log")
@requires(Permission.READ_WORK)
def log(workspace_id: int) -> ResponseReturnValue:
    workspace, session = _load(workspace_id), service_context().session
    wanted = request.args.get("level", "")
    level = Level(wanted) if wanted in set(Level) else None
    events = queries.list_log(
        session, workspace=workspace, level=level, limit=LINES + 1, before_id=whole_number("before")
    )
    return render_template(
        "workspaces/log.html",
        workspace=workspace,
        steps=steps_of(events)[:LINES],
        levels=LEVELS,
        level=level.value if level else "",
        count=queries.count_log(session, workspace=workspace, level=level),
        older=events[LINES - 1].id if len(events) > LINES else None,
    )


@bp.get("/metrics")
@requires(Permission.READ_WORK)
def metrics(workspace_id: int) -> ResponseReturnValue:
    workspace = _load(workspace_id)
    usage = usage_of(service_context(), workspace)
    waits = list_waits(service_context().session, company_id=company_id(), like=workspace)
    estimate = estimate_of(waits)
    return render_template(
        "workspaces/metrics.html",
        workspace=workspace,
        usage=usage,
        costs=costs_of(service_context(), workspace),
        bars=state_bars(usage.time_in_state_seconds),
        waits=wait_chart(waits, own_s=_creation_s(workspace), estimate=estimate),
        history=history_of(estimate) if estimate else "",
    )


@bp.get("/costs")
@requires(Permission.READ_COSTS, Permission.ORDER)
def costs(workspace_id: int) -> ResponseReturnValue:
    workspace = _load(workspace_id)
    context = service_context()
    return render_template(
        "workspaces/costs.html",
        workspace=workspace,
        costs=costs_of(context, workspace),
        contract=contract_cost(context, workspace),
        advice=advice_for(context, workspace),
    )


def _creation_s(workspace: Workspace) -> float | None:
    """From its newest create, as for others; None also for one that was moved since."""
    begun_at, ready_at = workspace.issued_at, workspace.available_at
    if begun_at is None or ready_at is None or ready_at <= begun_at:
        return None
    return (ready_at - begun_at).total_seconds()


def _load(workspace_id: int) -> Workspace:
    return queries.get_workspace(service_context().session, workspace_id, company_id=company_id())
