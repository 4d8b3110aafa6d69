"""When an order that waits for its contract is begun, until the workers' plan says it better."""

from datetime import datetime

from webapp.domain.in_time import lead_of, planned_at
from webapp.providers.registry import get_provider


def first_plan(cloud_provider: str, starts_at: datetime | None, *, now: datetime) -> datetime | None:
    """By what is usual in the cloud; None: now. `engine.duties.starts` spreads many that start at once."""
    usual = get_provider(cloud_provider).advice.usual.create
    return planned_at(starts_at, lead=lead_of(None, usual), now=now)
