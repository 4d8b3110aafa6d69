"""Changing an order while nothing has been created for it and nothing is being created."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from webapp.database import changed_rows
from webapp.domain.actor import Actor
from webapp.domain.errors import AppError, Conflict, Invalid, PreconditionFailed
from webapp.domain.lifecycle import Desired, Phase
from webapp.models import Event, Workspace
from webapp.models.schedule import reschedule
from webapp.models.workspace import is_live
from webapp.queries import workspaces as queries
from webapp.queueing import JobName
from webapp.services.conflicts import lost_the_race, username_taken, workspace_exists
from webapp.services.context import ServiceContext
from webapp.services.order_limits import BudgetReached, becoming, check_change, tell_refusal
from webapp.services.orders import OrderRequest, checked_columns
from webapp.services.placing import deadline_of

Change = Callable[[OrderRequest], OrderRequest]
"""The order that is wanted, given the present one: `lambda before: replace(before, username="sam")`."""


def change_order(
    context: ServiceContext,
    workspace_id: int,
    change: Change,
    *,
    company_id: int,
    actor: Actor,
    version: int | None = None,
) -> Workspace:
    """Checked like a new order. A change of nothing writes nothing, and is possible at any time.

    `version`: only if it is still that one.
    Raises NotFound, PreconditionFailed, Conflict (`workspace_locked`), and what a new order raises.
    """
    try:
        row = _changed(context, workspace_id, change, company_id, actor, version)
    except AppError as error:
        context.session.rollback()
        if isinstance(error, BudgetReached):
            tell_refusal(context, error)
        raise
    context.notifier.notify(JobName.RECONCILE, row.credential_id)
    return row


def _changed(
    context: ServiceContext,
    workspace_id: int,
    change: Change,
    company_id: int,
    actor: Actor,
    version: int | None,
) -> Workspace:
    row = queries.get_workspace(context.session, workspace_id, company_id=company_id)
    if version not in (None, row.version):
        raise PreconditionFailed()
    read_version, before = row.version, OrderRequest.of(row)
    order_request = change(before)
    if order_request.application_id != before.application_id:
        raise Invalid("You cannot move a desktop to another application.", field="application_id")
    if order_request == before:
        context.session.commit()
        return row
    _check_unlocked(row, _differing(before, order_request))
    _check_application_free(context, row)
    columns = checked_columns(context, order_request, company_id)
    taken_by = queries.find_live_in_slot(context.session, columns["slot"])
    if taken_by is not None and taken_by.id != row.id:
        raise username_taken(columns["username"])
    _check_limits(context, row, columns)
    _write(context, row, columns, version=read_version, username=columns["username"])
    context.session.refresh(row)
    context.session.add(
        Event.about(
            row,
            at=row.updated_at,
            event="order_changed",
            message=f"Changed the order: “{row.bundle_name}” for {row.username}.",
            actor=actor,
            from_state=row.state,
            details={"bundle_id": row.bundle_id},
        )
    )
    context.session.commit()
    return row


def _check_limits(context: ServiceContext, row: Workspace, columns: dict[str, Any]) -> None:
    """A failed order is not live: it is checked when it begins again."""
    if is_live(row):
        check_change(context, becoming(context, row, columns), row)


def _check_application_free(context: ServiceContext, row: Workspace) -> None:
    """A failed order may have a successor."""
    other = queries.find_live_for_application(context.session, row.application_id)
    if other is not None and other.id != row.id:
        raise workspace_exists(other)


def is_locked(row: Workspace) -> bool:
    """Does a machine exist, is one being created, or has the workspace ended?

    You can change a row that was never sent, one that waits for its user, one that is proven empty, and
    one whose slot has someone else's machine; but not an order in progress: the cloud may already have it.
    """
    if row.desired is Desired.ABSENT or row.requested_action is not None:
        return True
    if row.phase is Phase.REQUESTED:
        is_sent = row.issued_at is not None and row.waiting_code is None
        return is_sent or row.has_unknown_outcome
    return row.phase not in (Phase.CREATE_FAILED, Phase.CONFLICT)


def _check_unlocked(row: Workspace, differing: list[str]) -> None:
    """Raise Conflict with the fields that would have to change."""
    if is_locked(row):
        raise Conflict(
            "The desktop exists, is being created, or has ended. Terminate it and order again.",
            code="workspace_locked",
            field=differing[0],
            extra={"locked_fields": differing},
        )


def _differing(before: OrderRequest, wanted: OrderRequest) -> list[str]:
    return [one.name for one in fields(wanted) if getattr(before, one.name) != getattr(wanted, one.name)]


def _write(
    context: ServiceContext, row: Workspace, columns: dict[str, Any], *, version: int, username: str
) -> None:
    """Write only if no worker has started on it; a worker writes under the version that it read."""
    now, application_id = context.clock.now(), row.application_id
    values = columns | {"version": version + 1, "updated_at": now, "waiting_code": None}
    scheduled: dict[str, Any] = {"credential_id": columns["credential_id"]}
    if row.phase is Phase.REQUESTED:
        scheduled |= {"due_at": now}
        values |= {"deadline_at": deadline_of(context, columns["cloud_provider"])}
    is_alive = is_live(row)
    try:
        done = context.session.execute(
            update(Workspace)
            .where(Workspace.id == row.id, Workspace.version == version)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
    except IntegrityError:
        context.session.rollback()
        lost = username_taken(username) if is_alive else lost_the_race(context, application_id, username)
        raise lost from None
    if changed_rows(done) == 1:
        reschedule(context.session, [row.id], **scheduled)
    else:
        raise Conflict("The desktop is changing right now. Try again.", code="conflict")
