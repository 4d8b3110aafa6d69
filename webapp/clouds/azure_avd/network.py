"""The credential test's lines about the network of the desktops."""

from ipaddress import IPv4Network
from typing import Any

from webapp.clouds.azure_avd import actions
from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import subnet_place
from webapp.clouds.azure_avd.report import Report
from webapp.clouds.azure_avd.rights import at_subscription, is_allowed_after, optional_action
from webapp.clouds.base import Access
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.redaction import brief

_RESERVED_ADDRESSES = 5
"""Addresses that Azure reserves in every prefix."""


def check_subnet(client: AzureClient, access: Access, report: Report) -> None:
    place = subnet_place(access.public_fields["subnet_id"])
    failure = Failure("resource_not_found", Trouble.CREDENTIAL)
    if place is None:
        report.failed("subnet", "Subnet", failure, message="The subnet ID has a wrong format.")
        return
    try:
        subnet = client.read(
            "subnets.get", client.network.subnets.get, place["group"], place["network"], place["subnet"]
        )
    except CloudError as error:
        is_absent = error.failure.trouble is Trouble.ABSENT
        report.failed("subnet", "Subnet", failure if is_absent else error.failure)
        return
    report.free_addresses = free = _free_addresses(subnet)
    if free == 0:
        report.failed("subnet", "Subnet", Failure("no_free_address", Trouble.PERMANENT))
    else:
        counted = "" if free is None else f" About {free} addresses are free; each desktop uses one."
        report.passed("subnet", "Subnet", f"“{place['subnet']}” exists.{counted}")


def _free_addresses(subnet: Any) -> int | None:
    """From its prefixes and its network interfaces; None if Azure shows no prefix.

    Azure shows one prefix or a list of them (docs/evidence/azure_avd.md#addresses-of-a-subnet).
    """
    prefixes = _of(subnet, "address_prefixes") or [_of(subnet, "address_prefix")]
    lengths = [found for one in prefixes if (found := _length(str(one or ""))) is not None]
    if not lengths:
        return None
    used = len(_of(subnet, "ip_configurations") or [])
    return max(sum(2 ** (32 - length) - _RESERVED_ADDRESSES for length in lengths) - used, 0)


def _length(prefix: str) -> int | None:
    """Of an IPv4 prefix, which desktops use."""
    try:
        return IPv4Network(prefix, strict=False).prefixlen
    except ValueError:
        return None


def _of(found: Any, name: str) -> Any:
    """From the model itself, or from its `properties`."""
    value = getattr(found, name, None)
    return value if value is not None else getattr(getattr(found, "properties", None), name, None)


def check_location(client: AzureClient, access: Access, report: Report) -> None:
    """A network interface must be in the location of its network."""
    name, label, place = "location", "Location", subnet_place(access.public_fields["subnet_id"])
    if place is None:
        return  # the subnet's own line reports it
    try:
        network = client.find(
            "virtualNetworks.get", client.network.virtual_networks.get, place["group"], place["network"]
        )
        optional_action(actions.READ_NETWORK, report, is_allowed=True)
    except CloudError as error:
        optional_action(actions.READ_NETWORK, report, is_allowed=is_allowed_after(error))
        if error.failure.code == "access_denied":
            report.unknown(
                name,
                label,
                "The network's location could not be read; Berth works without it.",
                at_subscription(actions.READ_NETWORK),
            )
        else:
            report.failed(name, label, error.failure)
        return
    if network is None:
        return
    wanted, found = access.public_fields["location"], str(network.location or "").lower().replace(" ", "")
    if found == wanted:
        report.passed(name, label, f"The network is also in {wanted}.")
        return
    report.failed(
        name,
        label,
        Failure("network_configuration", Trouble.CREDENTIAL),
        message=f"The network “{place['network']}” is in {brief(found)}, the cloud account in {wanted}.",
        remedy="Desktops must be in the same location as their network: correct the location of the"
        " cloud account, or use a subnet in its location.",
    )
