"""Drift detection: machines of the inventory that belong to a warm pool."""

import logging

from webapp.domain.absence import NONE
from webapp.domain.decisions.spares import absence_columns, is_taken
from webapp.domain.observation import Observation
from webapp.domain.pools import OURS, PoolState
from webapp.engine.pools import rows
from webapp.engine.run import Run
from webapp.models import PoolDesktop

log = logging.getLogger(__name__)


def is_of_a_pool(run: Run, desktop: PoolDesktop | None, machine: Observation) -> bool:
    """Does the pool's duty look after this machine? It ends one whose row was closed and that is there again.

    One that somebody has, whom no workspace stands for, is a person's to decide: the database is older than
    the cloud, or somebody gave it away by hand.
    """
    if desktop is None or desktop.company_id != run.credential.company_id:
        return False
    if desktop.state in OURS and is_taken(machine):
        return not _is_noted(run, desktop)
    if desktop.state in OURS:
        return True
    if desktop.state is not PoolState.GONE or is_taken(machine):
        return False
    if desktop.credential_id == run.credential.id:
        columns = {"state": PoolState.ENDING, "ended_at": None} | absence_columns(NONE)
        rows.write(run, desktop, columns)
        log.warning("a desktop of a pool is there again", extra={"machine": machine.cloud_workspace_id})
    return True


def _is_noted(run: Run, desktop: PoolDesktop) -> bool:
    """Given to nobody from now on. False if an order or a look was faster: the next inventory knows more."""
    if desktop.credential_id != run.credential.id:
        return True  # its own account's look notes it
    return rows.write(run, desktop, {"state": PoolState.TAKEN})
