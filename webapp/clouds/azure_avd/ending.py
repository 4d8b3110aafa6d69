"""Terminating a desktop, one step per call: cancel, host, machine, network interface, disk, record.

Our own network interface and disk are deleted with their machine, or found by their names. Those of an
adopted machine have other names and may not be deleted with it. So they are tagged first:
the tags survive a crash and appear in every list when the machine is gone.

Nothing waits here. The next check shows what is left, and the engine repeats the call until nothing is.
"""

from collections.abc import Mapping

from azure.mgmt.compute.models import DiskUpdate
from azure.mgmt.network.models import TagsObject

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import (
    CLAIM_TAG,
    DISK_SUFFIX,
    MACHINE_TAG,
    NIC_SUFFIX,
    POOL_TAG,
    is_claim_of,
    is_one_of_ours,
    last_segment,
    tags_of,
)
from webapp.clouds.azure_avd.parts import MachinePart, Parts
from webapp.clouds.azure_avd.pool import Pool
from webapp.clouds.azure_avd.sessions import end_sessions
from webapp.clouds.azure_avd.survey import DISK, NIC, Survey
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.observation import MachineRef


def end(client: AzureClient, pool: Pool, survey: Survey, name: str) -> Failure | None:
    """Take the next step; None if the cloud accepts it. Raises CloudError."""
    parts = survey.look_at(MachineRef(name))
    if not may_end(parts):
        return Failure("machine_elsewhere" if parts.is_elsewhere else "not_ours", Trouble.PERMANENT)
    if parts.deployment is not None and parts.deployment.is_in_flight:
        _cancel(client, pool, name)
        return None
    if parts.machine is not None and _mark_parts(client, pool, survey, name, parts.machine):
        return None
    if parts.host is not None:
        _end_host(client, pool, parts.host.host)
    if parts.machine is not None:
        if parts.machine.provisioning.lower() != "deleting":
            client.delete(
                "virtualMachines.delete",
                client.compute.virtual_machines.begin_delete,
                pool.group,
                name,
                polling=False,
            )
    else:
        _end_leftovers(client, pool, survey, name)
    if parts.deployment is not None:
        forget_deployment(client, pool, name)
    return None


def may_end(parts: Parts) -> bool:
    """Each part with one of our names must have in its tags the claim that the name was derived from.

    A part with another name belongs to an adopted machine and has no claim.
    """
    if parts.is_elsewhere:
        return False
    tellers = [one.tags.get(CLAIM_TAG) for one in (parts.machine, parts.deployment) if one is not None]
    if is_one_of_ours(parts.name):
        return all(is_claim_of(claim, parts.name) for claim in tellers)
    return all(claim is None for claim in tellers)


def forget_deployment(client: AzureClient, pool: Pool, name: str) -> None:
    """Remove the record of a finished deployment; what it created stays. Raises CloudError."""
    client.delete(
        "deployments.delete", client.deployments.deployments.begin_delete, pool.group, name, polling=False
    )


def _cancel(client: AzureClient, pool: Pool, name: str) -> None:
    try:
        client.write("deployments.cancel", client.deployments.deployments.cancel, pool.group, name)
    except CloudError as error:
        # It has finished meanwhile: the next check shows how.
        if error.failure.trouble not in (Trouble.ABSENT, Trouble.TRANSIENT):
            raise


def _end_host(client: AzureClient, pool: Pool, host: str) -> None:
    """Sign out its users, then remove it from the pool."""
    end_sessions(client, pool, host)
    client.delete(
        "sessionHosts.delete", client.avd.session_hosts.delete, pool.group, pool.name, host, force=True
    )


def _mark_parts(client: AzureClient, pool: Pool, survey: Survey, name: str, machine: MachinePart) -> bool:
    """Tag the network interface and disk of an adopted machine. True if a tag was missing.

    Data disks, and anything elsewhere, are not changed: they may not belong to the desktop.
    """
    if is_one_of_ours(name):
        return False
    cards, disks, is_news = client.network.network_interfaces, client.compute.disks, False
    for card in filter(survey.is_in_group, map(str.lower, machine.cards)):
        found = client.find("networkInterfaces.get", cards.get, pool.group, last_segment(card))
        if (tags := _unmarked(found, pool, survey, name)) is not None:
            client.write(
                "networkInterfaces.updateTags",
                cards.update_tags,
                pool.group,
                last_segment(card),
                TagsObject(tags=tags),
            )
            is_news = True
    for disk in filter(survey.is_in_group, [machine.disk]):
        found = client.find("disks.get", disks.get, pool.group, last_segment(disk))
        if (tags := _unmarked(found, pool, survey, name)) is not None:
            client.write(
                "disks.update",
                disks.begin_update,
                pool.group,
                last_segment(disk),
                DiskUpdate(tags=tags),
                polling=False,
            )
            is_news = True
    return is_news


def _unmarked(found: object, pool: Pool, survey: Survey, name: str) -> dict[str, str] | None:
    """The tags that it should have; None if it has them, or if it is not ours to tag."""
    tags = tags_of(found)
    if found is None or CLAIM_TAG in tags or survey.is_marked(tags, name):
        return None
    marks = {POOL_TAG: pool.name, MACHINE_TAG: name}
    # The company's own tags keep their case.
    others: Mapping[str, str] = getattr(found, "tags", None) or {}
    return {key: value for key, value in others.items() if key.lower() not in marks} | marks


def _end_leftovers(client: AzureClient, pool: Pool, survey: Survey, name: str) -> None:
    """What is deleted with its machine, unless there never was one."""
    if is_one_of_ours(name):
        left = [(NIC, f"{name}{NIC_SUFFIX}")] if survey.find_card(name) is not None else []
        left += [(DISK, f"{name}{DISK_SUFFIX}")] if survey.find_disk(name) is not None else []
    else:
        left = []
    # Those of an adopted machine; and of any one the disks of its restores.
    left += [(one.kind, one.name) for one in survey.marked(name) if (one.kind, one.name) not in left]
    cards, disks = client.network.network_interfaces, client.compute.disks
    for kind, part in left:
        if kind == NIC:
            client.delete("networkInterfaces.delete", cards.begin_delete, pool.group, part, polling=False)
        else:
            client.delete("disks.delete", disks.begin_delete, pool.group, part, polling=False)
