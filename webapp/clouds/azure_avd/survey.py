"""Looking at a host pool: as a whole in few calls, or at single machines.

The order of the reads follows the way a desktop comes into being, deployment first and host last, so that one
that is just being made is seen by at least one of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import (
    CLAIM_TAG,
    NIC_SUFFIX,
    POOL_TAG,
    last_segment,
    machine_of,
    spelled,
)
from webapp.clouds.azure_avd.parts import (
    DeploymentPart,
    HostPart,
    MachinePart,
    Parts,
    deployment_part,
    host_part,
    machine_of_host,
    machine_part,
)
from webapp.clouds.base import Access, Known

_VM, _NIC, _DISK = (
    "microsoft.compute/virtualmachines",
    "microsoft.network/networkinterfaces",
    "microsoft.compute/disks",
)


class Survey:
    def __init__(self, client: AzureClient, access: Access) -> None:
        self._client = client
        self._subscription = access.public_fields["subscription_id"]
        self._group = access.public_fields["resource_group"]
        self._pool = access.public_fields["host_pool"]

    # Single machines

    def look_at(self, known: Known) -> Parts:
        """One machine by its name, in two or three reads. Raises CloudError."""
        name = known.cloud_workspace_id
        deployment = None if known.was_usable else self.find_deployment(name)
        machine, host = self.find_machine(name), self.find_host(name)
        parts = Parts(name, deployment, machine, host)
        return _tagged(parts)

    def find_machine(self, name: str) -> MachinePart | None:
        found = self._client.find(
            "virtualMachines.get", self._client.compute.virtual_machines.get, self._group, name,
            expand="instanceView")  # fmt: skip
        return None if found is None else machine_part(found)

    def find_host(self, name: str) -> HostPart | None:
        found = self._client.find(
            "sessionHosts.get", self._client.avd.session_hosts.get, self._group, self._pool, name
        )
        return None if found is None else host_part(found)

    def find_card(self, name: str) -> Any | None:
        """The network card of a machine, as the SDK gives it."""
        cards = self._client.network.network_interfaces
        return self._client.find("networkInterfaces.get", cards.get, self._group, f"{name}{NIC_SUFFIX}")

    def find_deployment(self, name: str) -> DeploymentPart | None:
        found = self._client.find(
            "deployments.get", self._client.deployments.deployments.get, self._group, name
        )
        return None if found is None else deployment_part(found)

    # The pool as a whole

    def look_at_pool(self, machines: Sequence[Known]) -> dict[str, Parts]:
        """Many machines, by reading the pool and the subscription's machines once. Raises CloudError."""
        deployments = {
            one.cloud_workspace_id: self.find_deployment(one.cloud_workspace_id)
            for one in machines
            if not one.was_usable
        }
        powers, hosts = self._powers(), self._hosts()
        found = {}
        for one in machines:
            name = one.cloud_workspace_id
            machine, host = powers.get(self._id_of(name)), hosts.get(name)
            deployment = deployments.get(name)
            if machine is None and (host is not None or deployment is not None):
                machine = self._confirm(name, deployment)
            found[name] = _tagged(Parts(name, deployment, machine, host))
        return found

    def _confirm(self, name: str, deployment: DeploymentPart | None) -> MachinePart | None:
        """A list may be behind: that a machine is missing is concluded only by asking for itself."""
        if deployment is not None and deployment.is_in_flight:
            return None
        return self.find_machine(name)

    def everything(self) -> list[Parts]:
        """Every machine of the pool and everything that is left of one: complete, or CloudError."""
        deployments = self._deployments()
        standing = self._standing()
        powers, hosts = self._powers(), self._hosts()
        names = {*deployments, *standing, *hosts}
        found = []
        for name in sorted(names):
            parts = standing.get(name, Parts(name))
            deployment, host = deployments.get(name), hosts.get(name)
            machine = powers.get((host.machine_id if host else "") or self._id_of(name))
            if parts.machine is not None and machine is None:
                machine = self.find_machine(name)  # the list of powers is behind that of resources
            parts = _tagged(replace(parts, deployment=deployment, machine=machine, host=host))
            if parts.is_anything:
                found.append(parts)
        return found

    def claims(self) -> dict[str, str]:
        """The claim of everything of the group that carries one, by machine."""
        claims = {
            name: part.tags[CLAIM_TAG]
            for name, part in self._deployments().items()
            if CLAIM_TAG in part.tags and part.is_in_flight
        }
        return claims | {
            name: parts.tags[CLAIM_TAG] for name, parts in self._standing().items() if CLAIM_TAG in parts.tags
        }

    def _id_of(self, name: str) -> str:
        """The ARM id of one of our machines, in lower case."""
        return (
            f"/subscriptions/{self._subscription}/resourcegroups/{self._group}/providers/{_VM}/{name}".lower()
        )

    def _is_of_this_pool(self, tags: Mapping[str, str]) -> bool:
        return tags.get(POOL_TAG, "").lower() == self._pool.lower()

    def _deployments(self) -> dict[str, DeploymentPart]:
        client = self._client
        pages = client.pages(
            "deployments.listByResourceGroup", client.deployments.deployments.list_by_resource_group,
            self._group)  # fmt: skip
        parts = {spelled(one.name).lower(): deployment_part(one) for one in pages}
        return {name: part for name, part in parts.items() if self._is_of_this_pool(part.tags)}

    def _standing(self) -> dict[str, Parts]:
        """Machines, cards and disks of this pool. A disk may stand there without the tags of its machine."""
        client, found, strays = self._client, dict[str, Parts](), set[str]()
        others = set[str]()
        pages = client.pages(
            "resources.listByResourceGroup", client.resources.resources.list_by_resource_group, self._group
        )
        for one in pages:
            kind, part, tags = spelled(one.type).lower(), last_segment(one.id), dict(one.tags or {})
            name = part if kind == _VM else (machine_of(part) or "")
            if not name or kind not in (_VM, _NIC, _DISK):
                continue
            if self._is_of_this_pool(tags):
                found[name] = _with(found.get(name, Parts(name)), kind).with_tags(tags)
            elif kind == _DISK and not tags.get(POOL_TAG):
                strays.add(name)
            else:
                others.add(name)
        for name in strays - others:
            found[name] = _with(found.get(name, Parts(name)), _DISK)
        return found

    def _powers(self) -> dict[str, MachinePart]:
        """Of every machine of the subscription, a page of them a call; by ARM id."""
        client = self._client
        pages = client.pages(
            "virtualMachines.listAll", client.compute.virtual_machines.list_all, status_only="true"
        )
        return {str(one.id).lower(): machine_part(one) for one in pages}

    def _hosts(self) -> dict[str, HostPart]:
        client = self._client
        pages = client.pages("sessionHosts.list", client.avd.session_hosts.list, self._group, self._pool)
        return {machine_of_host(one): host_part(one) for one in pages}


def _with(parts: Parts, kind: str) -> Parts:
    if kind == _VM:
        return replace(parts, machine=MachinePart(None, ""))
    return replace(parts, has_nic=True) if kind == _NIC else replace(parts, has_disk=True)


def _tagged(parts: Parts) -> Parts:
    candidates: Iterable[Any] = (parts.machine, parts.deployment)
    for one in candidates:
        if one is not None:
            parts = parts.with_tags(one.tags)
    return parts
