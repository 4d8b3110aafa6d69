"""Asking for a change of the size or the mode of a desktop that exists; the engine does it.

Why so: docs/decisions/resizing.md.
"""

from typing import Any

from webapp.domain.actor import Actor
from webapp.domain.errors import AppError, Conflict, PreconditionFailed
from webapp.domain.resizes import LABELS, Resize, value_of
from webapp.models import Event, Workspace
from webapp.queries import workspaces as queries
from webapp.queueing import JobName
from webapp.services.context import ServiceContext
from webapp.services.order_limits import BudgetReached, check_becomes, tell_refusal
from webapp.services.prices import price_columns, rates_after
from webapp.services.resize_choices import check, label_of
from webapp.services.windows import change_row


def resize_workspace(
    context: ServiceContext,
    workspace_id: int,
    wanted: Resize,
    *,
    company_id: int,
    actor: Actor,
    version: int | None = None,
) -> Workspace:
    """Safe to repeat; to ask for what is already so writes nothing. `version`: only if it is still that one.

    Raises NotFound, PreconditionFailed, Invalid (`value_not_possible`), Conflict (`action_not_allowed`,
    `changed_too_soon`, `budget_reached`).
    """
    try:
        row = _requested(context, workspace_id, wanted, company_id, actor, version)
    except AppError as error:
        context.session.rollback()
        if isinstance(error, BudgetReached):
            tell_refusal(context, error)
        raise
    context.notifier.notify(JobName.RECONCILE, row.credential_id)
    return row


def _requested(
    context: ServiceContext,
    workspace_id: int,
    wanted: Resize,
    company_id: int,
    actor: Actor,
    version: int | None,
) -> Workspace:
    row = queries.get_workspace(context.session, workspace_id, company_id=company_id)
    if version not in (None, row.version):
        raise PreconditionFailed()
    if row.resize == wanted or (row.resize is None and wanted.is_so(row.sizes)):
        context.session.commit()
        return row
    check(context, row, wanted)
    prices = _prices(context, row, wanted)
    state = row.state
    _write(context, row, wanted, prices)
    context.session.refresh(row)
    was = "" if row.resize_from is None else f" from {label_of(row, Resize(wanted.kind, row.resize_from))}"
    context.session.add(
        Event.about(
            row,
            at=row.updated_at,
            event="resize_requested",
            message=f"Change of the {LABELS[wanted.kind]}{was} to {label_of(row, wanted)} requested.",
            actor=actor,
            from_state=state,
            details={"property": wanted.kind.value, "from": row.resize_from, "to": wanted.value},
        )
    )
    context.session.commit()
    return row


def _prices(context: ServiceContext, row: Workspace, wanted: Resize) -> dict[str, Any]:
    """The columns for budgets, once there is room for them. What costs more counts from now on. Raises
    BudgetReached.
    """
    after = price_columns(rates_after(context, row, [wanted])[0])
    if after["month_price_minor"] is None:
        return {}
    check_becomes(context, row, after)
    return row.prices_becoming(after)


def _write(context: ServiceContext, row: Workspace, wanted: Resize, prices: dict[str, Any]) -> None:
    """Only if nobody changed it since it was read. Raises Conflict."""
    now = context.clock.now()
    values: dict[str, Any] = {
        "resize_kind": wanted.kind,
        "resize_from": value_of(wanted.kind, row.sizes),
        "resize_to": wanted.value,
        "resize_requested_at": now,
        "resize_sent_at": None,
        "look_requested_at": now,
        "error_code": None,
        "error_detail": None,
        "error_at": None,
        **prices,
    }
    if not change_row(context, row, values):
        raise Conflict("The desktop is changing right now. Try again.", code="conflict")
