"""Users of directories that Berth knows of, by the names that are taken there."""

from collections.abc import Collection

from sqlalchemy import or_, select

from webapp.models import DirectoryUser, Workspace
from webapp.models.workspace import IS_LIVE
from webapp.queries.workspaces import AnySession


def list_taken_slots(session: AnySession, slots: Collection[str], *, person_id: int) -> set[str]:
    """Those of the slots that hold a desktop, or a user that was made for somebody else."""
    if not slots:
        return set()
    of_others = or_(DirectoryUser.person_id.is_(None), DirectoryUser.person_id != person_id)
    live = session.scalars(select(Workspace.slot).where(Workspace.slot.in_(slots), IS_LIVE))
    made = session.scalars(select(DirectoryUser.slot).where(DirectoryUser.slot.in_(slots), of_others))
    return {*live, *made}


def find_directory_user(session: AnySession, workspace: Workspace) -> DirectoryUser | None:
    """Of a workspace that the caller has loaded inside its tenant: what Berth did about its user."""
    return session.scalar(
        select(DirectoryUser).where(
            DirectoryUser.workspace_id == workspace.id,
            DirectoryUser.company_id == workspace.company_id,
            # Its order may have made another user before the name was corrected.
            DirectoryUser.slot == workspace.slot,
        )
    )
