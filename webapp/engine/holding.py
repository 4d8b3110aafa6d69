"""When nothing may be created in an account although its key works: our records may be older than the cloud.

After a restored backup or a long outage an order could create a second desktop for someone who has one.
So nothing is created without a recent inventory, or while that inventory shows machines of ours
that the database does not know. After `flask backup restore` the inventory must have begun when everything
that was sent before could be seen.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from webapp.domain import catalogue
from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.note import Level, Note, facts_of
from webapp.domain.duties import TAKE_INVENTORY
from webapp.domain.errors import Failure, Trouble
from webapp.domain.orphans import OrphanKind, OrphanStatus
from webapp.domain.pools import PoolState
from webapp.engine.rows import Stale, change, last_line
from webapp.engine.run import Run
from webapp.models import Duty, Installation, Orphan, PoolDesktop, Workspace

HELD = "order_held"
FRESH_INTERVALS = 2
"""Nothing is created if the newest complete inventory is older than this many intervals."""
WAIT = timedelta(seconds=60)
"""How soon held orders are tried again."""


def why_held(run: Run) -> Failure | None:
    """Why this account may not create anything; None if it may."""
    credential = run.credential
    of_inventory = (Duty.credential_id == credential.id, Duty.kind == TAKE_INVENTORY)
    with run.engine.sessions.begin() as session:
        restored_at = session.scalar(select(Installation.restored_at))
        unknown = session.scalar(
            select(Orphan.id)
            .where(
                Orphan.company_id == credential.company_id,
                Orphan.account_id == credential.account_id,
                Orphan.kind == OrphanKind.UNKNOWN_ROW,
                Orphan.status == OrphanStatus.OPEN,
                ~_was_taken_by_hand(restored_at),
            )
            .limit(1)
        )
        inventoried_at = session.scalar(select(Duty.last_good_at).where(*of_inventory))
    if unknown is not None:
        return Failure("inventory_ahead", Trouble.PERMANENT)
    settle_s = run.engine.settings.settle_s
    oldest = run.engine.clock.now() - run.engine.inventory * FRESH_INTERVALS
    if inventoried_at is None or inventoried_at < oldest:
        return Failure("inventory_overdue", Trouble.TRANSIENT)
    if restored_at is not None and inventoried_at < restored_at + timedelta(seconds=settle_s):
        return Failure("database_restored", Trouble.TRANSIENT)
    return None


def _was_taken_by_hand(restored_at: datetime | None) -> ColumnElement[bool]:
    """A desktop of a warm pool that Berth has known all its life, so no order has it that Berth has lost.

    An order for the person who has it is no second one: the check of its slot finds it. One
    that is older than a restored backup may have been given to an order that is not in the backup.
    """
    taken = select(PoolDesktop.id).where(
        PoolDesktop.company_id == Orphan.company_id,
        PoolDesktop.account_id == Orphan.account_id,
        PoolDesktop.cloud_workspace_id == Orphan.cloud_workspace_id,
        PoolDesktop.state == PoolState.TAKEN,
    )
    if restored_at is not None:
        taken = taken.where(PoolDesktop.created_at > restored_at)
    return taken.exists()


def hold(run: Run, rows: Sequence[Workspace], failure: Failure) -> None:
    """Put orders on hold; the log of each says why, once. This uses up no attempt."""
    words = catalogue.entry(failure.code)
    note = Note(HELD, f"{words.message} {words.remedy}", Level.WARNING, details=facts_of(failure))
    for row in rows:
        is_news = last_line(run.engine, row).event != HELD
        try:
            change(
                run.engine,
                run.lease,
                row,
                RowChange(due_at=run.engine.clock.now() + WAIT),
                note if is_news else None,
            )
        except Stale:
            continue
