"""Writing an event beside the change that it tells; the caller commits both together."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, scoped_session

from webapp.domain.actor import Actor
from webapp.domain.lifecycle import State
from webapp.models import Event, Level, Workspace


def record(
    session: Session | scoped_session[Session],
    workspace: Workspace,
    *,
    at: datetime,
    event: str,
    message: str,
    actor: Actor,
    level: Level = Level.INFO,
    from_state: State | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Add one line to the log of `workspace`; `to_state` is what it is now."""
    session.add(
        Event(
            company_id=workspace.company_id,
            workspace_id=workspace.id,
            at=at,
            level=level,
            event=event,
            message=message[:400],
            actor=actor.label[:160],
            from_state=from_state.value if from_state else None,
            to_state=workspace.state.value,
            request_id=actor.request_id,
            details={"phase": workspace.phase.value, "attempt": workspace.attempt, **(details or {})},
        )
    )
