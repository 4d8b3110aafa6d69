"""What other parts of Berth know for the record of an end. None: nothing is known of it.

Each is asked once, in the transaction that ends the workspace, and what it says is kept in the record.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from webapp.domain import system_images
from webapp.domain.disk_snapshots import kept_until
from webapp.domain.end_records import IMAGES, SNAPSHOTS
from webapp.models import DesktopConnection, DirectoryUser, DirectoryUserState, UseDay, Workspace
from webapp.queries.disk_snapshots import find_newest, policy_for
from webapp.queries.system_images import list_outliving

AnySession = Session | scoped_session[Session]


@dataclass(frozen=True, slots=True)
class Use:
    """How often and how long the person was connected."""

    days: int
    """So many days with a connection."""
    seconds: int | None
    """None: the cloud counts no time."""
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Access:
    """When the person could no longer get in, if that was before the desktop was gone."""

    suspended_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A snapshot of the disk, or an image of the system, that outlives the desktop."""

    part: str
    """The key of the part of which it is."""
    name: str
    taken_at: datetime
    kept_until: datetime


@dataclass(frozen=True, slots=True)
class PersonInDirectory:
    """What became of the user in the directory."""

    username: str
    is_made_by_berth: bool
    outcome: str
    """A sentence."""


def use_of(session: AnySession, workspace: Workspace) -> Use | None:
    """From the days of connection, as far back as they are kept."""
    connection = session.get(DesktopConnection, workspace.id)
    if connection is None:
        return None
    days = select(func.count()).select_from(UseDay).where(UseDay.workspace_id == workspace.id)
    return Use(
        days=session.scalar(days) or 0,
        seconds=None,
        first_at=connection.first_connected_at,
        last_at=connection.last_connected_at,
    )


def access_of(workspace: Workspace) -> Access | None:
    """From the suspension."""
    if workspace.suspended_at is None:
        return None
    return Access(suspended_at=workspace.suspended_at, ended_at=workspace.access_ended_at)


def kept_of(session: AnySession, workspace: Workspace) -> list[Kept]:
    """From the snapshots that Berth took, by what the company wants at the end, and the images."""
    if workspace.terminated_at is None:
        return []
    ended_at, policy = workspace.terminated_at, policy_for(session, workspace)
    until = system_images.kept_until(ended_at)
    images = [
        Kept(IMAGES, one.name, one.created_at or one.issued_at, until)
        for one in list_outliving(session, workspace)
    ]
    newest = find_newest(session, workspace)
    if newest is None or not policy.days_after_end:
        return images
    taken_at = newest.taken_at or newest.issued_at
    return [Kept(SNAPSHOTS, newest.name, taken_at, kept_until(ended_at, policy)), *images]


def person_in_directory(session: AnySession, workspace: Workspace) -> PersonInDirectory | None:
    """From the users of directories."""
    user = session.scalar(
        select(DirectoryUser).where(
            DirectoryUser.company_id == workspace.company_id, DirectoryUser.slot == workspace.slot
        )
    )
    if user is None or user.state not in _OUTCOMES:
        return None
    is_ours = user.state is DirectoryUserState.MADE
    outcome = DISABLED if is_ours and user.disabled_at is not None else _OUTCOMES[user.state]
    return PersonInDirectory(user.username, is_made_by_berth=is_ours, outcome=outcome)


DISABLED = "Created by Berth, and disabled at the end; it is still in the directory."
_OUTCOMES = {
    DirectoryUserState.MADE: "Created by Berth, and still enabled in the directory.",
    DirectoryUserState.FOUND: "Was there before. Berth did not change it.",
}
"""Berth deletes no users."""
