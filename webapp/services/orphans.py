"""What a person decides about an orphan: ignore, watch again, terminate. Adopting is in `adoption`.

This only requests the termination: a worker sends it after it has read the machine's claim again.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select, update

from webapp.database import changed_rows
from webapp.domain.actor import Actor
from webapp.domain.costs.rates import Rates
from webapp.domain.errors import AppError, Conflict, Invalid
from webapp.domain.orphans import OrphanKind, OrphanStatus
from webapp.domain.plain_text import plain
from webapp.models import Orphan, Schedule, Workspace
from webapp.models.schedule import reschedule
from webapp.queries import credentials
from webapp.queries import orphans as queries
from webapp.queueing import JobName
from webapp.services.context import ServiceContext
from webapp.services.prices import list_rates, machine_kind

TRIES = 5
"""How often a decision is repeated if a worker updates the orphan at the same moment."""
OPEN, IGNORED, TERMINATING = OrphanStatus.OPEN, OrphanStatus.IGNORED, OrphanStatus.TERMINATING


def list_costs(context: ServiceContext, orphans: Sequence[Orphan]) -> list[Rates | None]:
    """What each costs while it stands, in order; None when that is not known."""
    kinds = (
        machine_kind(
            one.credential,
            compute_type=one.compute_type,
            running_mode=one.running_mode,
            operating_system=one.operating_system,
        )
        for one in orphans
    )
    return list_rates(context, [(one.credential, kind) for one, kind in zip(orphans, kinds, strict=True)])


def ignore(context: ServiceContext, orphan_id: int, *, company_id: int, actor: Actor) -> Orphan:
    """Ignore it: it is meant to be there. Raises NotFound, Conflict."""
    return _decide(context, orphan_id, company_id, actor, from_=(OPEN,), to=IGNORED)


def watch(context: ServiceContext, orphan_id: int, *, company_id: int, actor: Actor) -> Orphan:
    """Stop ignoring it. Raises NotFound, Conflict."""
    return _decide(context, orphan_id, company_id, actor, from_=(IGNORED,), to=OPEN)


def terminate(
    context: ServiceContext, orphan_id: int, *, company_id: int, actor: Actor, confirmed_id: str
) -> Orphan:
    """Terminate it with all its data; `confirmed_id`: the machine's cloud id, as typed.

    Raises NotFound, Invalid, Conflict (`not_ours`: it does not carry our mark).
    """
    orphan = queries.get_orphan(context.session, orphan_id, company_id=company_id)
    if not orphan.kind.is_ours:
        context.session.rollback()
        raise Conflict(
            "This desktop does not have this installation's mark, so Berth never changes it. "
            "Terminate it in the cloud console, or adopt it first.",
            code="not_ours",
        )
    if plain(confirmed_id) != orphan.cloud_workspace_id:
        context.session.rollback()
        raise Invalid(
            f"The ID does not match. Type {orphan.cloud_workspace_id}.",
            code="confirmation_wrong",
            field="confirm",
        )
    return _decide(context, orphan_id, company_id, actor, from_=(OPEN, IGNORED), to=TERMINATING)


def ignore_all(context: ServiceContext, *, credential_id: int, company_id: int, actor: Actor) -> int:
    """Every open orphan of this credential; how many. Raises NotFound."""
    return _decide_all(context, credential_id, company_id, actor, to=IGNORED, kinds=tuple(OrphanKind))


def terminate_all(
    context: ServiceContext, *, credential_id: int, company_id: int, actor: Actor, confirmed_count: str
) -> int:
    """Every open orphan with our mark; `confirmed_count`: how many, as typed. Raises NotFound, Invalid."""
    kinds = tuple(kind for kind in OrphanKind if kind.is_ours)
    count = queries.count_orphans(
        context.session, company_id=company_id, credential_id=credential_id, statuses=(OPEN,), kinds=kinds
    )
    if confirmed_count.strip() != str(count):
        context.session.rollback()
        raise Invalid(
            f"There are {count} such desktops now. Type {count} to terminate all of them.",
            code="confirmation_wrong",
            field="confirm",
        )
    return _decide_all(context, credential_id, company_id, actor, to=TERMINATING, kinds=kinds)


def _decide(
    context: ServiceContext,
    orphan_id: int,
    company_id: int,
    actor: Actor,
    *,
    from_: tuple[OrphanStatus, ...],
    to: OrphanStatus,
) -> Orphan:
    """Read, decide, and write only if nobody wrote in between; safe to repeat."""

    def changes(orphan: Orphan) -> dict[str, Any]:
        if orphan.status is to:
            return {}
        if orphan.status not in from_:
            raise Conflict(_why_not(orphan), code="action_not_allowed")
        return _changes(context, actor, to)

    return _write(context, orphan_id, company_id=company_id, decide=changes)


def _write(
    context: ServiceContext, orphan_id: int, *, company_id: int, decide: Callable[[Orphan], dict[str, Any]]
) -> Orphan:
    """Change an orphan by compare-and-set, commit and notify. Raises as `decide`, and NotFound, Conflict."""
    for _ in range(TRIES):
        orphan = queries.get_orphan(context.session, orphan_id, company_id=company_id)
        try:
            changes = decide(orphan)
        except AppError:
            context.session.rollback()
            raise
        done = context.session.execute(
            update(Orphan)
            .where(Orphan.id == orphan.id, Orphan.company_id == company_id, Orphan.version == orphan.version)
            .values(**changes, version=orphan.version + (1 if changes else 0))
            .execution_options(synchronize_session=False)
        )
        if changed_rows(done) == 1:
            context.session.refresh(orphan)
            wake_orders(context, orphan.credential_id)
            context.session.commit()
            context.notifier.notify(JobName.RECONCILE, orphan.credential_id)
            return orphan
        context.session.rollback()
    raise Conflict("The desktop was just updated by a new check. Try again.", code="conflict")


def _decide_all(
    context: ServiceContext,
    credential_id: int,
    company_id: int,
    actor: Actor,
    *,
    to: OrphanStatus,
    kinds: tuple[OrphanKind, ...],
) -> int:
    credential = credentials.get_credential(context.session, credential_id, company_id=company_id)
    done = context.session.execute(
        update(Orphan)
        .where(
            Orphan.company_id == company_id,
            Orphan.credential_id == credential.id,
            Orphan.status == OPEN,
            Orphan.kind.in_(kinds),
        )
        .values(**_changes(context, actor, to), version=Orphan.version + 1)
        .execution_options(synchronize_session=False)
    )
    wake_orders(context, credential.id)
    context.session.commit()
    context.notifier.notify(JobName.RECONCILE, credential.id)
    return changed_rows(done)


def _changes(context: ServiceContext, actor: Actor, to: OrphanStatus) -> dict[str, Any]:
    now = context.clock.now()
    return {
        "status": to,
        "decided_by": actor.label[:160],
        "decided_at": now,
        "end_sent_at": None,
        "due_at": now if to is TERMINATING else None,
    }


def wake_orders(context: ServiceContext, credential_id: int) -> None:
    """Make orders due that wait because of unknown machines: perhaps this was the last one."""
    now = context.clock.now()
    later = select(Schedule.workspace_id).where(
        Schedule.credential_id == credential_id, Schedule.due_at > now
    )
    orders = context.session.scalars(
        update(Workspace)
        .where(
            Workspace.id.in_(later),
            Workspace.phase.in_(("requested", "create_intent")),
            Workspace.attempt == 1,
        )
        .values(version=Workspace.version + 1)
        .returning(Workspace.id)
        .execution_options(synchronize_session=False)
    ).all()
    reschedule(context.session, orders, due_at=now)


def _why_not(orphan: Orphan) -> str:
    match orphan.status:
        case OrphanStatus.GONE:
            return "The cloud no longer lists this desktop."
        case OrphanStatus.ADOPTED:
            return "Berth manages this desktop now. Use the buttons on its page."
        case OrphanStatus.TERMINATING:
            return "This desktop is being terminated."
        case _:
            return "This has already been decided."
