"""The log of what machines were billed as: a span ends and another begins when an observation changes it."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, update
from sqlalchemy.orm import Session

from webapp.domain.costs.spans import Power
from webapp.domain.lifecycle import CloudState, Phase
from webapp.models import UsageSpan, Workspace
from webapp.providers.registry import get_provider

_EXISTS = frozenset({Phase.CREATING, Phase.READY, Phase.STALLED, Phase.TERMINATING})
"""Phases with a known machine that the cloud lists."""


class Usage(NamedTuple):
    """What a machine is billed as."""

    generation: int
    power: Power
    compute_type: str | None
    volumes: str | None
    running_mode: str
    operating_system: str | None


def usage_of(row: Workspace) -> Usage | None:
    """None: there is no machine that is billed."""
    if row.phase not in _EXISTS or row.cloud_workspace_id is None or row.cloud_state is None:
        return None
    billing = get_provider(row.cloud_provider).billing
    has_failed_to_start = row.cloud_state is CloudState.ERROR and row.available_at is None
    if has_failed_to_start and row.phase is not Phase.READY and not billing.bills_failed_launches:
        return None
    power = billing.power_of(row.cloud_state)
    if power is None:
        return None
    return Usage(row.generation, power, row.compute_type, row.volumes, row.running_mode, row.operating_system)


def write_usage(session: Session, row: Workspace, before: Usage | None, now: datetime) -> None:
    """In the transaction of the change. `before`: what `row` was billed as before it."""
    usage = usage_of(row)
    if usage == before:
        return
    session.execute(
        update(UsageSpan)
        .where(UsageSpan.workspace_id == row.id, UsageSpan.ended_at.is_(None))
        # A worker whose clock is a little behind ends no span before it began.
        .values(ended_at=case((UsageSpan.began_at > now, UsageSpan.began_at), else_=now))
        .execution_options(synchronize_session=False)
    )
    if usage is not None:
        session.add(
            UsageSpan(company_id=row.company_id, workspace_id=row.id, began_at=now, **usage._asdict())
        )
