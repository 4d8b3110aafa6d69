"""Locks against deletion on what desktops consist of: docs/evidence/azure_avd.md#management-locks."""

from dataclasses import asdict, replace
from typing import Any

from azure.core.rest import HttpRequest

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import is_one_of_ours, last_segment, machine_of
from webapp.clouds.azure_avd.report import Report
from webapp.clouds.azure_avd.rest import Json, arm_rest
from webapp.clouds.base import Access
from webapp.clouds.reports import DirectoryFacts
from webapp.domain.errors import CloudError
from webapp.domain.management_locks import ManagementLock

OPERATION = "managementLocks.list"
VERSION = "2016-09-01"
_LOCKS = "/providers/microsoft.authorization/locks/"
_LEVELS = frozenset({"cannotdelete", "readonly"})


def look_at_locks(
    client: AzureClient, access: Access, report: Report, facts: DirectoryFacts | None
) -> DirectoryFacts | None:
    """The facts with the locks, and a line of the test about them. Without the right nothing is known."""
    try:
        found = read_locks(client, access)
    except CloudError as error:
        if error.failure.code != "access_denied":  # that one has a line as a permission
            report.unknown("locks", "Locks against deletion", "They could not be read.")
        return facts
    _say(found, report)
    return None if facts is None else replace(facts, locks=tuple(asdict(one) for one in found))


def read_locks(client: AzureClient, access: Access) -> list[ManagementLock]:
    """Those that keep a desktop from being deleted, on all of the group first. Raises CloudError."""
    fields = access.public_fields
    group = f"/subscriptions/{fields['subscription_id']}/resourceGroups/{fields['resource_group']}"
    rest = arm_rest(client)

    def ask(**named: Any) -> Json:
        url = f"{rest.base}{group}/providers/Microsoft.Authorization/locks"
        return rest.send(HttpRequest("GET", url, params={"api-version": VERSION}), **named)

    listed = client.read(OPERATION, ask).get("value") or ()
    pool = f"{group}/providers/Microsoft.DesktopVirtualization/hostPools/{fields['host_pool']}"
    found = [lock for one in listed if (lock := _lock(one, group.lower(), pool.lower())) is not None]
    return sorted(found, key=lambda one: (one.machine, one.name))


def _lock(one: Json, group: str, pool: str) -> ManagementLock | None:
    """None: it is on something else."""
    level = str((one.get("properties") or {}).get("level") or "")
    scope = str(one.get("id") or "").lower().partition(_LOCKS)[0]
    if level.lower() not in _LEVELS:
        return None
    name = str(one.get("name") or "")
    if group.startswith(scope) or scope == pool:
        return ManagementLock(name, level)
    part = last_segment(scope)
    machine = part if is_one_of_ours(part) else machine_of(part)
    return None if machine is None else ManagementLock(name, level, machine)


def _say(found: list[ManagementLock], report: Report) -> None:
    name, label = "locks", "Locks against deletion"
    if not found:
        report.passed(name, label, "None keeps Berth from deleting a desktop.", is_essential=False)
        return
    first, others = found[0], len(found) - 1
    where = f"the machine {first.machine}" if first.machine else "the resource group, or above or on the pool"
    more = f", and {others} more" if others else ""
    report.warned(
        name,
        label,
        f"“{first.name}” ({first.level}) is on {where}{more}: desktops under a lock cannot be deleted.",
        "Before such a desktop ends, remove the lock in the Azure portal (Resource group → Locks).",
    )
