"""What tests of restores on Azure do and ask."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from tests.desk import Desk
from tests.engine.azure.snapshots import backed_up, play_rounds
from webapp.domain.lifecycle import Action, State
from webapp.models import DiskRestore
from webapp.services import workspace_actions

MAKE, UPDATE, OFF, ON = (
    "disks.createOrUpdate",
    "virtualMachines.update",
    "virtualMachines.deallocate",
    "virtualMachines.start",
)


def written(desk: Desk) -> int:
    """A desktop with a snapshot of version 0; its person has worked since."""
    workspace_id = backed_up(desk)
    desk.sandbox.work_on(machine(desk, workspace_id))
    return workspace_id


def machine(desk: Desk, workspace_id: int) -> str:
    return desk.row(workspace_id).cloud_workspace_id or ""


def disks(desk: Desk) -> dict[str, tuple[int, str]]:
    """Of each disk: which content it has, and on which machine."""
    return {one["name"]: (one["version"], one["machine"]) for one in desk.sandbox.contents()["disks"]}


def restore(desk: Desk, workspace_id: int, *, shown_at: datetime) -> None:
    workspace_actions.press(
        desk.context,
        workspace_id,
        Action.RESTORE,
        company_id=desk.provider.company_id or 0,
        actor=desk.actor,
        shown_at=shown_at,
    )


def restored(desk: Desk, workspace_id: int, *, ends: State = State.AVAILABLE) -> None:
    """It is pressed and over; the disk that is to go had the time for it."""
    desk.press(workspace_id, Action.RESTORE)
    desk.live_until(workspace_id, ends)
    play_rounds(desk, 3)


def replacing(desk: Desk, snapshot: str, *, at: str) -> Callable[[str], None]:
    """For a worker: when it first comes to this point, somebody puts another in the snapshot's place."""
    left = [at]

    def replace(point: str) -> None:
        if point in left:
            left.clear()
            [living] = {holder for _, holder in disks(desk).values() if holder}
            desk.sandbox.drop_snapshot(snapshot)
            desk.sandbox.make_snapshot(snapshot, of=living, tags={})
            desk.clock.pause(60)  # until it is complete

    return replace


def restores(desk: Desk) -> list[DiskRestore]:
    with desk.sessions.begin() as session:
        found = session.scalars(select(DiskRestore).order_by(DiskRestore.id)).all()
        session.expunge_all()
    return list(found)
