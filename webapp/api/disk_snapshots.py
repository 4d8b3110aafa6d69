"""Snapshots of disks: of a workspace, and what is kept in a cloud credential's account."""

from typing import Any

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.schemas.disk_snapshot import (
    AccountSnapshots,
    FileReturnDetails,
    KeptSnapshot,
    SnapshotDetails,
    SnapshotSettings,
    WorkspaceSnapshots,
)
from webapp.api.showing import members
from webapp.api.workspaces.details import load
from webapp.domain.disk_snapshots import SnapshotPolicy
from webapp.domain.permissions import Permission
from webapp.identity import company_id, service_context
from webapp.models import FileReturn
from webapp.models.disk_snapshot import policy_in
from webapp.queries import credentials as credential_queries
from webapp.queries import disk_snapshots as queries
from webapp.queries.files_at_end import find_files
from webapp.services import disk_snapshots as service
from webapp.services.bringing_back import return_to

TAG = ["cloud-credentials"]
OF_ACCOUNT = "/cloud-credentials/<int:credential_id>/disk-snapshots/"


@bp.route("/workspaces/<int:workspace_id>/disk-snapshots/", methods=["GET"], tags=["workspaces"])
@allows(Permission.READ_WORK)
@refuses(s404="not_found")
@bp.response(200, WorkspaceSnapshots)
def list_workspace_snapshots(workspace_id: int) -> dict[str, Any]:
    """List the snapshots of a workspace's disk, the newest first; none where the cloud makes its own."""
    context, workspace = service_context(), load(workspace_id)
    backup = service.backup_of(context, workspace)
    files = find_files(context.session, workspace, now=context.clock.now())
    at_end = {
        "files_deleted_at": files and files.deleted_at,
        "files_kept_until": files and files.kept_until,
        "file_return": _returned(return_to(context, workspace)),
    }
    if backup is None:
        nothing = {"month_at_most_minor": None, "currency": None, "snapshots": []}
        return {"is_on": False, "refused_code": None, **nothing, **at_end}
    month = backup.month_at_most
    return {
        "month_at_most_minor": month and month.amount_minor,
        "currency": month and month.currency,
        **at_end,
        "is_on": backup.is_on,
        "refused_code": backup.refused_code,
        "snapshots": [members(KeptSnapshot, one.snapshot, goes_at=one.goes_at) for one in backup.snapshots],
    }


@bp.route(OF_ACCOUNT, methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK)
@refuses(s404="not_found")
@bp.response(200, AccountSnapshots)
def get_disk_snapshots(credential_id: int) -> dict[str, Any]:
    """Get what is kept of the disks of a cloud credential's desktops, and what no workspace explains."""
    credential_queries.get_credential(service_context().session, credential_id, company_id=company_id())
    return _show(credential_id)


@bp.route(OF_ACCOUNT, methods=["PUT"], tags=TAG)
@allows(Permission.MANAGE_CREDENTIALS)
@refuses(s404="not_found", s409="no_disk_snapshots", s422="invalid")
@bp.arguments(SnapshotSettings)
@bp.response(200, AccountSnapshots)
def set_disk_snapshots(given: dict[str, Any], credential_id: int) -> dict[str, Any]:
    """Set how many snapshots are kept. Berth takes and deletes by it at once."""
    service.set_policy(service_context(), credential_id, SnapshotPolicy(**given), company_id=company_id())
    return _show(credential_id)


@bp.route(f"{OF_ACCOUNT}<int:snapshot_id>/", methods=["DELETE"], tags=TAG)
@allows(Permission.END)
@refuses(s404="not_found")
@bp.response(202, AccountSnapshots)
def delete_disk_snapshot(credential_id: int, snapshot_id: int) -> dict[str, Any]:
    """Delete a snapshot that no workspace explains. A worker checks its tag again first."""
    service.delete_unknown(
        service_context(), snapshot_id, credential_id=credential_id, company_id=company_id()
    )
    return _show(credential_id)


def _returned(row: FileReturn | None) -> dict[str, Any] | None:
    return None if row is None else members(FileReturnDetails, row, former_workspace_id=row.former_id)


def _show(credential_id: int) -> dict[str, Any]:
    session, about = service_context().session, {"credential_id": credential_id, "company_id": company_id()}
    setting = queries.find_setting(session, **about)
    policy = policy_in(setting)
    return {
        "is_on": policy.is_on,
        "daily": policy.daily,
        "weekly": policy.weekly,
        "days_after_end": policy.days_after_end,
        "read_at": setting and setting.read_at,
        "refused_code": setting and setting.refused_code,
        "kept": queries.count_standing(session, credential_id=credential_id),
        "unexplained": [members(SnapshotDetails, one) for one in queries.list_unknown(session, **about)],
        "version": setting.version if setting else 0,
    }
