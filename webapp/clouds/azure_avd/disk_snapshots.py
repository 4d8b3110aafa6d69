"""Incremental snapshots of system disks: docs/evidence/azure_avd.md#snapshots-of-disks."""

from typing import Any

from azure.mgmt.compute.models import CreationData, Snapshot, SnapshotProperties

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.group import GroupReader
from webapp.clouds.azure_avd.names import (
    CLAIM_TAG,
    MACHINE_TAG,
    POOL_TAG,
    machine_of_snapshot,
    moment,
    spelled,
    tags_of,
)
from webapp.clouds.azure_avd.other_backups import OtherBackups
from webapp.clouds.azure_avd.survey import Survey
from webapp.clouds.base import Access
from webapp.clouds.disk_snapshots import DiskSnapshot
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.providers.parts.own_tags import own_tags

_DEFINITE = frozenset({Trouble.PERMANENT, Trouble.QUOTA, Trouble.ABSENT, Trouble.EXISTS})
_COMPLETE_PERCENT = 100.0


class AzureDiskSnapshots:
    def __init__(self, client: AzureClient, survey: Survey, access: Access) -> None:
        self._client, self._survey, self._reader = client, survey, GroupReader(client, access)
        fields = access.public_fields
        self._group, self._pool, self._location = (
            fields["resource_group"],
            fields["host_pool"],
            fields["location"],
        )
        self._own_tags = own_tags(fields)
        self._others = OtherBackups(client, access)

    def list_disk_snapshots(self) -> list[DiskSnapshot]:
        snapshots = self._client.compute.snapshots
        pages = self._reader.pages(
            "snapshots.listByResourceGroup", snapshots.list_by_resource_group, self._group
        )
        return [_shown(one) for one in pages if self._is_of_this_pool(one)]

    def _is_of_this_pool(self, found: Any) -> bool:
        """Another credential of this resource group has its own."""
        return tags_of(found).get(POOL_TAG, "").lower() == self._pool.lower()

    def other_backup_of(self, cloud_workspace_id: str) -> str:
        return self._others.vault_of(cloud_workspace_id)

    def find_disk_snapshot(self, name: str) -> DiskSnapshot | None:
        found = self._reader.find("snapshots.get", self._client.compute.snapshots.get, self._group, name)
        return None if found is None else _shown(found)

    def take_disk_snapshot(self, cloud_workspace_id: str, *, name: str, claim: str) -> Failure | None:
        known = self.find_disk_snapshot(name)
        if known is not None:
            return None if known.claim == claim else Failure("snapshot_name_taken", Trouble.EXISTS)
        machine = self._survey.find_machine(cloud_workspace_id)
        if machine is None or not machine.disk:
            return Failure("disk_not_found", Trouble.ABSENT)
        wanted = Snapshot(
            location=self._location,
            properties=SnapshotProperties(
                creation_data=CreationData(create_option="Copy", source_resource_id=machine.disk),
                incremental=True,
            ),
            tags=self._own_tags | {CLAIM_TAG: claim, POOL_TAG: self._pool, MACHINE_TAG: cloud_workspace_id},
        )
        return sent(
            self._client,
            "snapshots.createOrUpdate",
            self._client.compute.snapshots.begin_create_or_update,
            self._group,
            name,
            wanted,
        )

    def end_disk_snapshot(self, name: str, *, claim: str) -> Failure | None:
        known = self.find_disk_snapshot(name)
        if known is None:
            return Failure("snapshot_deleted", Trouble.ABSENT)
        if known.claim != claim:
            return Failure("not_ours", Trouble.PERMANENT)
        begin = self._client.compute.snapshots.begin_delete
        return sent(self._client, "snapshots.delete", begin, self._group, name)


def sent(client: AzureClient, operation: str, function: Any, *args: Any) -> Failure | None:
    """Begin an operation on a disk or a snapshot; a failure: Azure refuses it for good. Raises CloudError."""
    try:
        client.write(operation, function, *args, polling=False)
    except CloudError as error:
        if error.failure.trouble not in _DEFINITE:
            raise
        return error.failure
    return None


def _shown(found: Any) -> DiskSnapshot:
    properties, tags = found.properties, tags_of(found)
    name, state = spelled(found.name), spelled(getattr(properties, "provisioning_state", None)).lower()
    percent = getattr(properties, "completion_percent", None)
    return DiskSnapshot(
        name=name,
        claim=tags.get(CLAIM_TAG),
        machine=tags.get(MACHINE_TAG) or machine_of_snapshot(name) or "",
        taken_at=moment(getattr(properties, "time_created", None)),
        size_gib=getattr(properties, "disk_size_gb", None),
        is_ready=state == "succeeded" and (percent is None or percent >= _COMPLETE_PERCENT),
        has_failed=state in ("failed", "canceled"),
    )
