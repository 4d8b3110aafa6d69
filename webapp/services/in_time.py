"""When an order that waits for its contract is begun, until the workers' plan says it better."""

from datetime import datetime
from typing import Any

from webapp.domain.in_time import lead_of, planned_at
from webapp.models import Workspace
from webapp.providers.registry import get_provider


def first_plan(cloud_provider: str, starts_at: datetime | None, *, now: datetime) -> datetime | None:
    """By what is usual in the cloud; None: now. `engine.duties.starts` spreads many that start at once."""
    usual = get_provider(cloud_provider).advice.usual.create
    return planned_at(starts_at, lead=lead_of(None, usual, longest=usual), now=now)


def plan_again(row: Workspace, starts_at: datetime | None, *, now: datetime) -> dict[str, Any]:
    """The columns of an order in time that has another start, or is tried again; others are made at once.

    One that is made now counts from now, not from its first order.
    """
    if row.make_at is None:
        return {}
    return {"make_at": first_plan(row.cloud_provider, starts_at, now=now) or now}
