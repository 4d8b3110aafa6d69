"""The simulated Amazon as the tests see it (`tests/stages.py` has the shape)."""

from dataclasses import dataclass
from math import ceil

from sandbox import demo
from sandbox.aws.machines import launch_seconds
from sandbox.control import Json, Sandbox
from webapp.domain.endpoints import Endpoint

LOOK_EVERY_S = 120.0
"""As workers look at a desktop that is being made."""


@dataclass
class AwsStage:
    control: Sandbox
    cloud = "aws"
    bundle_id = demo.DEMO_UBUNTU_BUNDLE_ID
    workspace_type = "ubuntu"
    shortest_launch_s = 16 * 60.0
    operations = {
        "create": "CreateWorkspaces",
        "list": "DescribeWorkspaces",
        "start": "StartWorkspaces",
        "stop": "StopWorkspaces",
        "restart": "RebootWorkspaces",
        "terminate": "TerminateWorkspaces",
        "connections": "DescribeWorkspacesConnectionStatus",
    }
    fields = {
        "region": demo.DEMO_REGION,
        "directory_id": demo.DEMO_DIRECTORY_ID,
        "access_key_id": demo.DEMO_ACCESS_KEY_ID,
        "secret_access_key": demo.DEMO_SECRET_ACCESS_KEY,
    }

    def launch_s(self, machine_id: str | None) -> float:
        takes_s = 0.0 if machine_id is None else launch_seconds(machine_id, 1)
        looks = max(0, ceil((takes_s - self.shortest_launch_s) / LOOK_EVERY_S))
        return self.shortest_launch_s + looks * LOOK_EVERY_S

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.control.url)

    @staticmethod
    def username(number: int) -> str:
        return f"person.{number}"

    def machines(self) -> list[Json]:
        return [
            {"name": one["workspace_id"], "kind": "machine", "claim": one["claim"]}
            for one in self.control.journal()
            if one["gone_at"] is None
        ]

    def revoke(self) -> None:
        self.control.set_key(demo.DEMO_ACCESS_KEY_ID, state="disabled")

    def plant(self, username: str, *, claim: str | None = None) -> str:
        made = self.control.make_workspace(
            directory_id=demo.DEMO_DIRECTORY_ID,
            user_name=username,
            bundle_id=self.bundle_id,
            tags={} if claim is None else {"berth-claim": claim},
        )
        return str(made["workspace_id"])

    def vanish(self, machine_id: str) -> None:
        self.control.vanish_workspace(machine_id)

    def connect(self, machine_id: str, username: str) -> None:
        self.control.connect(machine_id)

    def disconnect(self, machine_id: str) -> None:
        self.control.disconnect(machine_id)

    def deny_connections(self) -> None:
        denied = ["workspaces:DescribeWorkspacesConnectionStatus"]
        self.control.set_key(demo.DEMO_ACCESS_KEY_ID, denied=denied)

    def measure(self, machine_id: str, *, cpu: float | None, memory: float | None, days: int = 14) -> None:
        self.control.set_load(machine_id, cpu=cpu, memory=memory, days=days)

    def deny_loads(self) -> None:
        self.control.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["cloudwatch:GetMetricData"])
