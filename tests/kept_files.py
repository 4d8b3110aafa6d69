"""Desktops on Azure that are gone and have left their last snapshot, as workers leave them."""

from datetime import timedelta

from sqlalchemy import update

from tests.azure_rows import add_azure_credential, make_ready
from tests.desk import Desk
from tests.pages.test_disk_snapshots import DAY, add, ready
from tests.rows import set_rows
from webapp.domain.file_returns import ReturnState
from webapp.domain.lifecycle import Desired, Phase
from webapp.models import FileReturn, Workspace
from webapp.services import bringing_back

KEPT_DAYS = 14
"""As long as the default policy says."""


def gone(desk: Desk, *, days_ago: int = 1, credential_id: int | None = None, **order: int) -> int:
    """A desktop that ended so many days ago; of the day before is its snapshot, with the number of the id."""
    company_id = desk.provider.company_id or 0
    credential_id = credential_id or add_azure_credential(desk.context, company_id=company_id)
    workspace_id = ready(desk, credential_id, **order)
    ended_at = desk.clock.now() - DAY * days_ago
    moments = {"issued_at": ended_at - DAY, "taken_at": ended_at - DAY}
    machine = desk.row(workspace_id).cloud_workspace_id
    add(
        desk, credential_id, f"{machine}-s1", workspace_id=workspace_id, cloud_workspace_id=machine, **moments
    )
    values = {
        "phase": Phase.GONE,
        "desired": Desired.ABSENT,
        "cloud_state": None,
        "terminated_at": ended_at,
        "due_at": None,
    }
    set_rows(desk.session, Workspace.id == workspace_id, **values)
    desk.session.commit()
    desk.notifier.notifications.clear()
    return workspace_id


def left(days_ago: int = 1) -> timedelta:
    """How long the snapshot of such a desktop is still kept."""
    return DAY * (KEPT_DAYS - days_ago)


def bring_back(desk: Desk, workspace_id: int, *, company_id: int | None = None) -> int:
    """The new desktop's id."""
    about = {"company_id": company_id or desk.provider.company_id or 0, "actor": desk.actor}
    return bringing_back.bring_back(desk.context, workspace_id, **about).id


def change(desk: Desk, table: type, **values: object) -> None:
    """In all rows."""
    with desk.sessions.begin() as session:
        session.execute(update(table).values(**values))
    desk.session.expire_all()


def failed(
    desk: Desk,
    *,
    state: ReturnState = ReturnState.DONE,
    credential_id: int | None = None,
    **order: int,
) -> int:
    """A desktop that is ready, and to which the files did not come."""
    former = gone(desk, credential_id=credential_id, **order)
    made, now = bring_back(desk, former), desk.clock.now()
    make_ready(desk.context, made, at=now)
    ended_at = now if state is ReturnState.DONE else None
    change(desk, FileReturn, state=state, ended_at=ended_at, error_code="files_not_copied", error_at=now)
    return made
