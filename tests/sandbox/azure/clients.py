"""Azure's own SDKs, pointed at the sandbox: one attempt a call, nobody waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from azure.identity import ClientSecretCredential
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.costmanagement import CostManagementClient
from azure.mgmt.desktopvirtualization import DesktopVirtualizationMgmtClient
from azure.mgmt.desktopvirtualization.models import HostPoolPatch, RegistrationInfoPatch
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.resource.deployments import DeploymentsMgmtClient
from azure.mgmt.resource.resources import ResourceManagementClient

from sandbox import demo_azure as demo

GROUP, POOL = demo.DEMO_RESOURCE_GROUP, demo.DEMO_HOST_POOL


class Clients:
    """Everything for one subscription; made when first used, and kept."""

    def __init__(
        self,
        url: str,
        *,
        ca_file: str | None = None,
        subscription_id: str = demo.DEMO_SUBSCRIPTION_ID,
        tenant_id: str = demo.DEMO_TENANT_ID,
        client_id: str = demo.DEMO_CLIENT_ID,
        secret: str = demo.DEMO_CLIENT_SECRET,
        **more: Any,
    ) -> None:
        self.url, self.subscription_id = url, subscription_id
        self._named: dict[str, Any] = {"retry_total": 0, "connection_timeout": 5, "read_timeout": 5, **more}
        if ca_file is not None:
            self._named["connection_verify"] = ca_file
        self.credential = ClientSecretCredential(
            tenant_id, client_id, secret, authority=url, disable_instance_discovery=True, **self._named
        )
        self._open: list[Any] = [self.credential]

    def _make(self, kind: Any, **named: Any) -> Any:
        client = kind(self.credential, self.subscription_id, base_url=self.url, **self._named, **named)
        self._open.append(client)
        return client

    @cached_property
    def avd(self) -> Any:
        return self._make(DesktopVirtualizationMgmtClient)

    @cached_property
    def compute(self) -> Any:
        return self._make(ComputeManagementClient, polling_interval=0)

    @cached_property
    def network(self) -> Any:
        return self._make(NetworkManagementClient, polling_interval=0)

    @cached_property
    def resources(self) -> Any:
        return self._make(ResourceManagementClient)

    @cached_property
    def deployments(self) -> Any:
        return self._make(DeploymentsMgmtClient, polling_interval=0)

    @cached_property
    def authorization(self) -> Any:
        return self._make(AuthorizationManagementClient)

    @cached_property
    def costs(self) -> Any:
        """Of any subscription: a query names its own."""
        client = CostManagementClient(self.credential, base_url=self.url, **self._named)
        self._open.append(client)
        return client

    def close(self) -> None:
        for one in self._open:
            one.close()

    def token(self, now: float, *, hours: float = 24) -> str:
        """A new registration token of the demo's pool; `now` is the cloud's time."""
        expires_at = datetime.fromtimestamp(now, UTC) + timedelta(hours=hours)
        info = RegistrationInfoPatch(expiration_time=expires_at, registration_token_operation="Update")
        self.avd.host_pools.update(GROUP, POOL, HostPoolPatch(registration_info=info))
        found: str = self.avd.host_pools.retrieve_registration_token(GROUP, POOL).token
        return found

    def powers(self) -> dict[str, str]:
        """Power state by machine, as the full list shows it."""
        return {
            vm.name: power_of(vm.properties.instance_view)
            for vm in self.compute.virtual_machines.list_all(status_only="true")
        }

    def statuses(self) -> dict[str, str]:
        """Status by session host of the demo's pool."""
        return {
            host.name.rpartition("/")[2]: host.status for host in self.avd.session_hosts.list(GROUP, POOL)
        }


def power_of(view: Any) -> str:
    """`PowerState/<this>`; empty when Azure does not say."""
    codes = [status.code.partition("/") for status in view.statuses]
    return next((rest for kind, _, rest in codes if kind == "PowerState"), "")
