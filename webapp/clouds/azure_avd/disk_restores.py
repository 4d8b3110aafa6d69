"""Disks made of snapshots, in place of a machine's own: docs/evidence/azure_avd.md#another-system-disk."""

from typing import Any

from azure.mgmt.compute import models

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.disk_snapshots import sent
from webapp.clouds.azure_avd.former_files import AzureFormerFiles
from webapp.clouds.azure_avd.names import (
    CLAIM_TAG,
    MACHINE_TAG,
    POOL_TAG,
    USER_TAG,
    last_segment,
    spelled,
    tags_of,
)
from webapp.clouds.azure_avd.parts import MachinePart
from webapp.clouds.azure_avd.survey import Survey
from webapp.clouds.base import Access
from webapp.domain.disk_restores import Disk, MachineDisk, Power
from webapp.domain.errors import Failure, Trouble
from webapp.providers.parts.own_tags import own_tags

_POWERS = {
    "running": Power.ON,
    "starting": Power.ON,
    "deallocated": Power.OFF,
    "stopped": Power.HALTED,
}
_BUSY = ("updating", "creating", "deleting")


def _power_of(machine: MachinePart) -> Power:
    return Power.HIBERNATED if machine.is_hibernated else _POWERS.get(machine.power or "", Power.MOVING)


class AzureDiskRestores(AzureFormerFiles):
    def __init__(self, client: AzureClient, survey: Survey, access: Access) -> None:
        super().__init__(client, access)
        fields = access.public_fields
        self._survey, self._pool = survey, fields["host_pool"]
        self._own_tags = own_tags(fields)

    def read_machine_disk(self, cloud_workspace_id: str) -> MachineDisk | None:
        machine = self._survey.find_machine(cloud_workspace_id)
        if machine is None:
            return None
        return MachineDisk(
            disk=last_segment(machine.disk) if self._reader.is_in_group(machine.disk) else "",
            power=_power_of(machine),
            is_busy=machine.provisioning.lower() in _BUSY,
            failure=machine.failure,
        )

    def find_disk(self, name: str) -> Disk | None:
        found = self._find(name)
        return None if found is None else _shown(found)

    def make_disk(self, name: str, *, cloud_workspace_id: str, snapshot: str, claim: str) -> Failure | None:
        known = self.find_disk(name)
        if known is not None:
            return None if known.claim == claim else Failure("disk_name_taken", Trouble.EXISTS)
        source = self._reader.find("snapshots.get", self._client.compute.snapshots.get, self._group, snapshot)
        if source is None:
            return Failure("snapshot_deleted", Trouble.ABSENT)
        machine = self._survey.find_machine(cloud_workspace_id)
        before = None if machine is None else self._find(last_segment(machine.disk))
        if machine is None or before is None:
            return Failure("disk_not_found", Trouble.ABSENT)
        wanted = models.Disk(
            location=before.location,
            zones=before.zones,
            sku=models.DiskSku(name=before.sku.name) if before.sku else None,
            properties=models.DiskProperties(
                creation_data=models.CreationData(create_option="Copy", source_resource_id=source.id),
                os_type=getattr(before.properties, "os_type", None),
                hyper_v_generation=getattr(before.properties, "hyper_v_generation", None),
                supports_hibernation=getattr(before.properties, "supports_hibernation", None),
            ),
            tags=self._own_tags | self._marks(cloud_workspace_id, claim, machine),
        )
        begin = self._client.compute.disks.begin_create_or_update
        return sent(self._client, "disks.createOrUpdate", begin, self._group, name, wanted)

    def mark_disk(self, name: str, *, cloud_workspace_id: str, claim: str) -> Failure | None:
        found = self._find(name)
        if found is None:
            return Failure("disk_not_found", Trouble.ABSENT)
        machine = self._survey.find_machine(cloud_workspace_id)
        marks = self._marks(cloud_workspace_id, claim, machine)
        # The company's own tags keep their case.
        others = {key: value for key, value in (found.tags or {}).items() if key.lower() not in marks}
        begin, wanted = self._client.compute.disks.begin_update, models.DiskUpdate(tags=others | marks)
        return sent(self._client, "disks.update", begin, self._group, name, wanted)

    def use_disk(self, cloud_workspace_id: str, name: str) -> Failure | None:
        found = self._find(name)
        if found is None:
            return Failure("disk_not_found", Trouble.ABSENT)
        disk = models.OSDisk(
            name=found.name,
            create_option="FromImage",  # what the machine has: Azure refuses another word
            delete_option="Delete",
            managed_disk=models.ManagedDiskParameters(id=found.id),
        )
        properties = models.VirtualMachineProperties(storage_profile=models.StorageProfile(os_disk=disk))
        begin = self._client.compute.virtual_machines.begin_update
        wanted = models.VirtualMachineUpdate(properties=properties)
        return sent(self._client, "virtualMachines.update", begin, self._group, cloud_workspace_id, wanted)

    def end_disk(self, name: str, *, claim: str) -> Failure | None:
        known = self.find_disk(name)
        if known is None:
            return None
        if known.claim != claim or known.holder:
            return Failure("not_ours", Trouble.PERMANENT)
        begin = self._client.compute.disks.begin_delete
        failure = sent(self._client, "disks.delete", begin, self._group, name)
        return None if failure is not None and failure.trouble is Trouble.ABSENT else failure

    def _find(self, name: str) -> Any | None:
        return self._reader.find("disks.get", self._client.compute.disks.get, self._group, name)

    def _marks(self, cloud_workspace_id: str, claim: str, machine: MachinePart | None) -> dict[str, str]:
        """By these a list of the group shows whose disk it is, and its end comes with its machine's."""
        user = "" if machine is None else machine.tags.get(USER_TAG, "")
        marks = {CLAIM_TAG: claim, POOL_TAG: self._pool, MACHINE_TAG: cloud_workspace_id}
        return marks | ({USER_TAG: user} if user else {})


def _shown(found: Any) -> Disk:
    state = spelled(getattr(found.properties, "provisioning_state", None)).lower()
    return Disk(
        name=last_segment(found.id) or last_segment(found.name),
        claim=tags_of(found).get(CLAIM_TAG),
        is_ready=state == "succeeded",
        has_failed=state in ("failed", "canceled"),
        holder=last_segment(getattr(found, "managed_by", None)),
    )
