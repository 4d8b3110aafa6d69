"""One action on many workspaces: each is checked and requested separately, and none stops the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.domain.actor import Actor
from webapp.domain.end_rules import lock_said
from webapp.domain.errors import Conflict, NotFound
from webapp.domain.lifecycle import Action, Desired, State
from webapp.models import Workspace
from webapp.queries import workspaces as queries
from webapp.queries.troubleshooting import lock_on
from webapp.services import workspace_actions
from webapp.services.context import ServiceContext

MOST = 500
"""Maximum number of workspaces per action."""
BULK_ACTIONS = (Action.START, Action.STOP, Action.RESTART, Action.TERMINATE)


@dataclass(frozen=True, slots=True)
class Line:
    """One workspace, and why it is skipped; `refusal` is None for what can be, or was, done."""

    workspace_id: int
    person: str
    job: str
    username: str
    state: State
    refusal: str | None
    lock: str = ""
    """What keeps the cloud from deleting it, if that is the action."""


def preview(context: ServiceContext, ids: Sequence[int], action: Action, *, company_id: int) -> list[Line]:
    """What the action would do to each. Ids of other companies, and unknown ids, are ignored."""
    rows = queries.list_by_ids(context.session, ids[:MOST], company_id=company_id)
    now = context.clock.now()
    return [line_of(row, _refusal(row, action, now), lock=_lock(row, action)) for row in rows]


def press_all(
    context: ServiceContext,
    ids: Sequence[int],
    action: Action,
    *,
    company_id: int,
    actor: Actor,
    at_once: bool = False,
) -> list[Line]:
    """Request the action for each that allows it; safe to repeat. `at_once`: terminate without the grace."""
    lines = []
    for line in preview(context, ids, action, company_id=company_id):
        refusal = line.refusal
        if refusal is None:
            try:
                workspace_actions.press(
                    context, line.workspace_id, action, company_id=company_id, actor=actor, at_once=at_once
                )
            except (Conflict, NotFound) as error:  # it changed since the page was shown
                refusal = error.message
        lines.append(Line(line.workspace_id, line.person, line.job, line.username, line.state, refusal))
    return lines


def _refusal(row: Workspace, action: Action, now: datetime) -> str | None:
    if action is Action.TERMINATE and row.desired is Desired.ABSENT and row.state is not State.TERMINATED:
        return "It is already being terminated."
    return row.refusal(action, now)


def _lock(row: Workspace, action: Action) -> str:
    lock = lock_on(row) if action is Action.TERMINATE else None
    return lock_said(lock) if lock is not None else ""


def line_of(row: Workspace, refusal: str | None, *, lock: str = "") -> Line:
    """With the reason why it is skipped."""
    person, job = row.application.seeker.name, row.application.job_posting.title
    return Line(row.id, person, job, row.username, row.state, refusal, lock)
