"""Drift detection: machines of the inventory that belong to a warm pool."""

import logging

from webapp.domain.absence import NONE
from webapp.domain.decisions.spares import absence_columns, is_left, is_taken, taken
from webapp.domain.observation import Observation
from webapp.domain.pools import OURS, PoolState
from webapp.engine.pools import rows
from webapp.engine.rows import write_detached
from webapp.engine.run import Run
from webapp.models import PoolDesktop

log = logging.getLogger(__name__)

_ENDING = {"state": PoolState.ENDING, "ended_at": None} | absence_columns(NONE)


def is_of_a_pool(run: Run, desktop: PoolDesktop | None, machine: Observation) -> bool:
    """Does the pool's duty look after this machine? It ends one whose row was closed and that is there again.

    One that somebody has, whom no workspace stands for, is a person's to decide: the database is older than
    the cloud, or somebody gave it away by hand.
    """
    if desktop is None or desktop.company_id != run.credential.company_id:
        return False
    if desktop.state is PoolState.TAKEN:
        return _is_ended(run, desktop, machine)
    if desktop.state in OURS and is_taken(machine):
        return not _is_noted(run, desktop, machine)
    if desktop.state in OURS:
        return True
    if desktop.state is not PoolState.GONE or is_taken(machine):
        return False
    if desktop.credential_id == run.credential.id:
        write_detached(run, desktop, _ENDING)
        log.warning("a desktop of a pool is there again", extra={"machine": machine.cloud_workspace_id})
    return True


def _is_noted(run: Run, desktop: PoolDesktop, machine: Observation) -> bool:
    """Given to nobody from now on. False if an order or a look was faster: the next inventory knows more;
    and if it is ended because nobody has it.
    """
    if desktop.credential_id != run.credential.id:
        return True  # its own account's look notes it
    columns = taken(rows.spare_of(desktop), machine, run.engine.clock.now())
    return bool(columns) and write_detached(run, desktop, columns)


def _is_ended(run: Run, desktop: PoolDesktop, machine: Observation) -> bool:
    """One that nobody has had since it was drained is ended, and another one is made; unless a person has
    decided to leave it, or a workspace may have it that a restored backup does not know.
    """
    if desktop.credential_id != run.credential.id:
        return False
    if machine.username and desktop.drained_at is not None:
        write_detached(run, desktop, {"drained_at": None})  # whoever has it may leave files on it
    spare = rows.spare_of(desktop)
    if not is_left(spare, machine, run.engine.clock.now()) or rows.is_kept(run, desktop):
        return False
    if not write_detached(run, desktop, _ENDING):
        return False
    log.warning("a drained desktop of a pool is ended", extra={"machine": machine.cloud_workspace_id})
    return True
