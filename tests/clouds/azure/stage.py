"""The simulated Azure as the tests see it (`tests/stages.py` has the shape)."""

from dataclasses import dataclass

from sandbox import demo_azure
from sandbox.azure_control import AzureSandbox
from sandbox.control import Json
from webapp.domain.endpoints import Endpoint


@dataclass
class AzureStage:
    control: AzureSandbox
    ca_file: str
    cloud = "azure"
    bundle_id = "az-standard"
    workspace_type = "windows"
    shortest_launch_s = 12 * 60.0
    operations = {
        "create": "deployments.createOrUpdate",
        "list": "sessionHosts.list",
        "start": "virtualMachines.start",
        "stop": "virtualMachines.deallocate",
        "restart": "virtualMachines.restart",
        "terminate": "virtualMachines.delete",
        "create_user": "users.create",
        "connections": "userSessions.listByHostPool",
    }
    fields = {
        "tenant_id": demo_azure.DEMO_TENANT_ID,
        "client_id": demo_azure.DEMO_CLIENT_ID,
        "client_secret": demo_azure.DEMO_CLIENT_SECRET,
        "subscription_id": demo_azure.DEMO_SUBSCRIPTION_ID,
        "resource_group": demo_azure.DEMO_RESOURCE_GROUP,
        "host_pool": demo_azure.DEMO_HOST_POOL,
        "location": demo_azure.DEMO_LOCATION,
        "subnet_id": demo_azure.DEMO_SUBNET_ID,
    }

    def launch_s(self, machine_id: str | None) -> float:
        # The look then gives it to its person, the next finds that done.
        return self.shortest_launch_s + 2 * 60.0

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.control.url, self.ca_file)

    @staticmethod
    def username(number: int) -> str:
        return f"person.{number}@example.com"

    @staticmethod
    def newcomer(number: int) -> str:
        """The user name of somebody who is not in the directory yet."""
        return f"ghost.{number}@demo.example"

    def machines(self) -> list[Json]:
        return [
            {**one, "name": machine_name(one["name"])}
            for one in self.control.journal()
            if one["gone_at"] is None and one["kind"] != "deployment"
        ]

    def revoke(self) -> None:
        self.control.set_secret(state="wrong")

    def plant(self, username: str, *, claim: str | None = None) -> str:
        name = f"byhand{len(self.control.journal())}"
        self.control.make_machine(
            name, username=username, tags={} if claim is None else {"berth-claim": claim}
        )
        return name

    def vanish(self, machine_id: str) -> None:
        self.control.delete_by_hand(machine_id)

    def connect(self, machine_id: str, username: str) -> None:
        self.control.open_session(machine_id, username)

    def disconnect(self, machine_id: str) -> None:
        self.control.close_sessions(machine_id)

    def deny_connections(self) -> None:
        self.control.deny(["Microsoft.DesktopVirtualization/hostpools/sessionhosts/usersessions/read"])

    def measure(self, machine_id: str, *, cpu: float | None, memory: float | None, days: int = 14) -> None:
        self.control.set_load(machine_id, cpu=cpu, memory=memory, days=days)

    def deny_loads(self) -> None:
        self.control.deny(["Microsoft.Insights/metrics/read"])


def machine_name(part: str) -> str:
    """Of the machine that a network card, disk or host record belongs to."""
    return part.removesuffix("-nic").removesuffix("-os").rpartition("/")[2].lower()
