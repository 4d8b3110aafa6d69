"""The figures about one workspace: how long it took, how long it ran, how often it was tried."""

from dataclasses import dataclass
from datetime import datetime

from webapp.domain.usage import RUNNING, time_in_states
from webapp.models import Workspace
from webapp.queries import workspaces as queries
from webapp.queries.connections import connection_to
from webapp.services.context import ServiceContext

SENT = "create_sent"
"""The event that records that a machine was ordered in the cloud."""


@dataclass(frozen=True, slots=True)
class Usage:
    provisioning_seconds: int | None
    """None until it has been usable."""
    time_in_state_seconds: dict[str, int]
    running_seconds: int
    attempts: int
    connection_state: str | None
    """None: the cloud has said nothing yet."""
    last_connected_at: datetime | None
    since: datetime


def usage_of(context: ServiceContext, workspace: Workspace) -> Usage:
    """For a workspace that the caller has loaded inside its tenant."""
    steps = queries.list_steps(context.session, workspace=workspace)
    until = workspace.terminated_at or context.clock.now()
    spent = time_in_states([(at, state) for at, _, state in steps if state is not None], until=until)
    connection = connection_to(workspace)
    ready_at, begun_at = workspace.available_at, workspace.make_at or workspace.created_at
    return Usage(
        provisioning_seconds=None if ready_at is None else round((ready_at - begun_at).total_seconds()),
        time_in_state_seconds=spent,
        running_seconds=sum(seconds for state, seconds in spent.items() if state in RUNNING),
        attempts=sum(event == SENT for _, event, _ in steps),
        connection_state=None if connection is None else connection.state.value,
        last_connected_at=None if connection is None else connection.last_connected_at,
        since=workspace.created_at,
    )
