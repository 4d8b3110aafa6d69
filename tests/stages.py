"""The simulated clouds as the tests see them: one shape for all, so that a test need not know which it is on.

A stage knows what people enter and order there, and can cause what happens at the cloud.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from sandbox import demo
from sandbox.control import Json, Sandbox
from webapp.domain.endpoints import Endpoint


class Clocked(Protocol):
    """A simulated cloud whose clock can be moved on."""

    def advance(self, seconds: float) -> float: ...


class Simulated(Protocol):
    """A simulated cloud that Berth's settings can point at."""

    @property
    def cloud(self) -> str:
        """The key of its provider."""
        ...

    @property
    def endpoint(self) -> Endpoint:
        """Where Berth finds it."""
        ...


class Stage(Simulated, Protocol):
    fields: dict[str, str]
    """What a person enters for a credential, the secret too."""
    bundle_id: str
    workspace_type: str
    operations: dict[str, str]
    """`create`, `list`, `start`, `stop`, `restart`, `terminate` as the stage's ledger names them."""

    @property
    def control(self) -> Any:
        """Clock, faults, ledger and journal of the simulated cloud."""
        ...

    def username(self, number: int) -> str: ...

    def machines(self) -> list[Json]:
        """Every part that lives: `name` (of the machine it belongs to), `kind`, `claim`."""
        ...

    def revoke(self) -> None:
        """The key stops working."""
        ...

    def plant(self, username: str, *, claim: str | None = None) -> str:
        """Somebody makes a machine by hand; its id."""
        ...

    def vanish(self, machine_id: str) -> None:
        """Somebody ends a machine by hand, with everything that belongs to it."""
        ...


@dataclass
class AwsStage:
    control: Sandbox
    cloud = "aws"
    bundle_id = demo.DEMO_UBUNTU_BUNDLE_ID
    workspace_type = "ubuntu"
    operations = {
        "create": "CreateWorkspaces",
        "list": "DescribeWorkspaces",
        "start": "StartWorkspaces",
        "stop": "StopWorkspaces",
        "restart": "RebootWorkspaces",
        "terminate": "TerminateWorkspaces",
    }
    fields = {
        "region": demo.DEMO_REGION,
        "directory_id": demo.DEMO_DIRECTORY_ID,
        "access_key_id": demo.DEMO_ACCESS_KEY_ID,
        "secret_access_key": demo.DEMO_SECRET_ACCESS_KEY,
    }

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
