"""What tests of files that come back on Azure do and ask."""

from sqlalchemy import select

from tests.desk import Desk
from tests.engine.azure.restores import machine
from tests.engine.azure.snapshots import hurry, rows_of
from webapp.domain.disk_snapshots import SnapshotState
from webapp.domain.lifecycle import Action, State
from webapp.models import FileReturn
from webapp.services.orders import OrderRequest, order_workspace

ROUND_S = 150.0
COPY, UPDATE = "virtualMachineRunCommands.createOrUpdate", "virtualMachines.update"


def ended(desk: Desk, workspace_id: int) -> int:
    """It is gone, and its newest snapshot is kept."""
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    return workspace_id


def asked(desk: Desk, former_id: int) -> int:
    """The new desktop, ordered with the files of the former one; the workers have not come yet."""
    former = desk.row(former_id)
    newest = rows_of(desk, SnapshotState.READY)[-1]

    def note(workspace_id: int) -> None:
        desk.context.session.add(
            FileReturn(
                company_id=former.company_id,
                credential_id=former.credential_id,
                workspace_id=workspace_id,
                former_id=former.id,
                snapshot_id=newest.id,
                snapshot=newest.name,
                taken_at=newest.taken_at,
                asked_at=desk.clock.now(),
            )
        )

    about = {"company_id": former.company_id, "actor": desk.actor, "note": note}
    return order_workspace(desk.context, OrderRequest.of(former), **about).id


def returns(desk: Desk) -> list[FileReturn]:
    with desk.sessions.begin() as session:
        found = session.scalars(select(FileReturn).order_by(FileReturn.id)).all()
        session.expunge_all()
    return list(found)


def play(desk: Desk, rounds: int = 16) -> None:
    for _ in range(rounds):
        hurry(desk)
        desk.clock.pause(ROUND_S)


def returned(desk: Desk, workspace_id: int) -> list[int]:
    """Which contents have been copied to its system disk."""
    name = machine(desk, workspace_id)
    found = [one for one in desk.sandbox.contents()["disks"] if one["machine"] == name]
    return [version for one in found for version in one["returned"]]
