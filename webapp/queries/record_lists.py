"""Lists of records of ends inside their company, newest end first: by the index of the company's ends."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, literal, select, tuple_
from sqlalchemy.orm import defer

from webapp.database import UtcDateTime
from webapp.models import EndRecord, Workspace
from webapp.queries.branches import count_some
from webapp.queries.searching import search
from webapp.queries.workspaces import AnySession


@dataclass(frozen=True, slots=True)
class RecordFilter:
    q: str = ""
    """Of person or desktop, as the list of desktops searches; by the names that people have now."""
    since: datetime | None = None
    """The absence was proven then or later."""
    until: datetime | None = None
    """Before then."""

    @property
    def is_any(self) -> bool:
        return bool(self.q.strip() or self.since or self.until)


def list_records(
    session: AnySession,
    wanted: RecordFilter,
    *,
    company_id: int,
    limit: int,
    before: tuple[datetime, int] | None = None,
) -> list[EndRecord]:
    """`before`: the `terminated_at` and `id` of the last one that was shown."""
    query = _matching(session, wanted, company_id=company_id)
    if before is not None:
        at, record_id = before
        place = tuple_(literal(at, UtcDateTime()), literal(record_id))
        query = query.where(tuple_(EndRecord.terminated_at, EndRecord.id) < place)
    query = query.options(defer(EndRecord.details), defer(EndRecord.costs))
    return list(
        session.scalars(query.order_by(EndRecord.terminated_at.desc(), EndRecord.id.desc()).limit(limit))
    )


def count_records(session: AnySession, wanted: RecordFilter, *, company_id: int) -> int:
    """As far as MOST_COUNTED + 1."""
    some = _matching(session, wanted, company_id=company_id).with_only_columns(EndRecord.id)
    return count_some(session, some)


def _matching(session: AnySession, wanted: RecordFilter, *, company_id: int) -> Select[EndRecord]:
    query = select(EndRecord).where(EndRecord.company_id == company_id)
    if wanted.q.strip():
        found = search(session, wanted.q, company_id=company_id)
        query = query.where(EndRecord.workspace_id.in_(select(Workspace.id).where(found.condition)))
    if wanted.since is not None:
        query = query.where(EndRecord.terminated_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(EndRecord.terminated_at < wanted.until)
    return query
