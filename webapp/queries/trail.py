"""The trail: of a company for its page, and as the chain vouches for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, scoped_session

from webapp.models import TrailEntry, TrailLink

AnySession = Session | scoped_session[Session]

LATE_IDS = 1000
"""A line of the trail may be committed after so many others with higher ids; then it is still found."""


@dataclass(frozen=True, slots=True)
class TrailFilter:
    who: str = ""
    """A part of the actor's name or of the address."""
    actions: Sequence[str] = ()
    is_refused: bool = False
    since: datetime | None = None
    until: datetime | None = None


def list_entries(
    session: AnySession,
    wanted: TrailFilter,
    *,
    company_id: int | None,
    limit: int,
    before_id: int | None = None,
) -> list[TrailEntry]:
    """Newest first. Without a company those that belong to none."""
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


IS_LINKED = exists().where(TrailLink.entry_id == TrailEntry.id)
NEWEST_LINKED = select(func.coalesce(func.max(TrailLink.entry_id), 0)).scalar_subquery()
"""The highest id that is linked."""


def unlinked_entries() -> Select[TrailEntry]:
    """Old ones without a link are not looked for here: the check names them."""
    return select(TrailEntry).where(TrailEntry.id > NEWEST_LINKED - LATE_IDS, ~IS_LINKED)
