"""Moving a desktop to another bundle: to which it can, what that costs, asking for it, and withdrawing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.domain.access import Access
from webapp.domain.actor import Actor
from webapp.domain.costs.rates import Rates
from webapp.domain.decisions.moves import MOVABLE
from webapp.domain.errors import Conflict, Invalid
from webapp.domain.lifecycle import Desired, Phase
from webapp.models import Event, Workspace
from webapp.providers.registry import get_provider
from webapp.queries import workspaces as queries
from webapp.queueing import JobName
from webapp.services.context import ServiceContext
from webapp.services.inquiries import known_bundles_of
from webapp.services.order_limits import BudgetReached, check_becomes, tell_refusal
from webapp.services.prices import bundle_rates, price_columns
from webapp.services.windows import change_row


@dataclass(frozen=True, slots=True)
class Target:
    """A bundle to which a desktop can be moved."""

    bundle_id: str
    name: str
    rates: Rates | None


def refusal(context: ServiceContext, workspace: Workspace) -> str | None:
    """Why it cannot be moved now, as a sentence."""
    if not get_provider(workspace.cloud_provider).desktops.moves:
        return "This cloud cannot move a desktop to another size."
    if workspace.phase is not Phase.READY or workspace.desired is Desired.ABSENT:
        return "Only a desktop that is ready can be moved."
    if workspace.access(context.clock.now()) is Access.SUSPENDED:
        return "Access to this desktop is suspended."
    if workspace.move is not None:
        return "The desktop is being moved already."
    if not workspace.is_idle or workspace.cloud_state not in MOVABLE:
        return "Only a running, stopped or failed desktop can be moved, and none that is changing just now."
    if workspace.credential.is_deleted:
        return "The cloud account of this desktop was deleted from Berth."
    return None


def targets(context: ServiceContext, workspace: Workspace) -> list[Target]:
    """By the newest list of bundles: those that are offered, of its system; priced in its running mode."""
    known = known_bundles_of(context, credential_id=workspace.credential_id) or []
    found = [
        row
        for row in known
        if row["unavailable_reason"] is None
        and row["workspace_type"] == workspace.workspace_type
        and row["bundle_id"] != workspace.bundle_id
    ]
    rates = bundle_rates(context, workspace.credential, found, running_mode=workspace.running_mode)
    return [Target(row["bundle_id"], row["name"], rates[row["bundle_id"]]) for row in found]


def retirement_of(context: ServiceContext, workspace: Workspace) -> str | None:
    """Why the cloud ends the bundle of this desktop; None: it does not, as far as we know."""
    known = known_bundles_of(context, credential_id=workspace.credential_id) or []
    own = next((row for row in known if row["bundle_id"] == workspace.bundle_id), None)
    return None if own is None else own.get("retirement")


def ask_move(
    context: ServiceContext, workspace_id: int, bundle_id: str, *, company_id: int, actor: Actor
) -> Workspace:
    """A worker moves it; asked twice, once. Raises NotFound, Conflict, Invalid, BudgetReached."""
    row = queries.get_workspace(context.session, workspace_id, company_id=company_id)
    if row.move is not None and row.move["bundle_id"] == bundle_id:
        context.session.commit()
        return row
    if reason := refusal(context, row):
        context.session.rollback()
        raise Conflict(reason, code="action_not_allowed")
    target = next((one for one in targets(context, row) if one.bundle_id == bundle_id), None)
    if target is None:
        context.session.rollback()
        raise Invalid("Choose one of these sizes.", code="bundle_not_found", field="bundle_id")
    asked = {
        "bundle_id": bundle_id,
        "bundle_name": target.name[:160],
        **price_columns(target.rates),
        "asked_at": context.clock.now().isoformat(),
    }
    _check_budget(context, row, asked)
    before = {name: getattr(row, name) for name in price_columns(None)}
    changes = {"move": asked | {"before": before}, "move_sent_at": None, **_dearer(row, asked)}
    if not change_row(context, row, changes):
        context.session.rollback()
        raise Conflict("The desktop is changing right now. Try again.", code="conflict")
    message = f"Asked to move it to “{asked['bundle_name']}”."
    context.session.refresh(row)
    context.session.add(
        Event.about(row, at=row.updated_at, event="move_requested", message=message, actor=actor)
    )
    context.session.commit()
    context.notifier.notify(JobName.RECONCILE, row.credential_id)
    return row


def withdraw_move(context: ServiceContext, workspace_id: int, *, company_id: int, actor: Actor) -> Workspace:
    """Before it is sent to the cloud; without a move nothing changes. Raises NotFound, Conflict."""
    row = queries.get_workspace(context.session, workspace_id, company_id=company_id)
    if row.move is None:
        context.session.commit()
        return row
    if row.move_sent_at is not None:
        context.session.rollback()
        raise Conflict("The move was sent to the cloud already.", code="action_not_allowed")
    name = row.move["bundle_name"]
    # A worker that sends it at this moment has changed the row, and then nothing is withdrawn.
    if not change_row(context, row, row.without_unsent_move):
        context.session.rollback()
        raise Conflict("The desktop is changing right now. Try again.", code="conflict")
    context.session.refresh(row)
    message = f"The move to “{name}” was withdrawn."
    context.session.add(
        Event.about(row, at=row.updated_at, event="move_withdrawn", message=message, actor=actor)
    )
    context.session.commit()
    context.notifier.notify(JobName.RECONCILE, row.credential_id)
    return row


def _dearer(row: Workspace, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of the prices that count until the move is done or given up: the dearer of both."""
    minor, fee, currency = (asked[name] for name in price_columns(None))
    if minor is None:
        return {}
    if row.month_price_minor is None or row.price_currency != currency:
        return {"month_price_minor": minor, "month_fee_minor": fee, "price_currency": currency}
    return {
        "month_price_minor": max(row.month_price_minor, minor),
        "month_fee_minor": max(row.month_fee_minor or 0, fee),
    }


def _check_budget(context: ServiceContext, row: Workspace, asked: Mapping[str, Any]) -> None:
    try:
        check_becomes(context, row, asked)
    except BudgetReached as refused:
        context.session.rollback()
        tell_refusal(context, refused)
        raise
