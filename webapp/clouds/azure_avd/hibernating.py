"""Hibernating: deallocated, with the memory on the disk (docs/evidence/azure_avd.md#hibernation)."""

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.pool import Pool
from webapp.clouds.azure_avd.survey import Survey

_ON = ("running", "starting")


class Hibernating:
    def __init__(self, client: AzureClient, pool: Pool, survey: Survey) -> None:
        self._client, self._pool, self._survey = client, pool, survey

    def hibernate(self, cloud_workspace_id: str) -> bool:
        """Looked at first: a hibernated machine that is sent it again is refused, and then deallocated."""
        machine = self._survey.find_machine(cloud_workspace_id)
        is_moving = machine is None or machine.provisioning.lower() == "updating"
        if machine is None or is_moving or (machine.power is not None and machine.power not in _ON):
            return True  # the next look tells
        if not machine.can_hibernate:
            return False
        self._client.write(
            "virtualMachines.deallocate",
            self._client.compute.virtual_machines.begin_deallocate,
            self._pool.group,
            cloud_workspace_id,
            hibernate=True,
            polling=False,
        )
        return True
