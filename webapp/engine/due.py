"""What is due on an account: one statement a step, which loads no more rows than the step may handle.

The statements are composed once: a run asks after each step, and composing cost as much as the answer.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Integer, Select, bindparam, exists, not_, or_, select, union_all
from sqlalchemy.orm import Session

from webapp.domain.orphans import OrphanStatus
from webapp.engine.context import Engine
from webapp.models import Orphan, Schedule, Workspace
from webapp.models.workspace import IS_URGENT

MOST_URGENT = 1000
"""So many urgent rows are loaded at most, the longest overdue, to take the most urgent of them."""


class Due(NamedTuple):
    """The rows are detached, the longest overdue first."""

    rows: list[Workspace]
    has_orphans: bool
    """Is an orphan to be terminated now?"""


_ACCOUNT, _NOW = bindparam("account"), bindparam("now")
_HAS_ORPHANS = exists().where(
    Orphan.credential_id == _ACCOUNT, Orphan.status == OrphanStatus.TERMINATING, Orphan.due_at <= _NOW
)


def _what_is_due() -> Select[Workspace, bool]:
    due = (
        select(Schedule.workspace_id, Schedule.due_at)
        .join(Workspace, Workspace.id == Schedule.workspace_id)
        .where(Schedule.due_at <= bindparam("until"))
        .order_by(Schedule.due_at, Schedule.workspace_id)
    )
    # By its index of few rows the one, by the index of the times the other: neither reads all that is due.
    urgent = due.where(Workspace.credential_id == _ACCOUNT, IS_URGENT).limit(MOST_URGENT).subquery()
    looks = bindparam("looks", type_=Integer)
    routine = due.where(Schedule.credential_id == _ACCOUNT, not_(IS_URGENT)).limit(looks).subquery()
    found = union_all(select(urgent), select(routine)).subquery()
    return (
        select(Workspace, _HAS_ORPHANS)
        .join(found, found.c.workspace_id == Workspace.id)
        .order_by(found.c.due_at, found.c.workspace_id)
    )


_WHAT_IS_DUE = _what_is_due()
_ANY_ORPHAN = select(_HAS_ORPHANS)
_ANYTHING = select(
    or_(exists().where(Schedule.credential_id == _ACCOUNT, Schedule.due_at <= _NOW), _HAS_ORPHANS)
)


def due_rows(engine: Engine, credential_id: int, *, until: datetime) -> list[Workspace]:
    """Rows of the account that are due by then, not all of them if there are very many."""
    return what_is_due(engine, credential_id, until=until, looks=MOST_URGENT).rows


def what_is_due(engine: Engine, credential_id: int, *, until: datetime, looks: int) -> Due:
    """Rows of the account that are due by then; of those that only need a look no more than `looks`."""
    asked = {"account": credential_id, "until": until, "looks": looks, "now": engine.clock.now()}
    with engine.sessions.begin() as session:
        rows = session.execute(_WHAT_IS_DUE, asked).all()
        has_orphans = rows[0][1] if rows else session.scalar(_ANY_ORPHAN, asked)
        session.expunge_all()
    return Due([row for row, _ in rows], bool(has_orphans))


def is_any_row_or_orphan_due(session: Session, credential_id: int, now: datetime) -> bool:
    return bool(session.scalar(_ANYTHING, {"account": credential_id, "now": now}))
