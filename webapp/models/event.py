"""Events: the log of a workspace. Append-only; written in the transaction of the change it records."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.actor import Actor
from webapp.domain.decisions.note import Level
from webapp.domain.lifecycle import State
from webapp.models.base import Base, enum_column
from webapp.models.workspace import Workspace

MESSAGE_LENGTH = 400
ACTOR_LENGTH = 160
_OF_PEOPLE = text("actor_id IS NOT NULL")


class Event(Base):
    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_workspace_id_id", "workspace_id", "id"),
        Index("ix_events_actor", "actor_id", "id", sqlite_where=_OF_PEOPLE, postgresql_where=_OF_PEOPLE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="RESTRICT"))
    at: Mapped[datetime]
    level: Mapped[Level] = mapped_column(enum_column(Level))
    event: Mapped[str] = mapped_column(String(48))
    """A stable name, such as `ordered` or `create_sent`."""
    message: Mapped[str] = mapped_column(String(MESSAGE_LENGTH))
    """A sentence for people."""
    actor: Mapped[str] = mapped_column(String(ACTOR_LENGTH))
    """Who caused it: a person's address, `token:<name>`, `berth` or `cloud`. The address is replaced when the
    person's account is removed; nothing else of an event ever changes."""
    actor_id: Mapped[int | None]
    """The person, whatever the address is by now; NULL for `berth` and `cloud`. The row of a person stays."""
    from_state: Mapped[str | None] = mapped_column(String(16))
    to_state: Mapped[str | None] = mapped_column(String(16))
    request_id: Mapped[str | None] = mapped_column(String(64))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Plain facts (phase, attempt, codes); never a secret, never a raw response."""

    @classmethod
    def about(
        cls,
        workspace: Workspace,
        *,
        at: datetime,
        event: str,
        message: str,
        actor: Actor,
        level: Level = Level.INFO,
        from_state: State | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> "Event":
        """One line about `workspace` as it is now; the caller adds it to the transaction of the change."""
        return cls(
            company_id=workspace.company_id,
            workspace_id=workspace.id,
            at=at,
            level=level,
            event=event,
            message=message[:MESSAGE_LENGTH],
            actor=actor.label[:ACTOR_LENGTH],
            actor_id=actor.user_id,
            from_state=from_state.value if from_state else None,
            to_state=workspace.state.value,
            request_id=actor.request_id,
            details={"phase": workspace.phase.value, "attempt": workspace.attempt, **(details or {})},
        )
