"""When nothing may be made on an account although its key works: our records may be older than the cloud.

After a restored backup or a long stand-still an order could make a second desktop for somebody who has one.
So nothing is made before an inventory that is recent enough, nor while that inventory shows machines of ours
that the database does not know.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from webapp.domain import catalogue
from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.note import Level, Note, facts_of
from webapp.domain.errors import Failure, Trouble
from webapp.domain.orphans import OrphanKind, OrphanStatus
from webapp.engine.rows import Stale, change, last_line
from webapp.engine.run import Run
from webapp.models import Orphan, Workspace

HELD = "order_held"
FRESH_INTERVALS = 2
"""Nothing is made when the newest complete inventory is older than so many intervals."""
WAIT = timedelta(seconds=60)
"""How soon held orders are tried again."""


def why_held(run: Run) -> Failure | None:
    """What keeps this account from making anything; None when nothing does."""
    credential = run.credential
    with run.engine.sessions.begin() as session:
        unknown = session.scalar(
            select(Orphan.id)
            .where(
                Orphan.company_id == credential.company_id,
                Orphan.account_id == credential.account_id,
                Orphan.kind == OrphanKind.UNKNOWN_ROW,
                Orphan.status == OrphanStatus.OPEN,
            )
            .limit(1)
        )
    if unknown is not None:
        return Failure("inventory_ahead", Trouble.PERMANENT)
    oldest = run.engine.clock.now() - run.engine.inventory * FRESH_INTERVALS
    if credential.inventoried_at is None or credential.inventoried_at < oldest:
        return Failure("inventory_overdue", Trouble.TRANSIENT)
    return None


def hold(run: Run, rows: Sequence[Workspace], failure: Failure) -> None:
    """Let orders wait; the log of each says why, once. No attempt is used up."""
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
