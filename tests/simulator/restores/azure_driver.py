"""The driver of the scripted Azure with disks: its snapshots and restores, each call at its points."""

from collections.abc import Callable

from tests.simulator.driver import ScriptedDriver, ScriptedFactory
from tests.simulator.restores.amazon import moment
from tests.simulator.restores.azure import AzureLike, Snapshot
from webapp.clouds.base import Access, Gate
from webapp.clouds.disk_snapshots import DiskSnapshot
from webapp.domain.disk_restores import Disk, MachineDisk
from webapp.domain.errors import Failure
from webapp.domain.file_returns import Copy

SIZE_GIB = 128


class AzureLikeFactory(ScriptedFactory):
    def __init__(self, cloud: AzureLike, attempts: int) -> None:
        super().__init__(cloud, attempts, key="azure")

    def __call__(self, access: Access, gate: Gate) -> "AzureLikeDriver":
        assert isinstance(self.cloud, AzureLike)
        return AzureLikeDriver(self.cloud, access, gate, self.attempts)


class AzureLikeDriver(ScriptedDriver):
    lists_as_it_looks = False

    @property
    def rebuilds(self) -> None:
        return None

    def __init__(self, cloud: AzureLike, access: Access, gate: Gate, attempts: int) -> None:
        super().__init__(cloud, access, gate, attempts)
        self.azure = cloud
        self.disk_snapshots = self.disk_restores = self

    # Snapshots

    def list_disk_snapshots(self) -> list[DiskSnapshot]:
        return self.request("list_snapshots", lambda: [self._seen(one) for one in self.azure.listed()])

    def other_backup_of(self, cloud_workspace_id: str) -> str:
        return ""

    def find_disk_snapshot(self, name: str) -> DiskSnapshot | None:
        def read() -> DiskSnapshot | None:
            found = self.azure.snapshots.get(name)
            return None if found is None else self._seen(found)

        return self.request("find_snapshot", read)

    def take_disk_snapshot(self, cloud_workspace_id: str, *, name: str, claim: str) -> Failure | None:
        return self._write("take_snapshot", lambda: self.azure.take(cloud_workspace_id, name, claim))

    def end_disk_snapshot(self, name: str, *, claim: str) -> Failure | None:
        return self._write("end_snapshot", lambda: self.azure.end_snapshot(name, claim))

    def _seen(self, one: Snapshot) -> DiskSnapshot:
        is_ready = one.ready_s <= self.azure.hub.now_s and not one.has_failed
        return DiskSnapshot(
            one.name, one.claim, one.machine, moment(one.taken_s), SIZE_GIB, is_ready, one.has_failed
        )

    # Disks

    def read_machine_disk(self, cloud_workspace_id: str) -> MachineDisk | None:
        return self.request("read_machine_disk", lambda: self.azure.machine_disk(cloud_workspace_id))

    def find_disk(self, name: str) -> Disk | None:
        def read() -> Disk | None:
            found = self.azure.disks.get(name)
            if found is None:
                return None
            is_ready = found.ready_s <= self.azure.hub.now_s and not found.has_failed
            return Disk(found.name, found.claim, is_ready, found.has_failed, found.holder)

        return self.request("find_disk", read)

    def make_disk(self, name: str, *, cloud_workspace_id: str, snapshot: str, claim: str) -> Failure | None:
        return self._write(
            "make_disk", lambda: self.azure.make_disk(name, cloud_workspace_id, snapshot, claim)
        )

    def mark_disk(self, name: str, *, cloud_workspace_id: str, claim: str) -> Failure | None:
        def mark() -> Failure | None:
            if (disk := self.azure.disks.get(name)) is not None:
                disk.claim = claim
            return None

        return self._write("mark_disk", mark)

    def use_disk(self, cloud_workspace_id: str, name: str) -> Failure | None:
        return self._write("use_disk", lambda: self.azure.use_disk(cloud_workspace_id, name))

    def attach_disk(self, cloud_workspace_id: str, name: str) -> Failure | None:
        return self._write("attach_disk", lambda: self.azure.attach(cloud_workspace_id, name))

    def detach_disk(self, cloud_workspace_id: str, name: str) -> Failure | None:
        return self._write("detach_disk", lambda: self.azure.detach(cloud_workspace_id, name))

    def copy_files(self, cloud_workspace_id: str, name: str) -> Failure | None:
        return self._write("copy_files", lambda: self.azure.copy(cloud_workspace_id, name))

    def read_copy(self, cloud_workspace_id: str, name: str) -> Copy | None:
        return self.request("read_copy", lambda: self.azure.copy_of(cloud_workspace_id, name))

    def end_disk(self, name: str, *, claim: str) -> Failure | None:
        return self._write("end_disk", lambda: self.azure.end_disk(name, claim))

    def _write(self, operation: str, do: Callable[[], Failure | None]) -> Failure | None:
        return self.request(operation, do, may_be_lost=True)
