"""Who is connected to each workspace, and the days on which somebody was; beside its wide, much indexed row.

Written by the lease holder only when a look found something new (`engine/connection_rows.py`); when an
account was looked at, its credential says. Why: docs/decisions/connections.md.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.connections import ConnectionState, Known
from webapp.models.base import Base, enum_column

IS_NEVER_SQL = "quiet_since IS NOT NULL AND first_connected_at IS NULL AND is_past_known"
"""Nobody has ever been connected to it."""
IS_OPEN_SQL = "(state = 'connected' OR quiet_since IS NOT NULL)"
"""It is in use still, as far as the newest look knows."""

ORDER_RANK = (
    "CASE WHEN state = 'connected' THEN 4 WHEN last_connected_at IS NOT NULL THEN 3"
    " WHEN is_past_known THEN 2 END"
)
ORDER_AT = "coalesce(last_connected_at, checked_at)"


def _only(condition: str) -> dict[str, Any]:
    """An index of the rows for which this holds, on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class DesktopConnection(Base):
    __tablename__ = "desktop_connections"
    __table_args__ = (
        Index("ix_desktop_connections_quiet", "company_id", "quiet_since", "workspace_id"),
        # With `quiet_since`, or SQLite would take the index before for what is not NULL.
        Index(
            "ix_desktop_connections_never",
            "company_id",
            "quiet_since",
            "workspace_id",
            **_only(IS_NEVER_SQL),
        ),
        Index("ix_desktop_connections_order", "company_id", "order_rank", "order_at", "workspace_id"),
        Index("ix_desktop_connections_open", "credential_id", "workspace_id", **_only(IS_OPEN_SQL)),
        CheckConstraint(
            "(first_connected_at IS NULL) = (last_connected_at IS NULL)", name="first_and_last_connection"
        ),
        CheckConstraint("state != 'connected' OR quiet_since IS NULL", name="not_quiet_while_connected"),
    )

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="RESTRICT"))
    state: Mapped[ConnectionState] = mapped_column(enum_column(ConnectionState))
    is_watched: Mapped[bool]
    """The account's next look includes it: when it was looked at, the credential says."""
    checked_at: Mapped[datetime]
    """When a look last found something new."""
    is_past_known: Mapped[bool]
    """False: somebody may have been connected before the first look, on a cloud that does not remember."""
    first_connected_at: Mapped[datetime | None]
    last_connected_at: Mapped[datetime | None]
    """While somebody is connected, the beginning at the latest; the newest look stands for it then."""
    used_day: Mapped[date | None]
    """The newest day of use (UTC)."""
    quiet_since: Mapped[datetime | None]
    """As in `Known`; also NULL when the desktop is in use no more."""
    idle_noted_at: Mapped[datetime | None]
    """When it was said to be idle; NULL again as soon as somebody connects."""
    order_rank: Mapped[int | None] = mapped_column(Computed(ORDER_RANK, persisted=True), deferred=True)
    """In the order by the last connection: never, once, now; NULL if nobody knows. The database writes it."""
    order_at: Mapped[datetime | None] = mapped_column(Computed(ORDER_AT, persisted=True), deferred=True)
    """Within the same rank."""

    @property
    def known(self) -> Known:
        return Known(
            state=self.state,
            is_watched=self.is_watched,
            checked_at=self.checked_at,
            is_past_known=self.is_past_known,
            first_connected_at=self.first_connected_at,
            last_connected_at=self.last_connected_at,
            used_day=self.used_day,
            quiet_since=self.quiet_since,
        )


IS_NEVER, IS_OPEN = text(IS_NEVER_SQL), text(IS_OPEN_SQL)
"""The conditions of the indexes for queries, word for word: SQLite knows its indexes by the words."""


class UseDay(Base):
    """A day (UTC) on which somebody was connected to a workspace."""

    __tablename__ = "use_days"
    __table_args__ = (Index("ix_use_days_day", "day"),)

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    day: Mapped[date] = mapped_column(primary_key=True)
