"""The breaker: when too much of an account looks wrong at once, our view is probably wrong.

Then Berth does nothing irreversible by itself. The credential has an alarm until a person has confirmed,
or until it is over (docs/evidence/reliability.md#breaker).
"""

import logging
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.orphans import most_lost
from webapp.engine.account import note_on_credential
from webapp.engine.run import Run
from webapp.models import Workspace

log = logging.getLogger(__name__)

TOO_MANY_LOST, TOO_MANY_ORPHANS = "too_many_lost", "too_many_orphans"
LOST_WITHIN = timedelta(hours=1)
_HAVE_MACHINE = (Phase.CREATING, Phase.READY, Phase.STALLED)


def refuses_loss(run: Run, row: Workspace) -> bool:
    """Must this row not count as lost now? If so, raise the alarm."""
    confirmed_at = run.credential.loss_confirmed_at
    if confirmed_at is not None and row.absent_first_at is not None and row.absent_first_at <= confirmed_at:
        return False
    if not _is_too_much(run):
        return False
    _raise_alarm(run, TOO_MANY_LOST)
    return True


def allows_ending(run: Run, count: int, *, at_most: int) -> bool:
    """May Berth terminate so many orphans by itself in this round?

    Once stopped, it stays stopped until none is left: a person must review them.
    """
    if run.credential.alarm_code == TOO_MANY_ORPHANS and count == 0:
        _write(run, {"alarm_code": None, "alarm_at": None})
    if run.credential.alarm_code is not None:
        return False
    if count > at_most:
        _raise_alarm(run, TOO_MANY_ORPHANS)
        return False
    return True


def relax(run: Run) -> None:
    """Clear the alarm when the missing machines are listed again."""
    if run.credential.alarm_code == TOO_MANY_LOST and not _is_too_much(run):
        _write(run, {"alarm_code": None, "alarm_at": None})
        log.warning("breaker closed again", extra={"credential_id": run.credential.id})


def _is_too_much(run: Run) -> bool:
    """How many machines are missing now or were marked lost in the last hour, of all in the account.

    All missing ones count, even if their evidence is not complete yet: a row is marked lost
    15 minutes after it was first missing, so the full number is known by then.
    """
    is_missing = and_(
        Workspace.phase.in_(_HAVE_MACHINE), Workspace.desired == Desired.PRESENT, Workspace.absent_count > 0
    )
    was_lost = and_(
        Workspace.phase == Phase.LOST,
        Workspace.error_code == "workspace_lost",
        Workspace.error_at > run.engine.clock.now() - LOST_WITHIN,
    )
    confirmed_at = run.credential.loss_confirmed_at
    counts = or_(is_missing, was_lost)
    if confirmed_at is not None:
        counts = and_(counts, Workspace.absent_first_at > confirmed_at)
    with run.engine.sessions.begin() as session:
        missing, machines = session.execute(
            select(_count(counts), func.count()).where(
                Workspace.credential_id == run.credential.id,
                Workspace.phase.in_((*_HAVE_MACHINE, Phase.LOST)),
            )
        ).one()
    return int(missing or 0) > most_lost(machines)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _raise_alarm(run: Run, code: str) -> None:
    if run.credential.alarm_code == code:
        return
    _write(run, {"alarm_code": code, "alarm_at": run.engine.clock.now()})
    log.error("breaker opened", extra={"credential_id": run.credential.id, "code": code})


def _write(run: Run, changes: dict[str, Any]) -> None:
    note_on_credential(run.engine, run.lease, run.credential, changes)
