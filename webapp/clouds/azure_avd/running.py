"""What runs: the machines with their power states, and the session hosts on them."""

from collections.abc import Collection, Mapping, Set
from dataclasses import replace
from typing import Any

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.group import GroupReader
from webapp.clouds.azure_avd.names import last_segment
from webapp.clouds.azure_avd.parts import (
    HostPart,
    MachinePart,
    host_part,
    machine_of_host,
    machine_part,
)
from webapp.clouds.azure_avd.tables import CONNECTABLE
from webapp.clouds.base import Access
from webapp.domain.errors import CloudError, Trouble


class Running:
    def __init__(self, client: AzureClient, reader: GroupReader, access: Access) -> None:
        self._client, self._reader = client, reader
        self._group = access.public_fields["resource_group"]
        self._pool = access.public_fields["host_pool"]
        self._is_confined = False
        """The role allows only the group's machines."""

    def find_machine(self, name: str) -> MachinePart | None:
        found = self._reader.find(
            "virtualMachines.get",
            self._client.compute.virtual_machines.get,
            self._group,
            name,
            expand="instanceView",
        )
        return None if found is None else machine_part(found)

    def powers_and_hosts(self, names: Collection[str]) -> tuple[dict[str, MachinePart], dict[str, HostPart]]:
        """Machines by ARM id, hosts by machine. Raises CloudError.

        `names` are machines to include in any case, besides those of the hosts.
        """
        if not self._is_confined:
            try:
                return self._powers(), self.hosts()
            except CloudError as error:
                if error.failure.code != "access_denied":
                    raise
                self._is_confined = True
        hosts = self.hosts()
        return self._powers_in_group(hosts, {*names, *hosts}), hosts

    def _powers(self) -> dict[str, MachinePart]:
        """For every machine of the subscription, one page per call."""
        machines = self._client.compute.virtual_machines
        pages = self._reader.pages("virtualMachines.listAll", machines.list_all, status_only="true")
        return {str(one.id).lower(): machine_part(one) for one in pages}

    def _powers_in_group(self, hosts: Mapping[str, HostPart], names: Set[str]) -> dict[str, MachinePart]:
        """If the role is assigned only on the group: the group's own list, which has no power states.

        A machine that people can connect to runs, unless an operation on it is in progress; others are read
        one by one. (One that was just switched off is seen as running until its pool notices.)
        """
        machines = self._client.compute.virtual_machines
        found = {}
        for one in self._reader.pages("virtualMachines.list", machines.list, self._group):
            name, part = last_segment(one.id), machine_part(one)
            if name not in names:
                continue
            is_quiet = part.provisioning.lower() == "succeeded"
            if is_quiet and (host := hosts.get(name)) is not None and host.status in CONNECTABLE:
                found[self._reader.machine_id_of(name)] = replace(part, power="running")
            elif (asked := self.find_machine(name)) is not None:
                found[self._reader.machine_id_of(name)] = asked
        return found

    def hosts(self) -> dict[str, HostPart]:
        """The pool's hosts, by machine. Raises CloudError."""
        hosts = self._client.avd.session_hosts
        pages = self._reader.pages("sessionHosts.list", hosts.list, self._group, self._pool)
        try:
            return {machine_of_host(one): host_part(one) for one in pages}
        except CloudError as error:
            # A deleted pool has no hosts any more; its machines still run, and can still be terminated.
            if error.failure.trouble is not Trouble.ABSENT or self._find_pool() is not None:
                raise
            return {}

    def _find_pool(self) -> Any | None:
        return self._reader.find("hostPools.get", self._client.avd.host_pools.get, self._group, self._pool)
