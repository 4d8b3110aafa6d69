"""The trail: of a company for its page, and as the chain vouches for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, scoped_session

from webapp.models import TrailEntry

AnySession = Session | scoped_session[Session]


@dataclass(frozen=True, slots=True)
class TrailFilter:
    who: str = ""
    """A part of the actor's name or of the address."""
    actions: Sequence[str] = ()
    is_refused: bool = False
    since: datetime | None = None
    until: datetime | None = None


def list_entries(
    session: AnySession, wanted: TrailFilter, *, company_id: int, limit: int, before_id: int | None = None
) -> list[TrailEntry]:
    """Newest first."""
    query = _matching(wanted).where(TrailEntry.company_id == company_id)
    if before_id is not None:
        query = query.where(TrailEntry.id < before_id)
    return list(session.scalars(query.order_by(TrailEntry.id.desc()).limit(limit)))


def _matching(wanted: TrailFilter) -> Select[TrailEntry]:
    query = select(TrailEntry)
    if wanted.who:
        text = wanted.who.lower()
        is_named = TrailEntry.actor.icontains(text, autoescape=True)
        query = query.where(or_(is_named, TrailEntry.address == text))
    if wanted.actions:
        query = query.where(TrailEntry.action.in_(wanted.actions))
    if wanted.is_refused:
        query = query.where(TrailEntry.outcome == "refused")
    if wanted.since is not None:
        query = query.where(TrailEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(TrailEntry.at < wanted.until)
    return query


def as_chained(entry: TrailEntry) -> dict[str, Any]:
    """Everything in the row, as plain values: what the chain vouches for, and what an export shows."""
    values = {column.key: getattr(entry, column.key) for column in TrailEntry.__mapper__.column_attrs}
    return values | {"at": entry.at.astimezone(UTC).isoformat(timespec="microseconds")}
