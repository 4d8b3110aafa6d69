"""The campaign on Azure: Berth makes the snapshots, and swaps the disk for one made of any that is kept."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sandbox.azure.server import start
from tests.clouds.azure.stage import AzureStage
from tests.engine.azure.restores import MAKE, OFF, ON, UPDATE, disks, machine, restores
from tests.engine.azure.snapshots import in_cloud, play_rounds, rows_of
from tests.restores.campaign import Accepted, Campaign, Versions
from webapp.domain.disk_restores import RestoreState
from webapp.domain.disk_snapshots import SnapshotState
from webapp.models import Workspace


class AzureCampaign(Campaign):
    cloud = AzureStage.cloud
    points = ("snapshots_asked", "restoring", "restored")
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
        return tuple(version for version, holder in disks(self.desk).values() if holder == name)

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
            yield Accepted(name, call["simulated_at"], made[name])
        self._calls_read = len(calls)

    def left_over(self, workspace_ids: Sequence[int]) -> list[str]:
        """A disk too many, a snapshot that no row has, or one that a row has and the cloud has not."""
        self.desk.sandbox.clear_faults()
        play_rounds(self.desk, 6)
        found = list[str]()
        loose = {name for name, (_, holder) in disks(self.desk).items() if not holder}
        if loose:
            found.append(f"disks are left: {sorted(loose)}")
        if {one.state for one in restores(self.desk)} - {RestoreState.DONE}:
            found.append("a restore has not come to its end")
        standing = {one.name for one in rows_of(self.desk, SnapshotState.READY)}
        if standing != set(in_cloud(self.desk)):
            found.append(f"snapshots differ: {sorted(standing ^ set(in_cloud(self.desk)))}")
        return found
