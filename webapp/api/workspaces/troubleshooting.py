"""Troubleshooting: what is wrong with a workspace, why, and which calls can fix it."""

from datetime import datetime
from typing import Any

from flask import url_for

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.schemas.fields import rfc3339
from webapp.api.schemas.finding import Diagnosis
from webapp.domain.findings import Evidence, Finding, RemedyAction
from webapp.domain.permissions import Permission
from webapp.identity import company_id, service_context
from webapp.models import Workspace
from webapp.queries import workspaces as queries
from webapp.services.troubleshooting import diagnose

_CALLS = {
    RemedyAction.TEST_CREDENTIAL: "api.test_credential",
    RemedyAction.CHANGE_CREDENTIAL: "api.change_credential",
}
"""Calls on the credential; all others are calls on the workspace."""


@bp.route("/workspaces/<int:workspace_id>/troubleshoot/", methods=["GET"], tags=["monitoring"])
@allows(Permission.READ_WORK)
@refuses(s404="not_found")
@bp.response(200, Diagnosis)
def troubleshoot(workspace_id: int) -> dict[str, Any]:
    """Diagnose a workspace: what is wrong, most important first, with evidence and calls that can fix it."""
    workspace = queries.get_workspace(service_context().session, workspace_id, company_id=company_id())
    return {
        "state": workspace.state,
        "checked_at": service_context().clock.now(),
        "findings": [_show(finding, workspace) for finding in diagnose(service_context(), workspace)],
    }


def _show(finding: Finding, workspace: Workspace) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "summary": finding.summary,
        "explanation": finding.explanation,
        "evidence": _evidence(finding.evidence),
        "remedies": [
            {
                "action": remedy.action,
                "label": remedy.label,
                "href": _href(remedy.action, workspace),
                "data_loss": remedy.has_data_loss,
                "cost": remedy.cost,
                "snapshot_at": remedy.snapshot_at,
                "tried_at": remedy.tried_at,
            }
            for remedy in finding.remedies
        ],
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        name: rfc3339(value) if isinstance(value, datetime) else value for name, value in evidence.items()
    }


def _href(action: RemedyAction, workspace: Workspace) -> str:
    if action in _CALLS:
        return url_for(_CALLS[action], credential_id=workspace.credential_id)
    if action is RemedyAction.ORDER_AGAIN:
        # Two calls for a program: end this one, and when it is TERMINATED place the same order again.
        is_over = workspace.state == "TERMINATED"
        return url_for("api.create_workspace") if is_over else _own("terminate", workspace)
    return _own(action.value, workspace)


def _own(name: str, workspace: Workspace) -> str:
    return url_for(f"api.{name}_workspace", workspace_id=workspace.id)
