"""Network cards, and their networks and subnets."""

from __future__ import annotations

from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import ArmError, Json
from sandbox.azure.ids import NETWORK, NIC, SUBNET, guid
from sandbox.azure.operations.storage import begin_end
from sandbox.azure.paging import list_page
from sandbox.azure.parts import Part
from sandbox.azure.routes import GROUP, Route


def get_card(call: Call) -> Answer:
    return Answer(body=show_card(call.get("nic")))


def list_cards(call: Call) -> Answer:
    rows = call.world.parts.list_shown(
        ("nic",), now=call.now, subscription_id=call.subscription_id, resource_group=call.resource_group
    )
    return list_page(call, rows, show_card, size=call.world.settings()["resource_page"])


def update_card_tags(call: Call) -> Answer:
    """Replace the tags immediately."""
    nic = call.get("nic")
    call.world.parts.set_tags(nic, dict(call.body.get("tags") or {}), at=call.now)
    call.touched.accepted += 1
    return Answer(body=show_card(call.get("nic")))


def delete_card(call: Call) -> Answer:
    """If it does not exist, it counts as deleted (204)."""
    nic = call.world.parts.find(call.id_of("nic", *call.names))
    if nic is None:
        return Answer(204)
    call.touch(nic)
    owner = nic.data["managed_by"]
    if owner and call.world.parts.find(owner):
        raise ArmError(
            "NicInUse",
            f"Network Interface {nic.arm_id} is used by existing resource {owner}. It must be dissociated"
            " from that before it can be deleted.",
        )
    if call.now < (nic.data["reserved_until"] or 0.0):
        raise ArmError(
            "NicReservedForAnotherVm",
            f"Nic(s) in request is reserved for another Virtual Machine for 180 seconds: {nic.arm_id}.",
        )
    return begin_end(call, nic, namespace="Microsoft.Network")


def show_card(nic: Part) -> Json:
    data = nic.data
    configuration = {
        "name": "ipconfig",
        "id": f"{nic.arm_id}/ipConfigurations/ipconfig",
        "type": f"{NIC}/ipConfigurations",
        "etag": f'W/"{guid("etag", nic.key)}"',
        "properties": {
            "privateIPAddress": data.get("address"),
            "privateIPAllocationMethod": "Dynamic",
            "privateIPAddressVersion": "IPv4",
            "primary": True,
            "provisioningState": data["provisioning"],
            "subnet": {"id": data["subnet"]},
        },
    }
    properties: Json = {
        "provisioningState": data["provisioning"],
        "resourceGuid": guid("nic", nic.key, nic.born_at),
        "ipConfigurations": [configuration],
        "enableAcceleratedNetworking": data["accelerated"],
        "enableIPForwarding": False,
        "nicType": "Standard",
        "macAddress": "-".join(data["mac"][place : place + 2] for place in range(0, 12, 2)),
    }
    if data["managed_by"]:
        properties["virtualMachine"] = {"id": data["managed_by"]}
    shown: Json = {
        "id": nic.arm_id,
        "name": nic.name,
        "type": NIC,
        "location": nic.location,
        "etag": f'W/"{guid("etag", nic.key)}"',
        "properties": properties,
    }
    return shown | {"tags": nic.tags} if nic.tags else shown


def get_subnet(call: Call) -> Answer:
    return Answer(body=_show_subnet(call, call.get("subnet")))


def get_network(call: Call) -> Answer:
    network = call.get("network")
    subnets = call.world.parts.list_children(network.key, "subnet")
    properties = {
        "provisioningState": "Succeeded",
        "resourceGuid": guid("network", network.key),
        "addressSpace": {"addressPrefixes": [network.data["prefix"]]},
        "subnets": [_show_subnet(call, one) for one in subnets],
        "enableDdosProtection": False,
    }
    return Answer(
        body={
            "id": network.arm_id,
            "name": network.name,
            "type": NETWORK,
            "location": network.location,
            "etag": f'W/"{guid("etag", network.key)}"',
            "properties": properties,
        }
    )


def _show_subnet(call: Call, subnet: Part) -> Json:
    """The prefix determines the size of a subnet, the connected network cards how full it is."""
    cards = call.world.parts.list_children(subnet.key, "nic")
    prefix = subnet.data["prefix"]
    is_list = bool(call.world.settings()["subnet_prefixes"])
    properties: Json = {
        **({"addressPrefixes": [prefix]} if is_list else {"addressPrefix": prefix}),
        "provisioningState": "Succeeded",
        "privateEndpointNetworkPolicies": "Disabled",
        "privateLinkServiceNetworkPolicies": "Enabled",
        "delegations": [],
    }
    group = subnet.arm_id.partition("/providers/")[0]
    owners = [nic.arm_id for nic in cards]
    owners += [f"{group}/providers/{NIC}/elsewhere-{number}" for number in range(subnet.data["others"])]
    if owners:
        properties["ipConfigurations"] = [{"id": f"{one}/ipConfigurations/ipconfig"} for one in owners]
    return {
        "id": subnet.arm_id,
        "name": subnet.name,
        "type": SUBNET,
        "etag": f'W/"{guid("etag", subnet.key)}"',
        "properties": properties,
    }


_NICS = f"{GROUP}/providers/microsoft.network/networkinterfaces"
_NETWORK = f"{GROUP}/providers/microsoft.network/virtualnetworks/*"
ROUTES = [
    Route("GET", f"{_NICS}/*", "networkInterfaces.get", f"{NIC}/read", get_card),
    Route("GET", _NICS, "networkInterfaces.list", f"{NIC}/read", list_cards),
    Route("PATCH", f"{_NICS}/*", "networkInterfaces.updateTags", f"{NIC}/write", update_card_tags),
    Route("DELETE", f"{_NICS}/*", "networkInterfaces.delete", f"{NIC}/delete", delete_card),
    Route("GET", _NETWORK, "virtualNetworks.get", f"{NETWORK}/read", get_network),
    Route("GET", f"{_NETWORK}/subnets/*", "subnets.get", f"{SUBNET}/read", get_subnet),
]
