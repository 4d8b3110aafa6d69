"""The campaign on Azure: Berth makes the snapshots, and swaps the disk for one made of any that is kept.

Desktops end, too, and their files come back to new ones (`files_back.py`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sandbox.azure.server import start
from tests.clouds.azure.stage import AzureStage
from tests.engine.azure.restores import MAKE, OFF, ON, UPDATE, disks, machine, restores
from tests.engine.azure.returns import returns
from tests.engine.azure.snapshots import in_cloud, play_rounds, rows_of
from tests.restores import files_back
from tests.restores.campaign import Accepted, Campaign, Diary, Versions
from webapp.domain.disk_restores import RestoreState
from webapp.domain.disk_snapshots import SnapshotState
from webapp.domain.file_returns import ReturnState
from webapp.domain.lifecycle import State
from webapp.models import Workspace

TROUBLES = 3
"""How often in an hour something may happen to files on their way."""
NOTHING = (lambda: None,) * 3


class AzureCampaign(Campaign):
    cloud = AzureStage.cloud
    points = ("snapshots_asked", "restoring", "restored")
    calm_hours = 24
    _calls_read = 0

    @staticmethod
    @contextmanager
    def stage() -> Iterator[AzureStage]:
        with start(speed=0, demo=True) as azure:
            azure.control.set_people(None)
            yield AzureStage(azure.control, azure.ca_file)

    def prepare(self) -> None:
        self.desk.sandbox.set_now(self.desk.clock.now().timestamp())

    def open_desktop(self, number: int) -> int:
        return self.desk.available()

    def write(self, workspace_id: int) -> None:
        self.desk.sandbox.work_on(machine(self.desk, workspace_id))

    def versions(self, workspace_id: int) -> Versions:
        name = machine(self.desk, workspace_id)
        former = {one.disk for one in returns(self.desk)}
        found = disks(self.desk).items()
        return tuple(version for disk, (version, holder) in found if holder == name and disk not in former)

    def shown(self, row: Workspace) -> Sequence[datetime]:
        ready = rows_of(self.desk, SnapshotState.READY)
        return [one.taken_at for one in ready if one.workspace_id == row.id and one.taken_at is not None]

    def troubles(self) -> Sequence[Callable[[], None]]:
        operation = self.rng.choice([MAKE, UPDATE, OFF, ON])
        return (
            lambda: self.fault("drop_after", operation),
            lambda: self.fault("drop_before", operation),
            lambda: self.fault("http_503", "snapshots.get", self.rng.randrange(1, 6)),
        )

    def accepted(self) -> Iterator[Accepted]:
        """When a swap is taken, the disk is the one that was made of the snapshot."""
        calls = [one for one in self.desk.calls(UPDATE) if one["accepted"]]
        made = {one.cloud_workspace_id: one.taken_at for one in restores(self.desk)}
        for call in calls[self._calls_read :]:
            [name] = call["ids"]
            if not self._is_of_files(name, call["simulated_at"]):
                yield Accepted(name, call["simulated_at"], made[name])
        self._calls_read = len(calls)

    def _is_of_files(self, name: str, at: float) -> bool:
        """Was a former disk attached or detached? Nothing restores a desktop meanwhile."""
        spans = [
            (one.begun_at, one.ended_at)
            for one in returns(self.desk)
            if one.cloud_workspace_id == name and one.begun_at is not None
        ]
        return any(since.timestamp() <= at and (not to or at <= to.timestamp()) for since, to in spans)

    def end_or_go_on(self, diary: Diary) -> None:
        row = self.desk.row(diary.workspace_id)
        if diary.awaited is not None:
            self._go_on(diary)
        elif row.state is State.TERMINATED:
            files_back.bring_back(self.desk, diary)
            self.counts["ordered with former files"] += 1
        elif self._may_end(diary, row) and self.rng.random() < self.plan.ends_a_day / 24:
            files_back.end(self.desk, diary)

    def _may_end(self, diary: Diary, row: Workspace) -> bool:
        """Its person has pressed nothing else, and something is kept."""
        is_free = diary.asked is None and row.requested_action is None
        return is_free and row.state is State.AVAILABLE and bool(self.shown(row))

    def _go_on(self, diary: Diary) -> None:
        if (done := files_back.switch(self.desk, diary, self.rng)) is not None:
            self.counts[f"{done} before the files were back"] += 1
        for _ in range(TROUBLES):
            files_back.hasten(self.desk)
            troubles = files_back.troubles(self.rng, self.fault)
            points = files_back.points_of(self.desk, diary)
            deaths = (lambda: self.die(points),) * 3 if points else ()  # noqa: B023  # called at once
            self.rng.choice((*NOTHING, *troubles, *deaths))()

    def judge_files(self, diary: Diary) -> None:
        row = self.desk.row(diary.workspace_id)
        if not diary.lines and row.state is State.AVAILABLE:
            diary.lines.append((self.desk.clock.now().timestamp(), self.versions(row.id)))
        if diary.awaited is not None:
            said, found = files_back.judge(self.desk, diary)
            self.counts.update([said] if said else [])
            for one in found:
                self.note_broken(row, one)

    def left_over(self, workspace_ids: Sequence[int]) -> list[str]:
        """A disk too many, a snapshot that no row has, or one that a row has and the cloud has not."""
        self.desk.sandbox.clear_faults()
        play_rounds(self.desk, 6)
        for _ in range(6):  # the one of the day may just be taken
            if rows_of(self.desk, SnapshotState.INTENT, SnapshotState.ENDING):
                play_rounds(self.desk, 1)
        found = list[str]()
        loose = {name for name, (_, holder) in disks(self.desk).items() if not holder}
        if loose:
            found.append(f"disks are left: {sorted(loose)}")
        if {one.state for one in restores(self.desk)} - {RestoreState.DONE}:
            found.append("a restore has not come to its end")
        if {one.state for one in returns(self.desk)} - {ReturnState.DONE}:
            found.append("files have not come to their end")
        if former := {one.disk or "" for one in returns(self.desk)} & set(disks(self.desk)):
            found.append(f"former disks are left: {sorted(former)}")
        standing = {one.name for one in rows_of(self.desk, SnapshotState.READY)}
        if standing != set(in_cloud(self.desk)):
            found.append(f"snapshots differ: {sorted(standing ^ set(in_cloud(self.desk)))}")
        return found
