"""Users of directories that Berth knows of, by the names that are taken there."""

from collections.abc import Collection

from sqlalchemy import func, or_, select

from webapp.domain.decisions.users import TAKEN
from webapp.models import CloudCredential, DirectoryUser, DirectoryUserState, Orphan, Workspace
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


def list_holders(session: AnySession, slots: Collection[str]) -> dict[str, int | None]:
    """Of the slots that are taken: for which person alone Berth made a user there; None: for nobody."""
    if not slots:
        return {}
    made = session.execute(
        select(DirectoryUser.slot, DirectoryUser.person_id).where(
            DirectoryUser.slot.in_(slots), DirectoryUser.state != DirectoryUserState.FOUND
        )
    )
    holders: dict[str, int | None] = {slot: person_id for slot, person_id in made}
    found = select(DirectoryUser.slot).where(
        DirectoryUser.slot.in_(slots), DirectoryUser.state == DirectoryUserState.FOUND
    )
    live = select(Workspace.slot).where(Workspace.slot.in_(slots), IS_LIVE)
    return holders | dict.fromkeys([*session.scalars(found), *session.scalars(live)])


def list_seen_names(session: AnySession, credential: CloudCredential, keys: Collection[str]) -> set[str]:
    """Those of the names, as `username_key` writes them, that the directory has shown to be somebody's.

    Whose desktop Berth did not make, or whom an order was refused for. `credential`: loaded in its tenant.
    """
    orphans = select(func.lower(Orphan.username)).where(
        Orphan.credential_id == credential.id,
        Orphan.company_id == credential.company_id,
        func.lower(Orphan.username).in_(keys),
    )
    refused = select(func.lower(Workspace.username)).where(
        Workspace.company_id == credential.company_id,
        Workspace.credential_id == credential.id,
        Workspace.error_code == TAKEN.code,
        func.lower(Workspace.username).in_(keys),
    )
    return {*session.scalars(orphans), *session.scalars(refused)}


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
