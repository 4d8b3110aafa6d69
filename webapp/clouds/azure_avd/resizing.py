"""Changing the size of a machine: docs/evidence/azure_avd.md#changing-a-size."""

from azure.mgmt.compute.models import HardwareProfile, VirtualMachineProperties, VirtualMachineUpdate

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import spelled
from webapp.clouds.azure_avd.pool import Pool
from webapp.clouds.azure_avd.survey import Survey
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import CloudState
from webapp.domain.observation import MachineRef
from webapp.domain.resizes import Resize, ResizeKind

_DEFINITE = frozenset({Trouble.PERMANENT, Trouble.QUOTA, Trouble.ABSENT})


class AzureResizes:
    def __init__(self, client: AzureClient, pool: Pool, survey: Survey) -> None:
        self._client, self._pool, self._survey = client, pool, survey

    def resize(self, machine: MachineRef, resize: Resize) -> Failure | None:
        if resize.kind is not ResizeKind.SIZE:
            return Failure("not_supported", Trouble.PERMANENT)
        if machine.state is not CloudState.STOPPED and not self._is_here(machine, resize.value):
            return Failure("size_not_here", Trouble.PERMANENT)
        if machine.state is CloudState.STOPPED and self._is_hibernated(machine):
            return Failure("size_while_hibernated", Trouble.PERMANENT)
        try:
            self._client.write(
                "virtualMachines.update",
                self._client.compute.virtual_machines.begin_update,
                self._pool.group,
                machine.cloud_workspace_id,
                VirtualMachineUpdate(
                    properties=VirtualMachineProperties(
                        hardware_profile=HardwareProfile(vm_size=resize.value)
                    )
                ),
                polling=False,
            )
        except CloudError as error:
            if error.failure.trouble not in _DEFINITE:
                raise
            return error.failure
        return None

    def _is_hibernated(self, machine: MachineRef) -> bool:
        found = self._survey.find_machine(machine.cloud_workspace_id)
        return found is not None and found.is_hibernated

    def _is_here(self, machine: MachineRef, size: str) -> bool:
        """Has the hardware where it runs this size? Without the right to ask, Azure answers the change."""
        machines = self._client.compute.virtual_machines
        try:
            names = [
                spelled(one.name).lower()
                for one in self._client.pages(
                    "virtualMachines.listAvailableSizes",
                    machines.list_available_sizes,
                    self._pool.group,
                    machine.cloud_workspace_id,
                )
            ]
        except CloudError as error:
            if error.failure.trouble is Trouble.CREDENTIAL and error.failure.holds_only_orders:
                return True
            raise
        return size.lower() in names
