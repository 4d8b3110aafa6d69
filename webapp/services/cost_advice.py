"""Advice about the costs of one workspace, from the log of its use this month and its list prices."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from webapp.domain.costs.advice import Advice, TooBig, advise, find_too_big
from webapp.domain.costs.rates import Rates
from webapp.domain.costs.sizes import find_size
from webapp.domain.costs.spans import Power, day_of, month_of, starts_at
from webapp.domain.loads import SPAN
from webapp.models import UsageSpan, Workspace
from webapp.providers.registry import get_provider
from webapp.queries import costs as queries
from webapp.queries.connections import connection_to
from webapp.queries.loads import count_use_days, find_load
from webapp.services.context import ServiceContext
from webapp.services.prices import smaller_rates, workspace_rates


def advice_for(context: ServiceContext, workspace: Workspace) -> tuple[Advice, ...]:
    """For a workspace that the caller has loaded inside its tenant, with its credential."""
    now = context.clock.now()
    month_began_at = starts_at(month_of(day_of(now)))
    spans = queries.list_spans(context.session, workspace, since=month_began_at)
    mine = [one for one in spans if one.generation == workspace.generation]
    connection, rates = connection_to(workspace), workspace_rates(context, workspace)
    too_big = _too_big(context, workspace, rates, now=now)
    found = advise(
        rates,
        ran=_ran(mine, since=month_began_at, now=now),
        stopped_since=_stopped_since(mine),
        now=now,
        unused_since=connection and connection.quiet_since,
        is_never_used=connection is not None and connection.is_never,
    )
    return found if too_big is None else (*found, too_big)


def _too_big(
    context: ServiceContext, workspace: Workspace, rates: Rates | None, *, now: datetime
) -> TooBig | None:
    """Only of a reading that is not old, and of a machine that was what it is now since it began."""
    sizes = get_provider(workspace.cloud_provider).billing.sizes
    measured = find_load(context.session, workspace)
    if measured is None or measured.load is None or now - measured.read_at > SPAN:
        return None
    since = measured.read_at - SPAN
    spans = queries.list_spans(context.session, workspace, since=since)
    machines = {(one.generation, one.compute_type) for one in spans if one.compute_type is not None}
    if machines != {(workspace.generation, workspace.compute_type)}:
        return None
    return find_too_big(
        measured.load,
        find_size(sizes, workspace.compute_type),
        rates,
        smaller_rates(context, workspace),
        measured_until=measured.read_at,
        used_days=count_use_days(
            context.session, workspace, first=day_of(since), last=day_of(measured.read_at)
        ),
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
