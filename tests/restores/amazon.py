"""The campaign on Amazon: the cloud makes the snapshots, and one call takes both disks back."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import select

from sandbox import demo
from sandbox.aws.server import start
from tests.clouds.aws.stage import AwsStage
from tests.restores.campaign import Accepted, Campaign, Diary, Versions
from tests.restores.desktops import machine, restores, same_time, versions
from webapp.models import Workspace


class AmazonCampaign(Campaign):
    cloud = AwsStage.cloud
    points = ("snapshots_asked", "power", "powered")
    _calls_read = 0

    @staticmethod
    @contextmanager
    def stage() -> Iterator[AwsStage]:
        with start(port=0, speed=0, demo=True) as aws:
            aws.control.set_users(demo.DEMO_DIRECTORY_ID, None)
            yield AwsStage(aws.control)

    def prepare(self) -> None:
        same_time(self.desk)

    def open_desktop(self, number: int) -> int:
        return self.desk.available(username=f"person.{number}")

    def write(self, workspace_id: int) -> None:
        root, user = self.rng.choice([(True, True), (False, True), (True, False)])
        self.desk.sandbox.write_disks(machine(self.desk, workspace_id), root=root, user=user)

    def versions(self, workspace_id: int) -> Versions:
        return versions(self.desk, workspace_id)

    def shown(self, row: Workspace) -> Sequence[datetime]:
        return [] if row.system_snapshot_at is None else [row.system_snapshot_at]

    def troubles(self) -> Sequence[Callable[[], None]]:
        return (
            lambda: self.fault("drop_after", "RestoreWorkspace"),
            lambda: self.fault("drop_before", "RestoreWorkspace"),
            lambda: self.fault("http_503", "DescribeWorkspaceSnapshots", self.rng.randrange(1, 6)),
        )

    def accepted(self) -> Iterator[Accepted]:
        """When a restore begins, both disks are those of the newest snapshot."""
        calls = [one for one in self.desk.calls("RestoreWorkspace") if one["accepted"]]
        for call in calls[self._calls_read :]:
            [name] = call["ids"]
            yield Accepted(name, call["simulated_at"], self._returned_at(name))
        self._calls_read = len(calls)

    def _returned_at(self, name: str) -> datetime:
        with self.desk.sessions() as session:
            returned_at = select(Workspace.returned_snapshot_at).where(Workspace.cloud_workspace_id == name)
            return session.scalars(returned_at).one()

    def left_over(self, workspace_ids: Sequence[int]) -> list[str]:
        is_known = restores(self.desk) == sum(self._accepted.values())
        return [] if is_known else ["the cloud has accepted a restore that nobody asked for"]

    def end_or_go_on(self, diary: Diary) -> None:
        """Nothing is kept of a desktop that has ended."""

    def judge_files(self, diary: Diary) -> None:
        """None are to come."""
