"""The breaker: when too much of an account looks wrong at once, it is rather our view that is wrong.

Nothing that cannot be taken back is done then by itself; an alarm stands on the credential until a person
has looked, or until it has passed (docs/evidence/reliability.md#breaker).
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
    """May this row not be called lost now? Then the alarm is raised."""
    confirmed_at = run.credential.loss_confirmed_at
    if confirmed_at is not None and row.absent_first_at is not None and row.absent_first_at <= confirmed_at:
        return False
    if not _is_too_much(run):
        return False
    _raise_alarm(run, TOO_MANY_LOST)
    return True


def allows_ending(run: Run, count: int, *, at_most: int) -> bool:
    """May so many orphans be ended by themselves in this round?

    Once stopped, it stays so until none is left: a person has to look through them.
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
    """Take the alarm back when the missing machines are listed again."""
    if run.credential.alarm_code == TOO_MANY_LOST and not _is_too_much(run):
        _write(run, {"alarm_code": None, "alarm_at": None})
        log.warning("breaker closed again", extra={"credential_id": run.credential.id})


def _is_too_much(run: Run) -> bool:
    """Machines that are missing now or were called lost within the hour, against all of the account's.

    All that are missing count, also those whose evidence is not complete yet: a row is called lost a
    quarter of an hour after it was first missed, so the whole extent is known by then.
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
