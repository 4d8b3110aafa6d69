"""The row of a new order, in the transaction of whoever orders it."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.domain.actor import Actor
from webapp.domain.decisions.change import UNCHANGED, Unchanged
from webapp.domain.errors import Conflict
from webapp.domain.hours.week import Hours
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.windows import Window
from webapp.models import Application, Event, Schedule, Workspace
from webapp.models.workspace import IS_LIVE
from webapp.queries import workspaces as queries
from webapp.services.conflicts import check_still_approved, lost_the_race
from webapp.services.context import ServiceContext
from webapp.services.in_time import first_plan
from webapp.services.order_limits import (
    Ordered,
    becoming,
    check_beside,
    check_change,
    check_order,
    take_turn,
)
from webapp.services.windows import lock_window, take_window

AT_FIRST: dict[str, Any] = {
    "desired": Desired.PRESENT,
    "phase": Phase.REQUESTED,
    "generation": 1,
    "attempt": 1,
    "has_unknown_outcome": False,
    "absent_count": 0,
    "is_deleted": False,
    "version": 1,
}
"""The initial values of every new row."""
_PRICE = ("month_price_minor", "price_currency")


def place(
    context: ServiceContext,
    columns: dict[str, Any],
    application: Application,
    actor: Actor,
    *,
    cohort_id: int | None = None,
    replaces: Workspace | None = None,
    is_kept: bool = False,
    window: Window | None = None,
    default_hours: Hours | None | Unchanged = UNCHANGED,
) -> Workspace:
    """The row and its first event, of checked columns and an approved application; not committed yet.

    `replaces`: a live desktop that ends with this order, so that there is none more; `is_kept`: not yet.
    `window`: the contract's from now on; `default_hours`: too, unless it has own. Raises Conflict, Invalid.
    """
    application_id, job_posting_id = application.id, application.job_posting_id
    workspace = _new_row(context, columns, application, actor)
    if queries.find_live_in_slot(context.session, workspace.slot) is not None:
        # Perhaps the same order, submitted twice, that was waiting for the credential.
        raise lost_the_race(context, application_id, workspace.username)
    about = {"company_id": workspace.company_id, "job_posting_id": job_posting_id, "cohort_id": cohort_id}
    _check_limits(context, Ordered.of(columns, **about), replaces, is_kept=is_kept)
    _insert(context, workspace, application_id)
    if not isinstance(default_hours, Unchanged):
        _take_default_hours(context, application, default_hours)
    take_window(context, workspace, actor, window)
    application.order_due_at = application.order_refusal_code = application.order_refusal = None
    context.session.add(
        Event.about(
            workspace,
            at=workspace.created_at,
            event="ordered",
            message=f"Ordered “{workspace.bundle_name}” for {workspace.username}.",
            actor=actor,
            details={"bundle_id": workspace.bundle_id},
        )
    )
    return workspace


def make_in_time(context: ServiceContext, workspace: Workspace) -> None:
    """Of a new row, in its transaction: it is made later, if its contract begins later than that takes.

    The workers spread many that start at once (`engine.duties.starts`).
    """
    now = context.clock.now()
    workspace.make_at = first_plan(workspace.cloud_provider, workspace.starts_at, now=now)
    if workspace.make_at is not None:
        workspace.schedule.due_at = workspace.make_at


def check_again(context: ServiceContext, row: Workspace) -> None:
    """For a failed order that begins again: it counted no more, and others may have taken its place.

    Beside a desktop that it takes over from and that is still there, it is held to what its order was.
    Takes the turn. Raises Conflict, BudgetReached.
    """
    take_turn(context, row)
    ordered = becoming(context, row, {one: getattr(row, one) for one in _PRICE})
    own = Workspace.id == row.replaces_id, Workspace.company_id == row.company_id
    former = context.session.scalar(select(Workspace).where(*own, IS_LIVE)) if row.replaces_id else None
    if former is not None and former.credential_id == row.credential_id:
        check_beside(context, ordered, former)
    else:
        check_order(context, ordered)


def _check_limits(
    context: ServiceContext, ordered: Ordered, replaces: Workspace | None, *, is_kept: bool
) -> None:
    if replaces is None:
        check_order(context, ordered)
    elif is_kept:
        check_beside(context, ordered, replaces)
    else:
        check_change(context, ordered, replaces)


def _insert(context: ServiceContext, workspace: Workspace, application_id: int) -> None:
    username = workspace.username
    context.session.add(workspace)
    try:
        context.session.flush()
    except IntegrityError:  # two clicks at once: the database lets one through
        context.session.rollback()
        raise lost_the_race(context, application_id, username) from None
    check_still_approved(context, application_id)


def _take_default_hours(context: ServiceContext, application: Application, hours: Hours | None) -> None:
    """For the contract; the new row takes them over from it. Raises Conflict."""
    lock_window(context, application)
    if not application.has_own_hours and application.hours != hours:
        application.take_hours(hours, at=context.clock.now(), is_default=True)
        context.session.flush()


def _new_row(
    context: ServiceContext, columns: dict[str, Any], application: Application, actor: Actor
) -> Workspace:
    now = context.clock.now()
    if actor.user_id is None:
        raise Conflict("Only a person can order a desktop.")
    return Workspace(
        uid=uuid.uuid4().hex,
        company_id=application.company_id,
        application_id=application.id,
        ordered_by_id=actor.user_id,
        deadline_at=deadline_of(context, columns["cloud_provider"]),
        schedule=Schedule(due_at=now),
        created_at=now,
        updated_at=now,
        **columns,
        **AT_FIRST,
    )


def deadline_of(context: ServiceContext, cloud_provider: str) -> datetime:
    """Until when a desktop that is ordered now should be usable."""
    return context.clock.now() + timedelta(seconds=context.settings.provision_timeout_of(cloud_provider))
