"""Reading a host pool: as a whole in few calls, or single machines.

The reads follow the order in which a desktop is created, deployment first and host last, so that one
that is just being created is found by at least one of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.errors import naming_image
from webapp.clouds.azure_avd.group import GroupReader
from webapp.clouds.azure_avd.names import (
    CLAIM_TAG,
    DISK_SUFFIX,
    MACHINE_TAG,
    NIC_SUFFIX,
    POOL_TAG,
    is_claim_of,
    is_one_of_ours,
    last_segment,
    machine_of,
    spelled,
    tags_of,
    vm_name,
)
from webapp.clouds.azure_avd.parts import (
    DeploymentPart,
    HostPart,
    MachinePart,
    Parts,
    deployment_part,
    host_part,
    with_operations,
)
from webapp.clouds.azure_avd.running import Running
from webapp.clouds.base import Access
from webapp.domain.errors import CloudError
from webapp.domain.observation import MachineRef

VM, NIC, DISK = (
    "microsoft.compute/virtualmachines",
    "microsoft.network/networkinterfaces",
    "microsoft.compute/disks",
)


@dataclass(frozen=True, slots=True)
class GroupPart:
    """A machine, card or disk as the group lists it."""

    kind: str
    name: str
    machine: str
    """Its machine."""
    tags: Mapping[str, str]


class Survey:
    def __init__(self, client: AzureClient, access: Access) -> None:
        self._client = client
        self._reader = GroupReader(client, access)
        self.running = Running(client, self._reader, access)
        self._group = access.public_fields["resource_group"]
        self._pool = access.public_fields["host_pool"]
        self._image = access.public_fields.get("image", "")

    def is_in_group(self, arm_id: str) -> bool:
        return self._reader.is_in_group(arm_id)

    # Single machines

    def look_at(self, ref: MachineRef) -> Parts:
        """One machine by its name, in two or three reads; two more if it is gone. Raises CloudError."""
        name = ref.cloud_workspace_id
        deployment = None if ref.was_usable else self.find_deployment(name)
        machine, host = self.find_machine(name), self.find_host(name)
        return self._or_left(self._joined(Parts(name, deployment, machine, host)), ref)

    def _joined(self, parts: Parts) -> Parts:
        """With the tags of its parts; not with a machine of the same name that its host does not run on."""
        on = parts.host.machine_id if parts.host is not None else ""
        if on and not self._reader.is_in_group(on):
            return replace(parts, machine=None, is_elsewhere=True)
        return _tagged(parts)

    def _or_left(self, parts: Parts, ref: MachineRef) -> Parts:
        """If a machine is gone, read its network interface and disk by name: a list uses tags, and may lag.

        A machine in use is not gone before a second check, which reads them.
        """
        name = parts.name
        if ref.was_usable or parts.is_anything or not is_one_of_ours(name):
            return parts
        left = replace(
            parts, has_nic=self.find_card(name) is not None, has_disk=self.find_disk(name) is not None
        )
        if left.is_anything and left.deployment is None:
            # Or is it just being created, and was not when its deployment was read?
            return self._joined(replace(left, deployment=self.find_deployment(name)))
        return left

    def find_machine(self, name: str) -> MachinePart | None:
        return self.running.find_machine(name)

    def find_host(self, name: str) -> HostPart | None:
        """Its host, by the machine's name; that of a machine that is not ours may have another, or a domain
        (docs/evidence/azure_avd.md#names-of-hosts), and is looked for in the pool's list then."""
        found = self._reader.find(
            "sessionHosts.get", self._client.avd.session_hosts.get, self._group, self._pool, name
        )
        if found is not None:
            return host_part(found)
        return None if is_one_of_ours(name) else self.running.hosts().get(name)

    def find_card(self, name: str) -> Any | None:
        """The network interface of one of our machines, as the SDK returns it; not one with another claim."""
        return _if_ours(self._find_any_card(name), name)

    def _find_any_card(self, name: str) -> Any | None:
        get = self._client.network.network_interfaces.get
        return self._reader.find("networkInterfaces.get", get, self._group, name + NIC_SUFFIX)

    def find_disk(self, name: str) -> Any | None:
        """The same for its disk, which may lack the machine's tags."""
        get = self._client.compute.disks.get
        return _if_ours(self._reader.find("disks.get", get, self._group, name + DISK_SUFFIX), name)

    def find_deployment(self, name: str) -> DeploymentPart | None:
        found = self._reader.find(
            "deployments.get", self._client.deployments.deployments.get, self._group, name
        )
        return None if found is None else self._explained(name, deployment_part(found))

    def _explained(self, name: str, part: DeploymentPart) -> DeploymentPart:
        """One that failed without a cause, with the cause that its operations have.

        The right for them is optional, and without the cause there is still one more attempt.
        """
        if part.failure is None:
            return part
        if not part.is_unexplained:
            return replace(part, failure=naming_image(part.failure, self._image))
        operations = self._client.deployments.deployment_operations
        try:
            pages = self._reader.pages("deploymentOperations.list", operations.list, self._group, name)
            return with_operations(part, pages)
        except CloudError:
            return part

    def find_stranger(self, claim: str) -> str | None:
        """What stands under the name of this claim and is not ours, for people; None if the name is free.

        Deployment, machine and network interface have our claim from the call that makes them. A disk and a
        host have none: they are ours if one of the others is. Up to five reads. Raises CloudError.
        """
        name, disk = vm_name(claim), vm_name(claim) + DISK_SUFFIX
        tellers = {
            f"deployment {name}": self.find_deployment(name),
            f"virtual machine {name}": self.find_machine(name),
            f"network interface {name}{NIC_SUFFIX}": self._find_any_card(name),
        }
        there = {part: found for part, found in tellers.items() if found is not None}
        for part, found in there.items():
            if not is_claim_of(tags_of(found).get(CLAIM_TAG), name):
                return part
        if there:
            return None
        if self._reader.find("disks.get", self._client.compute.disks.get, self._group, disk) is not None:
            return f"disk {disk}"
        return f"session host {name}" if self.find_host(name) is not None else None

    # The pool as a whole

    def look_at_pool(self, machines: Sequence[MachineRef]) -> dict[str, Parts]:
        """Many machines, by reading the pool and the subscription's machines once. Raises CloudError."""
        deployments = {
            one.cloud_workspace_id: self.find_deployment(one.cloud_workspace_id)
            for one in machines
            if not one.was_usable
        }
        powers, hosts = self.running.powers_and_hosts({one.cloud_workspace_id for one in machines})
        found = {}
        for one in machines:
            name = one.cloud_workspace_id
            machine, host = powers.get(self._reader.machine_id_of(name)), hosts.get(name)
            deployment = deployments.get(name)
            if host is None and machine is not None and one.was_usable:
                host = self.find_host(name)  # as with machines below
            if machine is None and (host is not None or deployment is not None):
                machine = self._confirm(name, deployment)
            found[name] = self._or_left(self._joined(Parts(name, deployment, machine, host)), one)
        return found

    def _confirm(self, name: str, deployment: DeploymentPart | None) -> MachinePart | None:
        """A list may lag: a machine counts as missing only after it was read by itself."""
        if deployment is not None and deployment.is_in_flight:
            return None
        return self.find_machine(name)

    def everything(self) -> list[Parts]:
        """Every machine of the pool and all remains of machines: complete, or CloudError."""
        deployments = self._deployments()
        standing = self._standing()
        powers, hosts = self.running.powers_and_hosts(standing)
        names = {*deployments, *standing, *hosts}
        found = []
        for name in sorted(names):
            parts = standing.get(name, Parts(name))
            deployment, host = deployments.get(name), hosts.get(name)
            machine = powers.get(self._reader.machine_id_of(name))
            if parts.machine is not None and machine is None:
                machine = self.find_machine(name)  # the list of power states lags behind that of resources
            parts = self._joined(replace(parts, deployment=deployment, machine=machine, host=host))
            if parts.is_anything:
                found.append(parts)
        return found

    def claims(self) -> dict[str, str]:
        """The claims in the group, by machine."""
        claims = {
            name: part.tags[CLAIM_TAG]
            for name, part in self._deployments().items()
            if CLAIM_TAG in part.tags and part.is_in_flight
        }
        return claims | {
            name: parts.tags[CLAIM_TAG] for name, parts in self._standing().items() if CLAIM_TAG in parts.tags
        }

    def _is_of_this_pool(self, tags: Mapping[str, str]) -> bool:
        return tags.get(POOL_TAG, "").lower() == self._pool.lower()

    def _deployments(self) -> dict[str, DeploymentPart]:
        client = self._client
        pages = self._reader.pages(
            "deployments.listByResourceGroup",
            client.deployments.deployments.list_by_resource_group,
            self._group,
        )
        parts = {spelled(one.name).lower(): deployment_part(one) for one in pages}
        return {
            name: self._explained(name, part)
            for name, part in parts.items()
            if self._is_of_this_pool(part.tags)
        }

    def _standing(self) -> dict[str, Parts]:
        """Machines, network interfaces and disks of this pool. The remains of a machine may lack its tags."""
        found, strays, others = dict[str, Parts](), list[GroupPart](), set[str]()
        for part in self._group_parts():
            name = part.machine
            if self._is_of_this_pool(part.tags):
                found[name] = _with(found.get(name, Parts(name)), part.kind).with_tags(part.tags)
            elif part.kind != VM and not part.tags.get(POOL_TAG):
                strays.append(part)
            else:
                others.add(name)
        for part in strays:
            if (name := part.machine) not in others:
                found[name] = _with(found.get(name, Parts(name)), part.kind).with_tags(part.tags)
        return found

    def marked(self, name: str) -> list[GroupPart]:
        """Network interface and disk of an adopted machine that is gone, by their tags. Raises CloudError."""
        parts = self._group_parts()
        return [one for one in parts if one.kind != VM and self.is_marked(one.tags, name)]

    def is_marked(self, tags: Mapping[str, str], name: str) -> bool:
        return self._is_of_this_pool(tags) and tags.get(MACHINE_TAG) == name

    def _group_parts(self) -> Iterator[GroupPart]:
        client = self._client
        pages = self._reader.pages(
            "resources.listByResourceGroup", client.resources.resources.list_by_resource_group, self._group
        )
        for one in pages:
            kind, part, tags = spelled(one.type).lower(), last_segment(one.id), tags_of(one)
            machine = part if kind == VM else (tags.get(MACHINE_TAG) or machine_of(part) or "")
            if machine and kind in (VM, NIC, DISK):
                yield GroupPart(kind, part, machine, tags)


def _if_ours(part: Any | None, name: str) -> Any | None:
    claim = tags_of(part).get(CLAIM_TAG)
    return part if claim is None or is_claim_of(claim, name) else None


def _with(parts: Parts, kind: str) -> Parts:
    if kind == VM:
        return replace(parts, machine=MachinePart(None, ""))
    return replace(parts, has_nic=True) if kind == NIC else replace(parts, has_disk=True)


def _tagged(parts: Parts) -> Parts:
    candidates: Iterable[Any] = (parts.machine, parts.deployment)
    for one in candidates:
        if one is not None:
            parts = parts.with_tags(one.tags)
    return parts
