"""A workspace as the API shows it, and loading one within the caller's tenant."""

from datetime import datetime
from typing import Any

from webapp.api.schemas.workspace import OwnWorkspace, WorkspaceDetails
from webapp.api.showing import members
from webapp.domain import catalogue
from webapp.domain.lifecycle import Phase, State
from webapp.domain.resizes import volumes_of
from webapp.domain.roles import Role
from webapp.identity import company_id, service_context, user
from webapp.models import Workspace
from webapp.queries import workspaces as queries
from webapp.queries.connections import connection_to
from webapp.services.connection import connection_string


def load(workspace_id: int) -> Workspace:
    """Load the caller's workspace: a provider's by company, a seeker's by application. Raises NotFound."""
    if user().role is Role.SEEKER:
        return queries.get_own_workspace(service_context().session, workspace_id, seeker_id=user().id)
    return queries.get_workspace(service_context().session, workspace_id, company_id=company_id())


def show(workspace: Workspace) -> dict[str, Any]:
    """As the caller's role may see it; `WorkspaceDetails` leaves out what a seeker's lacks."""
    now = service_context().clock.now()
    link = connection_string(workspace, now=now)
    if user().role is Role.SEEKER:
        return members(OwnWorkspace, workspace, access=workspace.access(now), connection_string=link)
    connection, volumes = connection_to(workspace), volumes_of(workspace.volumes)
    return members(
        WorkspaceDetails,
        workspace,
        connection_state=connection and connection.state.value,
        first_connected_at=connection and connection.first_connected_at,
        last_connected_at=connection and connection.last_connected_at,
        connection_checked_at=connection and connection.checked_at,
        cloud_credential_id=workspace.credential_id,
        replaces=workspace.replaces_id,
        replaced_by=workspace.replaced_by_id,
        access=workspace.access(now),
        allowed_actions=workspace.actions_at(now),
        connection_string=link,
        create_user=workspace.creates_user,
        resizing=_resizing(workspace),
        moving=moving_of(workspace),
        root_storage=volumes and volumes[0],
        user_storage=volumes and volumes[1],
        error=_error(workspace.error_code),
        waiting=_error(workspace.waiting_code),
        next_attempt_at=_next_attempt_at(workspace, now=now),
    )


def _resizing(workspace: Workspace) -> dict[str, Any] | None:
    if workspace.resize_kind is None:
        return None
    return {
        "kind": workspace.resize_kind.value,
        "was": workspace.resize_from,
        "wanted": workspace.resize_to,
        "requested_at": workspace.resize_requested_at,
        "sent_at": workspace.resize_sent_at,
    }


def moving_of(workspace: Workspace) -> dict[str, Any] | None:
    """The move that is asked for; None: there is none."""
    asked = workspace.move
    if asked is None:
        return None
    return {
        "bundle_id": asked["bundle_id"],
        "bundle_name": asked["bundle_name"],
        "requested_at": datetime.fromisoformat(asked["asked_at"]) if "asked_at" in asked else None,
        "sent_at": workspace.move_sent_at,
    }


def _error(code: str | None) -> dict[str, Any] | None:
    if code is None:
        return None
    entry = catalogue.entry(code)
    return {
        "code": code,
        "message": entry.message,
        "transient": entry.is_transient,
        "remedy": entry.remedy,
    }


def _next_attempt_at(workspace: Workspace, *, now: datetime) -> datetime | None:
    """Is a retry waiting? The first attempt is over, no machine is known, and the next check lies ahead."""
    is_waiting = (
        workspace.state is State.PENDING
        and workspace.phase in (Phase.REQUESTED, Phase.CREATE_INTENT)
        and workspace.attempt > 1
        and workspace.due_at is not None
        and workspace.due_at > now
    )
    return workspace.due_at if is_waiting else None
