"""Advice about the costs of one workspace, from the log of its use this month and its list prices."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from webapp.domain.costs.advice import Advice, advise
from webapp.domain.costs.spans import Power, day_of, month_of, starts_at
from webapp.models import UsageSpan, Workspace
from webapp.queries import costs as queries
from webapp.queries.connections import connection_to
from webapp.services.context import ServiceContext
from webapp.services.prices import workspace_rates


def advice_for(context: ServiceContext, workspace: Workspace) -> tuple[Advice, ...]:
    """For a workspace that the caller has loaded inside its tenant, with its credential."""
    now = context.clock.now()
    month_began_at = starts_at(month_of(day_of(now)))
    spans = queries.list_spans(context.session, workspace, since=month_began_at)
    mine = [one for one in spans if one.generation == workspace.generation]
    connection = connection_to(workspace)
    return advise(
        workspace_rates(context, workspace),
        ran=_ran(mine, since=month_began_at, now=now),
        stopped_since=_stopped_since(mine),
        now=now,
        unused_since=connection and connection.quiet_since,
        is_never_used=connection is not None and connection.is_never,
    )


def _ran(spans: Sequence[UsageSpan], *, since: datetime, now: datetime) -> timedelta:
    """In this mode, whatever it was before."""
    modes = {one.running_mode for one in spans[-1:]}
    lengths = (
        (one.ended_at or now) - max(one.began_at, since)
        for one in spans
        if one.power is Power.RUNNING and one.running_mode in modes
    )
    return sum((max(one, timedelta(0)) for one in lengths), timedelta(0))


def _stopped_since(spans: Sequence[UsageSpan]) -> datetime | None:
    """Since when without a break; None if it does not stand still now."""
    since: datetime | None = None
    for one in reversed(spans):
        if one.power is not Power.STOPPED or (since is None and one.ended_at is not None):
            break
        since = one.began_at
    return since
