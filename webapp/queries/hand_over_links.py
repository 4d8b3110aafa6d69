"""Whose desktop was before, and whose came after, inside a company: also of what no list shows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from webapp.domain.lifecycle import Desired, Phase
from webapp.models import Application, User, Workspace
from webapp.queries.workspaces import IS_LISTED, AnySession


@dataclass(frozen=True, slots=True)
class Linked:
    id: int
    person: str
    is_listed: bool
    is_gone: bool
    is_ending: bool
    terminated_at: datetime | None
    destroy_at: datetime | None
    """Until when it is kept, closed."""


def linked_to(
    session: AnySession, before_id: int | None, after_id: int | None, *, company_id: int
) -> tuple[Linked | None, Linked | None]:
    """From whom a desktop took over, and who took over from it. None are asked for if there is nobody."""
    ids = {one for one in (before_id, after_id) if one is not None}
    if not ids:
        return None, None
    rows = session.execute(
        select(Workspace, User.name, IS_LISTED)
        .join(Application, Application.id == Workspace.application_id)
        .join(User, User.id == Application.seeker_id)
        .where(Workspace.id.in_(ids), Workspace.company_id == company_id)
    )
    found = {row.id: _linked(row, person, is_listed=is_listed) for row, person, is_listed in rows}
    return found.get(before_id or 0), found.get(after_id or 0)


def _linked(row: Workspace, person: str, *, is_listed: bool) -> Linked:
    return Linked(
        id=row.id,
        person=person,
        is_listed=is_listed,
        is_gone=row.phase is Phase.GONE,
        is_ending=row.desired is Desired.ABSENT,
        terminated_at=row.terminated_at,
        destroy_at=row.destroy_at,
    )
