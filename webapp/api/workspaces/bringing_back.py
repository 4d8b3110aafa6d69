"""The files of a workspace that is gone come back in a new one, from the snapshot that has outlived it."""

from flask import url_for
from flask.typing import ResponseReturnValue

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.schemas.workspace import WorkspaceDetails
from webapp.api.workspaces.details import show
from webapp.domain.permissions import Permission
from webapp.identity import actor, company_id, service_context
from webapp.queries import workspaces as queries
from webapp.services import bringing_back


@bp.route("/workspaces/<int:workspace_id>/bring-back/", methods=["POST"], tags=["workspace operations"])
@allows(Permission.ORDER)
@refuses(
    s404="not_found",
    s409="no_snapshot_kept application_not_approved contract_ended workspace_exists credential_not_usable"
    " username_taken desktop_limit_reached budget_reached conflict",
    s422="invalid credential_not_found bundle_not_found bundle_type_mismatch type_not_supported"
    " username_invalid user_not_creatable",
    s503="not_answered_yet",
)
@bp.response(201, WorkspaceDetails)
def bring_back_workspace(workspace_id: int) -> ResponseReturnValue:
    """Order a workspace like this one, which is gone, for its person, and have its files copied there.

    Possible while its last snapshot is kept (`goes_at`). The answer is the new workspace; `file_return` of
    its `disk-snapshots/` says what becomes of the files.
    """
    company = company_id()
    made = bringing_back.bring_back(service_context(), workspace_id, company_id=company, actor=actor())
    shown = show(queries.get_workspace(service_context().session, made.id, company_id=company))
    return shown, 201, {"Location": url_for("api.get_workspace", workspace_id=made.id)}
