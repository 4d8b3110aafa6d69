"""When each workspace is looked at, and what changes at every look; beside its wide, much indexed row.

Why: docs/decisions/narrow_schedule.md.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, update
from sqlalchemy.orm import Mapped, Session, mapped_column, scoped_session

from webapp.models.base import Base

MOST_AT_ONCE = 500
"""Maximum values in one IN (…), as everywhere."""


class Schedule(Base):
    __tablename__ = "schedules"
    __table_args__ = (Index("ix_schedules_due", "credential_id", "due_at", "workspace_id"),)

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="RESTRICT"))
    """The workspace's, for the index; written with it."""
    due_at: Mapped[datetime | None]
    """When a worker should next check the workspace; NULL only if nothing is left to do."""
    version: Mapped[int] = mapped_column(default=1)
    """Counts every write but that of a look that found nothing, which is refused if it has changed."""
    observed_at: Mapped[datetime | None]
    """When the cloud last responded about the workspace, found or not."""
    heartbeat_at: Mapped[datetime | None]
    """The last heartbeat that the cloud reports, by its clock; for people, no state follows from it."""


def reschedule(
    session: Session | scoped_session[Session], workspace_ids: Sequence[int], **values: Any
) -> None:
    """Part of every transaction that changes workspaces: a look under way no longer puts them off."""
    ids = sorted(workspace_ids)
    for start in range(0, len(ids), MOST_AT_ONCE):
        session.execute(
            update(Schedule)
            .where(Schedule.workspace_id.in_(ids[start : start + MOST_AT_ONCE]))
            .values(**values, version=Schedule.version + 1)
            .execution_options(synchronize_session=False)
        )
