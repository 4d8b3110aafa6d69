"""The files of a former disk on a new machine: docs/evidence/azure_avd.md#a-former-disk-on-a-new-machine."""

from typing import Any

from azure.mgmt.compute import models

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.disk_snapshots import sent
from webapp.clouds.azure_avd.group import GroupReader
from webapp.clouds.azure_avd.names import spelled
from webapp.clouds.base import Access
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.file_returns import FOLDER, Copy, CopyState

MOST_DISKS = 64
COPY_LIMIT_S = 6 * 3600
NO_SPACE = 3
"""The exit code by which the script says so."""
_DETAIL = 200
_STATES = {
    "succeeded": CopyState.DONE,
    "failed": CopyState.FAILED,
    "timedout": CopyState.FAILED,
    "canceled": CopyState.FAILED,
}
SCRIPT = rf"""
$ErrorActionPreference = 'Stop'
$target = '{FOLDER}'
$source = $null
foreach ($disk in Get-Disk | Where-Object {{ -not $_.IsBoot -and -not $_.IsSystem }}) {{
    if ($disk.IsOffline) {{ $disk | Set-Disk -IsOffline $false }}
    foreach ($part in $disk | Get-Partition | Where-Object {{ $_.Type -in 'Basic', 'IFS' }}) {{
        if (-not $part.DriveLetter) {{
            $part | Add-PartitionAccessPath -AssignDriveLetter -ErrorAction SilentlyContinue
            $part = $part | Get-Partition
        }}
        $root = "$($part.DriveLetter):"
        if ((Test-Path "$root\Windows\System32\config\SYSTEM") -and (Test-Path "$root\Users")) {{
            $source = $root
            $former = $disk
        }}
    }}
}}
if (-not $source) {{ Write-Output 'No former disk is attached.'; exit 2 }}
$used = (Get-ChildItem "$source\Users" -Recurse -Force -File -ErrorAction SilentlyContinue |
    Where-Object {{ $_.FullName -notlike '*\AppData\*' }} | Measure-Object Length -Sum).Sum
$free = (Get-PSDrive C).Free
if ($used -gt $free - 2GB) {{
    Write-Output "Not enough space: $([int]($used / 1GB)) GiB are needed, $([int]($free / 1GB)) GiB are free."
    exit {NO_SPACE}
}}
New-Item -ItemType Directory -Force $target | Out-Null
robocopy "$source\Users" $target /E /B /XJ /COPY:DAT /DCOPY:T /R:1 /W:1 /NFL /NDL /NP `
    /XD AppData 'Default User' 'All Users' Default | Out-Null
$code = $LASTEXITCODE
icacls $target /grant '*S-1-5-32-545:(OI)(CI)M' /T /C /Q | Out-Null
$former | Set-Disk -IsOffline $true
if ($code -ge 8) {{ Write-Output "robocopy ended with $code."; exit 4 }}
Write-Output 'Copied.'
exit 0
"""
"""It may be sent again at any time: what is there already is not copied again."""


class AzureFormerFiles:
    """Attaching a disk to a machine that runs, and a command there that copies its files."""

    def __init__(self, client: AzureClient, access: Access) -> None:
        self._client, self._reader = client, GroupReader(client, access)
        self._group, self._location = access.public_fields["resource_group"], access.public_fields["location"]

    def attach_disk(self, cloud_workspace_id: str, name: str) -> Failure | None:
        found = self._reader.find("disks.get", self._client.compute.disks.get, self._group, name)
        attached = self._attached_to(cloud_workspace_id)
        if found is None or attached is None:
            return Failure("disk_not_found", Trouble.ABSENT)
        if any(one.name == name for one in attached):
            return None
        taken = {one.lun for one in attached}
        wanted = models.DataDisk(
            lun=next(lun for lun in range(MOST_DISKS) if lun not in taken),
            name=found.name,
            create_option="Attach",
            caching="None",
            delete_option="Delete",
            managed_disk=models.ManagedDiskParameters(id=found.id),
        )
        return self._set_disks(cloud_workspace_id, [*attached, wanted])

    def detach_disk(self, cloud_workspace_id: str, name: str) -> Failure | None:
        attached = self._attached_to(cloud_workspace_id)
        if attached is None or all(one.name != name for one in attached):
            return None
        return self._set_disks(cloud_workspace_id, [one for one in attached if one.name != name])

    def copy_files(self, cloud_workspace_id: str, name: str) -> Failure | None:
        wanted = models.VirtualMachineRunCommand(
            location=self._location,
            properties=models.VirtualMachineRunCommandProperties(
                source=models.VirtualMachineRunCommandScriptSource(script=SCRIPT),
                async_execution=True,
                timeout_in_seconds=COPY_LIMIT_S,
            ),
        )
        commands = self._client.compute.virtual_machine_run_commands
        about = (self._group, cloud_workspace_id, name, wanted)
        operation = "virtualMachineRunCommands.createOrUpdate"
        try:
            return sent(self._client, operation, commands.begin_create_or_update, *about)
        except CloudError as error:
            if not error.failure.holds_only_orders:
                raise
            code, detail = error.failure.cloud_code, error.failure.detail
            return Failure("copy_right_missing", Trouble.PERMANENT, code, detail)

    def read_copy(self, cloud_workspace_id: str, name: str) -> Copy | None:
        commands = self._client.compute.virtual_machine_run_commands
        found = self._reader.find(
            "virtualMachineRunCommands.getByVirtualMachine",
            commands.get_by_virtual_machine,
            self._group,
            cloud_workspace_id,
            name,
            expand="instanceView",
        )
        return None if found is None else _shown(found.properties)

    def _attached_to(self, machine: str) -> list[Any] | None:
        """Its data disks; None: there is no such machine. Raises CloudError."""
        get = self._client.compute.virtual_machines.get
        found = self._reader.find("virtualMachines.get", get, self._group, machine)
        if found is None:
            return None
        profile = getattr(found.properties, "storage_profile", None)
        return list(getattr(profile, "data_disks", None) or [])

    def _set_disks(self, machine: str, disks: list[Any]) -> Failure | None:
        """The whole list: what it lacks is detached."""
        properties = models.VirtualMachineProperties(storage_profile=models.StorageProfile(data_disks=disks))
        begin = self._client.compute.virtual_machines.begin_update
        wanted = models.VirtualMachineUpdate(properties=properties)
        return sent(self._client, "virtualMachines.update", begin, self._group, machine, wanted)


def _shown(properties: Any) -> Copy:
    view = getattr(properties, "instance_view", None)
    state = _STATES.get(spelled(getattr(view, "execution_state", None)).lower(), CopyState.RUNNING)
    exit_code = getattr(view, "exit_code", None)
    if state is CopyState.DONE and exit_code not in (None, 0):
        state = CopyState.FAILED
    if state is not CopyState.FAILED:
        return Copy(state)
    code = "files_no_space" if exit_code == NO_SPACE else "files_not_copied"
    said = spelled(getattr(view, "output", None)) or spelled(getattr(view, "error", None))
    return Copy(state, Failure(code, Trouble.PERMANENT, detail=said[:_DETAIL]))
