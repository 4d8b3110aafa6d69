"""Who is connected to a workspace, and lists of those that nobody has been connected to for long."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import Session, scoped_session

from webapp.domain.connections import ConnectionState
from webapp.models import DesktopConnection, Workspace
from webapp.models.desktop_connection import IS_NEVER
from webapp.queries.branches import MOST_COUNTED

AnySession = Session | scoped_session[Session]


@dataclass(frozen=True, slots=True)
class LastConnection:
    """What is known of the connections to one workspace."""

    state: ConnectionState
    first_connected_at: datetime | None
    last_connected_at: datetime | None
    """While somebody is connected, since when at the latest."""
    checked_at: datetime
    """When the cloud was asked last."""
    is_past_known: bool
    quiet_since: datetime | None

    @property
    def is_connected(self) -> bool:
        return self.state is ConnectionState.CONNECTED

    @property
    def is_never(self) -> bool:
        """Nobody has ever been connected."""
        return self.last_connected_at is None and self.is_past_known


def last_connection(row: DesktopConnection | None, *, looked_at: datetime | None) -> LastConnection | None:
    """`looked_at`: the newest look at the account. None: the cloud has said nothing yet."""
    if row is None:
        return None
    checked_at = row.checked_at
    if row.is_watched and looked_at is not None:
        checked_at = max(checked_at, looked_at)
    return LastConnection(
        row.state,
        row.first_connected_at,
        row.last_connected_at,
        checked_at,
        row.is_past_known,
        row.quiet_since,
    )


def connection_to(workspace: Workspace) -> LastConnection | None:
    """Of a workspace that was loaded with its credential."""
    return last_connection(workspace.desktop_connection, looked_at=workspace.credential.connections_looked_at)


class ConnectedFilter(StrEnum):
    NEVER = "never"
    """Nobody has ever been connected."""
    NOT_FOR_7_DAYS = "7"
    NOT_FOR_14_DAYS = "14"
    NOT_FOR_30_DAYS = "30"


@dataclass(frozen=True, slots=True)
class ConnectedAt:
    """A filter, and when."""

    kind: ConnectedFilter
    now: datetime

    def few_ids(self, session: AnySession, company_id: int) -> list[int] | None:
        """All that may match, from an index of their own; None if a list would not count so many."""
        found = list(session.scalars(self.ids(company_id).limit(MOST_COUNTED + 1)))
        return found if len(found) <= MOST_COUNTED else None

    def condition(self, company_id: int, *, are_known: bool) -> ColumnElement[bool]:
        """`are_known`: only `few_ids` are in question."""
        if are_known:
            return true()
        is_its = DesktopConnection.workspace_id == Workspace.id
        return self.ids(company_id).where(is_its).correlate(Workspace).exists()

    def ids(self, company_id: int) -> Select[int]:
        own = select(DesktopConnection.workspace_id).where(DesktopConnection.company_id == company_id)
        if self.kind is ConnectedFilter.NEVER:
            return own.where(IS_NEVER)
        return own.where(DesktopConnection.quiet_since <= self.now - timedelta(days=int(self.kind)))
