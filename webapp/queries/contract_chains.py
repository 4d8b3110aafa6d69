"""The desktops of one contract, which took over from each other, and what each of them has cost."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from webapp.domain.costs.bills import Source
from webapp.models import Application, CostDay, EndRecord, Workspace
from webapp.queries.workspaces import AnySession

MOST = 100
"""Desktops of a contract; nobody is replaced so often."""

Amounts = dict[str, dict[Source, int]]
"""By currency."""


def list_chain(session: AnySession, workspace: Workspace) -> Sequence[Workspace]:
    """Of a workspace that the caller has loaded inside its tenant: oldest first, also what no list shows."""
    company_id = workspace.company_id
    applications, linked = {workspace.application_id}, {workspace.id}
    while True:
        rows = session.scalars(
            select(Workspace)
            .options(joinedload(Workspace.application).joinedload(Application.seeker))
            .where(
                # As a sum the company is no key for SQLite, which would read all of it rather than these few.
                Workspace.company_id + 0 == company_id,
                or_(Workspace.application_id.in_(applications), Workspace.id.in_(linked)),
            )
            .order_by(Workspace.id)
            .limit(MOST)
        ).all()
        before = len(applications) + len(linked)
        applications |= {one.application_id for one in rows}
        linked |= {one for row in rows for one in (row.replaces_id, row.replaced_by_id) if one is not None}
        if len(applications) + len(linked) == before:
            return rows


def costs_of_chain(session: AnySession, ids: Collection[int], *, company_id: int) -> dict[int, Amounts]:
    """By desktop, from its first day; what was written down for good counts as it is."""
    rows = session.execute(
        select(CostDay.workspace_id, CostDay.currency, CostDay.source, func.sum(CostDay.amount_minor))
        .where(CostDay.company_id == company_id, CostDay.workspace_id.in_(ids))
        .group_by(CostDay.workspace_id, CostDay.currency, CostDay.source)
    )
    found: dict[int, Amounts] = {}
    for workspace_id, currency, source, minor in rows:
        assert workspace_id is not None  # the query asked for it
        found.setdefault(workspace_id, {}).setdefault(currency, {})[Source(source)] = int(minor)
    closed = select(EndRecord.workspace_id, EndRecord.costs).where(
        EndRecord.company_id == company_id,
        EndRecord.workspace_id.in_(ids),
        EndRecord.costs_closed_at.is_not(None),
    )
    for workspace_id, costs in session.execute(closed):
        found[workspace_id] = {one["currency"]: _by_source(one) for one in (costs or {}).get("amounts", [])}
    return found


def _by_source(amount: dict[str, Any]) -> dict[Source, int]:
    named = {Source.ESTIMATED: amount["estimated_minor"], Source.BILLED: amount["billed_minor"]}
    return {source: minor for source, minor in named.items() if minor is not None}
