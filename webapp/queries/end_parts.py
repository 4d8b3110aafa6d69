"""What other parts of Berth know for the record of an end. None: nothing is known of it (yet).

Each is asked once, in the transaction that ends the workspace, and what it says is kept in the record.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, scoped_session

from webapp.models import Workspace

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
class PersonInDirectory:
    """What became of the user in the directory."""

    username: str
    is_made_by_berth: bool
    outcome: str
    """A sentence."""


def use_of(_session: AnySession, _workspace: Workspace) -> Use | None:
    """From the days of connection."""
    return None


def access_of(_session: AnySession, _workspace: Workspace) -> Access | None:
    """From the suspension."""
    return None


def person_in_directory(_session: AnySession, _workspace: Workspace) -> PersonInDirectory | None:
    """From the users of directories."""
    return None
