"""What tests of files that come back on Azure do and ask."""

from sqlalchemy import select

from tests.desk import Desk
from tests.engine.azure.restores import machine
from tests.engine.azure.snapshots import hurry
from webapp.domain.lifecycle import Action, State
from webapp.models import FileReturn
from webapp.services.bringing_back import bring_back

ROUND_S = 150.0
COPY, UPDATE = "virtualMachineRunCommands.createOrUpdate", "virtualMachines.update"


def ended(desk: Desk, workspace_id: int) -> int:
    """It is gone, and its newest snapshot is kept."""
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    return workspace_id


def asked(desk: Desk, former_id: int) -> int:
    """The new desktop, ordered with the files of the former one; the workers have not come yet."""
    about = {"company_id": desk.provider.company_id or 0, "actor": desk.actor}
    return bring_back(desk.context, former_id, **about).id


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
