"""Undoing many terminations: each separately, and none stops the others."""

from collections.abc import Sequence

from webapp.domain.access import Because
from webapp.domain.actor import Actor
from webapp.domain.errors import Conflict, NotFound
from webapp.models import Workspace
from webapp.queries import workspaces as queries
from webapp.services import workspace_actions
from webapp.services.bulk import MOST, Line, line_of
from webapp.services.context import ServiceContext


def undo_all(context: ServiceContext, ids: Sequence[int], *, company_id: int, actor: Actor) -> list[Line]:
    """Give each back that was terminated and is still there; safe to repeat."""
    rows = queries.list_by_ids(context.session, ids[:MOST], company_id=company_id)
    lines = [line_of(row, _refusal(row)) for row in rows]
    context.session.commit()
    return [_undone(context, line, company_id=company_id, actor=actor) for line in lines]


def _undone(context: ServiceContext, line: Line, *, company_id: int, actor: Actor) -> Line:
    if line.refusal is not None:
        return line
    try:
        workspace_actions.undo(context, line.workspace_id, company_id=company_id, actor=actor)
    except (Conflict, NotFound) as error:
        return Line(line.workspace_id, line.person, line.job, line.username, line.state, error.message)
    return line


def _refusal(row: Workspace) -> str | None:
    if row.suspended_because is Because.TERMINATE_REQUESTED:
        return None
    return "Nobody has terminated it, or its contract has ended."
