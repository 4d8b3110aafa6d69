"""The machine that a desktop was moved from: as long as the cloud may give it back, nobody whom the contract
keeps out may use it (docs/decisions/moves.md).
"""

from collections.abc import Sequence
from dataclasses import replace

from webapp.domain.decisions import moves
from webapp.domain.decisions.suspensions import RUNNING
from webapp.domain.errors import CloudError
from webapp.engine.account import raise_if_account
from webapp.engine.keeping_out import keep_out
from webapp.engine.rows import row_state
from webapp.engine.run import Run, machine_ref
from webapp.models import Workspace


def settle(run: Run, rows: Sequence[Workspace]) -> None:
    """After a look at the new ones. A read that fails is repeated with the next. Raises AccountTrouble."""
    now = run.engine.clock.now()
    former = [
        (row, replace(machine_ref(row, now), cloud_workspace_id=machine_id))
        for row in rows
        if (machine_id := moves.former_machine(row_state(row), now)) is not None
    ]
    if not former:
        return
    try:
        found = run.driver.look([machine for _, machine in former])
    except CloudError as error:
        raise_if_account(error)
        return
    seen = [(row, found.get(machine.cloud_workspace_id)) for row, machine in former]
    keep_out(run, [(row, one) for row, one in seen if one is not None and one.state in RUNNING])
