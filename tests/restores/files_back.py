"""Desktops that end in the campaign on Azure, and whose files people bring back to new ones."""

from collections.abc import Callable, Sequence
from random import Random

from tests.desk import Desk
from tests.engine.azure.restores import MAKE, UPDATE
from tests.engine.azure.returns import COPY, ROUND_S, asked, returned, returns
from tests.engine.azure.snapshots import make_due, rows_of
from tests.restores.campaign import Diary
from webapp.domain.disk_snapshots import SnapshotState
from webapp.domain.file_returns import ReturnState
from webapp.domain.lifecycle import Action, State
from webapp.models import FileReturn
from webapp.services.bringing_back import try_again

POINTS = {
    ReturnState.UNDERWAY: ("files_looked_at", "files_moving", "files_moved"),
    ReturnState.ENDING: ("files_disk_ending", "files_disk_ended"),
}
"""Where workers die."""
OFF = 0.1
"""How often in an hour somebody switches the new desktop off."""


def end(desk: Desk, diary: Diary) -> None:
    desk.press(diary.workspace_id, Action.TERMINATE)


def bring_back(desk: Desk, diary: Diary) -> None:
    """The former desktop is gone; the diary goes on with the new one."""
    kept = [one for one in rows_of(desk, SnapshotState.READY) if one.workspace_id == diary.workspace_id]
    taken_at = max(one.taken_at for one in kept if one.taken_at is not None)
    promised = diary.at(taken_at.timestamp())
    assert promised is not None
    diary.workspace_id = asked(desk, diary.workspace_id)
    diary.lines, diary.awaited = [], promised[0]


def switch(desk: Desk, diary: Diary, rng: Random) -> str | None:
    """The person of the new desktop switches it off and on; what was done."""
    row = desk.row(diary.workspace_id)
    if row.requested_action is not None:
        return None
    if row.state is State.STOPPED:
        desk.press(diary.workspace_id, Action.START)
        return "started"
    if row.state is State.AVAILABLE and rng.random() < OFF:
        desk.press(diary.workspace_id, Action.STOP)
        return "stopped"
    return None


def hasten(desk: Desk) -> None:
    """Some minutes later the duty is due."""
    desk.clock.pause(ROUND_S)
    make_due(desk)


def troubles(rng: Random, fault: Callable[..., None]) -> Sequence[Callable[[], None]]:
    """What the cloud does to files on their way."""
    operation = rng.choice([MAKE, UPDATE, COPY])
    return (
        lambda: fault("drop_after", operation),
        lambda: fault("drop_before", operation),
        lambda: fault("http_503", "disks.get", rng.randrange(1, 4)),
    )


def points_of(desk: Desk, diary: Diary) -> Sequence[str]:
    return POINTS.get(latest(desk, diary).state, ())


def latest(desk: Desk, diary: Diary) -> FileReturn:
    return [one for one in returns(desk) if one.workspace_id == diary.workspace_id][-1]


def judge(desk: Desk, diary: Diary) -> tuple[str, list[str]]:
    """What has become of them, and what is wrong with it; ("", []) while they are on their way."""
    row, found = latest(desk, diary), list[str]()
    if row.state is not ReturnState.DONE:
        return "", found
    there, is_back = returned(desk, diary.workspace_id), row.copied_at is not None
    if set(there) - {diary.awaited} or (is_back and there != [diary.awaited]):
        found.append(f"files of version {diary.awaited} were to come, and {there} came")
    if not is_back:
        try_again(
            desk.context, diary.workspace_id, company_id=desk.provider.company_id or 0, actor=desk.actor
        )
        return f"files: {row.error_code}, tried again", found
    diary.awaited = None
    return "files are back", found
