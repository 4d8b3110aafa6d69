"""What the page of one workspace shows, gathered from the row and the tables of the domain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.domain import catalogue
from webapp.domain.cloud_fields import AWS_REGIONS
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, Phase, State
from webapp.identity import doors
from webapp.models import CloudCredential, Event, Workspace
from webapp.pages import live, words
from webapp.queries import workspaces as queries
from webapp.services.connection import Connection, connection_of

SENT_BY = timedelta(seconds=15)
"""An idle worker sends an order within a second, and within ten when the doorbell was lost."""


@dataclass(frozen=True, slots=True)
class ActionLine:
    """One action of a workspace, possible or not."""

    action: Action
    label: str
    effect: str
    refusal: str | None
    is_first: bool
    """The next sensible one."""


def status_context(workspace: Workspace) -> dict[str, object]:
    """What `workspaces/_status.html` needs."""
    connection, not_connectable = connection_or_reason(workspace)
    block = block_of(workspace.credential)
    events = queries.list_events(doors().session, workspace=workspace, limit=50)
    return {
        "workspace": workspace,
        "words": words.STATES[workspace.state],
        "lead": lead_of(workspace, is_blocked=block is not None),
        "actions": action_lines(workspace),
        "error": catalogue.entry(workspace.error_code) if workspace.error_code else None,
        "block": block,
        "connection": connection,
        "not_connectable": not_connectable,
        "events": events,
        "is_late": block is None and is_late(workspace, events, now=doors().clock.now()),
        "region": AWS_REGIONS.get(workspace.credential.public_fields.get("region", ""), ""),
        "poll_s": live.poll_s([workspace], now=doors().clock.now()),
        "is_ended": workspace.state is State.TERMINATED,
    }


def lead_of(workspace: Workspace, *, is_blocked: bool) -> str:
    """What the state means just now: only what the cloud has confirmed is called its work."""
    if workspace.state is not State.PENDING or workspace.phase not in words.ORDERS:
        return words.STATES[workspace.state].company
    return words.ORDER_WAITS if is_blocked else words.ORDERS[workspace.phase]


def is_late(workspace: Workspace, events: Sequence[Event], *, now: datetime) -> bool:
    """An order that nobody has sent for so long: no worker runs, or the cloud is silent."""
    waits = workspace.state is State.PENDING and workspace.phase is Phase.REQUESTED
    return waits and bool(events) and events[0].at < now - SENT_BY


def action_lines(workspace: Workspace) -> list[ActionLine]:
    """Every action with its reason when impossible; the first possible sensible one leads."""
    lines = []
    for position, action in enumerate(words.ordered_actions(workspace.state)):
        said = words.ACTIONS[action]
        refusal = _refusal(workspace, action)
        if action is Action.RETRY and refusal and workspace.state is not State.ERROR:
            continue  # retry belongs to failed desktops; elsewhere it would only be noise
        is_first = position == 0 and refusal is None and action not in (Action.STOP, Action.TERMINATE)
        lines.append(ActionLine(action, said.label, said.effect, refusal, is_first))
    return lines


def connection_or_reason(workspace: Workspace) -> tuple[Connection | None, str]:
    try:
        return connection_of(workspace), ""
    except Conflict as error:
        return None, error.message


def block_of(credential: CloudCredential) -> catalogue.Entry | None:
    """Why all work of this account waits, if it does."""
    return catalogue.entry(credential.blocked_code) if credential.blocked_code else None


def _refusal(workspace: Workspace, action: Action) -> str | None:
    if action.value == workspace.pending_action:
        return "It is under way."
    return workspace.refusal(action)
