"""What tests of snapshots of disks do and ask."""

from datetime import timedelta

from sqlalchemy import select, update

from tests.desk import Desk
from webapp.domain.disk_snapshots import FIRST_AFTER, SnapshotPolicy, SnapshotState
from webapp.domain.duties import KEEP_DISK_SNAPSHOTS
from webapp.models import DiskSnapshot, Duty, SnapshotSetting
from webapp.services.disk_snapshots import set_policy

DAY_S = 86400.0
BACK_S = 1000.0
"""What was sent before has its answer."""


def make_due(desk: Desk) -> None:
    """The duty; the workers have not come yet."""
    with desk.sessions.begin() as session:
        session.execute(update(Duty).where(Duty.kind == KEEP_DISK_SNAPSHOTS).values(due_at=desk.clock.now()))


def hurry(desk: Desk) -> None:
    """The duty is due, and the workers come."""
    make_due(desk)
    desk.sweep()


def play_rounds(desk: Desk, count: int = 2) -> None:
    """One takes or ends, the next one sees it."""
    for _ in range(count):
        hurry(desk)
        desk.clock.pause(BACK_S)


def grown(desk: Desk, **changes: object) -> int:
    """A desktop that is due for its first."""
    workspace_id = desk.available(**changes)
    desk.clock.pause(FIRST_AFTER.total_seconds())
    return workspace_id


def backed_up(desk: Desk) -> int:
    """One that has a snapshot."""
    workspace_id = grown(desk)
    play_rounds(desk)
    assert [one.state for one in rows_of(desk)] == [SnapshotState.READY]
    return workspace_id


def next_day(desk: Desk, days: float = 1) -> None:
    """The workers sleep, come back, and look at everything."""
    desk.clock.pause(timedelta(days=days).total_seconds())
    desk.sweep()
    play_rounds(desk, 3)


def rows_of(desk: Desk, *states: SnapshotState) -> list[DiskSnapshot]:
    with desk.sessions.begin() as session:
        found = session.scalars(select(DiskSnapshot).order_by(DiskSnapshot.id)).all()
        session.expunge_all()
    return [one for one in found if not states or one.state in states]


def setting_of(desk: Desk) -> SnapshotSetting:
    with desk.sessions.begin() as session:
        found = session.scalars(select(SnapshotSetting)).one()
        session.expunge_all()
    return found


def want(desk: Desk, **changes: int | bool) -> None:
    policy = SnapshotPolicy(**changes)  # type: ignore[arg-type]
    set_policy(desk.context, desk.credential_id, policy, company_id=desk.provider.company_id or 0)
    desk.notifier.notifications.clear()


def in_cloud(desk: Desk) -> dict[str, int]:
    """Of each living snapshot, which content it has."""
    return {one["name"]: one["version"] for one in desk.sandbox.contents()["snapshots"]}
