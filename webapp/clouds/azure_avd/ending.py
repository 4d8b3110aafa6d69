"""Ending a desktop, one step further each time it is asked: cancel, host, machine, card, disk, record.

Nothing is waited for. What is left shows in the next look, and the engine asks again until nothing is.
"""

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import (
    CLAIM_TAG,
    DISK_SUFFIX,
    NIC_SUFFIX,
    is_claim_of,
    is_one_of_ours,
    last_segment,
)
from webapp.clouds.azure_avd.parts import Parts
from webapp.clouds.azure_avd.pool import Pool
from webapp.clouds.azure_avd.survey import Survey
from webapp.clouds.base import Known
from webapp.domain.errors import CloudError, Failure, Trouble


def end(client: AzureClient, pool: Pool, survey: Survey, name: str) -> Failure | None:
    """Bring a machine nearer to its end; None when the cloud does as told. Raises CloudError."""
    parts = survey.look_at(Known(name))
    if not may_end(parts):
        return Failure("not_ours", Trouble.PERMANENT)
    if parts.deployment is not None and parts.deployment.is_in_flight:
        _cancel(client, pool, name)
        return None
    if parts.host is not None:
        _end_host(client, pool, parts.host.host)
    if parts.machine is not None:
        if parts.machine.provisioning.lower() != "deleting":
            client.delete("virtualMachines.delete", client.compute.virtual_machines.begin_delete,
                          pool.group, name, polling=False)  # fmt: skip
    elif is_one_of_ours(name):
        _end_leftovers(client, pool, survey, name)
    if parts.deployment is not None:
        forget_deployment(client, pool, name)
    return None


def may_end(parts: Parts) -> bool:
    """Under a name of ours each part must carry the claim that the name was made of, by its own tags.

    Under another name it is what a person adopted, and that carries no claim.
    """
    tellers = [one.tags.get(CLAIM_TAG) for one in (parts.machine, parts.deployment) if one is not None]
    if is_one_of_ours(parts.name):
        return all(is_claim_of(claim, parts.name) for claim in tellers)
    return all(claim is None for claim in tellers)


def forget_deployment(client: AzureClient, pool: Pool, name: str) -> None:
    """Remove the record of a deployment that is over; what it made stays. Raises CloudError."""
    client.delete("deployments.delete", client.deployments.deployments.begin_delete,
                  pool.group, name, polling=False)  # fmt: skip


def _cancel(client: AzureClient, pool: Pool, name: str) -> None:
    try:
        client.write("deployments.cancel", client.deployments.deployments.cancel, pool.group, name)
    except CloudError as error:
        # It came to its end meanwhile: the next look shows how.
        if error.failure.trouble not in (Trouble.ABSENT, Trouble.TRANSIENT):
            raise


def _end_host(client: AzureClient, pool: Pool, host: str) -> None:
    """Sign out whoever is on it, then take it from the pool."""
    sessions = client.avd.user_sessions
    for session in client.pages("userSessions.list", sessions.list, pool.group, pool.name, host):
        client.delete("userSessions.delete", sessions.delete, pool.group, pool.name, host,
                      last_segment(session.id), force=True)  # fmt: skip
    client.delete(
        "sessionHosts.delete", client.avd.session_hosts.delete, pool.group, pool.name, host, force=True
    )


def _end_leftovers(client: AzureClient, pool: Pool, survey: Survey, name: str) -> None:
    """What goes with its machine, unless there never was one."""
    cards, disks = client.network.network_interfaces, client.compute.disks
    if survey.find_card(name) is not None:
        client.delete("networkInterfaces.delete", cards.begin_delete, pool.group, f"{name}{NIC_SUFFIX}",
                      polling=False)  # fmt: skip
    if survey.find_disk(name) is not None:
        client.delete("disks.delete", disks.begin_delete, pool.group, f"{name}{DISK_SUFFIX}", polling=False)
