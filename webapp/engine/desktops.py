"""Desktops that duties ask the cloud about: which these are, and writing down what it said of them."""

from typing import Any

from sqlalchemy import ColumnElement, Update, update

from webapp.domain.lifecycle import Desired, Phase
from webapp.engine.run import Run
from webapp.models import Workspace
from webapp.models.workspace import IS_LIVE


def in_use(run: Run) -> tuple[ColumnElement[bool], ...]:
    """Conditions: of this account, ready, wanted, and with a machine."""
    return (
        Workspace.company_id == run.credential.company_id,
        Workspace.credential_id == run.credential.id,
        IS_LIVE,
        Workspace.phase == Phase.READY,
        Workspace.desired == Desired.PRESENT,
        Workspace.cloud_workspace_id.is_not(None),
    )


def said_of(workspace_id: int | None, cloud_workspace_id: str, values: dict[Any, Any]) -> Update:
    """Only while the desktop still has this machine, as of another one nothing was said. No new version."""
    return (
        update(Workspace)
        .where(Workspace.id == workspace_id, Workspace.cloud_workspace_id == cloud_workspace_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )
