"""Users of directories that Berth knows of, by the names that are taken there."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from webapp.domain.decisions.users import TAKEN
from webapp.domain.lifecycle import Desired, Phase
from webapp.models import CloudCredential, DirectoryUser, DirectoryUserState, Orphan, Workspace
from webapp.models.workspace import IS_LIVE
from webapp.queries.workspaces import AnySession

HAS_PASSWORD_IN_DOUBT = and_(
    DirectoryUser.password_asked_at.is_not(None),
    ~DirectoryUser.password_waits,
    DirectoryUser.password_set_at.is_(None),
    DirectoryUser.password_failure.is_(None),
)
"""The worker that sets it has not answered, and may have been killed after the call, which enables."""


def is_unfinished(credential: CloudCredential, *, now: datetime) -> ColumnElement[bool]:
    """A user who may be enabled, with no desktop of the name that is open, or will be."""
    keeps = exists().where(
        Workspace.company_id == DirectoryUser.company_id,
        Workspace.username_key == DirectoryUser.username_key,
        Workspace.cloud_provider == credential.cloud_provider,
        Workspace.desired == Desired.PRESENT,
        Workspace.suspended_at.is_(None),
        Workspace.is_not_over(now),
        IS_LIVE,
    )
    return and_(
        DirectoryUser.state.in_((DirectoryUserState.INTENT, DirectoryUserState.MADE)),
        or_(DirectoryUser.disabled_at.is_(None), HAS_PASSWORD_IN_DOUBT),
        ~keeps,
    )


def is_user_left(credential: CloudCredential, *, now: datetime) -> ColumnElement[bool]:
    """A user of the account whose order is over, or closed, and who is still to be disabled."""
    is_over = or_(
        Workspace.phase == Phase.GONE,
        Workspace.desired == Desired.ABSENT,
        Workspace.suspended_at.is_not(None),
    )
    ended = exists().where(Workspace.id == DirectoryUser.workspace_id, is_over)
    of_account = DirectoryUser.credential_id == credential.id
    return and_(of_account, ended, is_unfinished(credential, now=now))


def count_left(session: AnySession, credential: CloudCredential, *, now: datetime) -> int:
    """How many users are still to be disabled; `credential`: loaded in its tenant."""
    left = is_user_left(credential, now=now)
    return session.scalar(select(func.count()).select_from(DirectoryUser).where(left)) or 0


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
