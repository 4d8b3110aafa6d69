"""What Compute offers in a location: sizes with their restrictions, quota usage, images."""

from __future__ import annotations

import re

from sandbox.azure import catalogue
from sandbox.azure.call import Answer, Call
from sandbox.azure.catalogue import LOCATIONS, SIZES, Size
from sandbox.azure.errors import ArmError, Json
from sandbox.azure.quotas import cores_used
from sandbox.azure.routes import SUBSCRIPTION, Route

_LOCATION = re.compile(r"location\s+eq\s+'([^']*)'", re.I)


def list_skus(call: Call) -> Answer:
    """One page; the only filter is the location."""
    wanted = call.query.get("filter")
    found = _LOCATION.fullmatch(wanted.strip()) if wanted else None
    if wanted and found is None:
        raise ArmError("InvalidFilter", f"The filter '{wanted}' is not supported.")
    locations = [one for one in LOCATIONS if found is None or one == found[1].lower()]
    restricted = call.world.tenants.restrictions(call.subscription_id)
    rows = [
        _show_size(size, location, restricted.get(name))
        for location in locations
        for name, size in SIZES.items()
    ]
    return Answer(body={"value": rows})


def _show_size(size: Size, location: str, reason: str | None) -> Json:
    capabilities = {
        "MaxResourceVolumeMB": "0",
        "OSVhdSizeMB": "1047552",
        "vCPUs": str(size.vcpus),
        "MemoryPreservingMaintenanceSupported": "True",
        "HyperVGenerations": "V1,V2",
        "MemoryGB": f"{size.memory_gib:g}",
        "CpuArchitectureType": "x64",
        "PremiumIO": str(size.has_premium_disks),
        "AcceleratedNetworkingEnabled": "True",
        "EncryptionAtHostSupported": "True",
        "HibernationSupported": str(size.can_hibernate),
    }
    if size.gpus:
        capabilities["GPUs"] = str(size.gpus)
    restrictions = []
    if reason is not None:
        info = {"locations": [location]}
        restrictions.append(
            {"type": "Location", "values": [location], "restrictionInfo": info, "reasonCode": reason}
        )
    return {
        "resourceType": "virtualMachines",
        "name": size.name,
        "tier": "Standard",
        "size": size.name.removeprefix("Standard_"),
        "family": size.family,
        "locations": [location],
        "locationInfo": [{"location": location, "zones": ["1", "2", "3"], "zoneDetails": []}],
        "capabilities": [{"name": name, "value": value} for name, value in capabilities.items()],
        "restrictions": restrictions,
    }


def list_usage(call: Call) -> Answer:
    """Deallocated machines count too."""
    machines, cores, families = cores_used(call.world, call.subscription_id)
    used = {"cores": cores, "virtualMachines": machines, **families}
    labels = {
        "cores": "Total Regional vCPUs",
        "virtualMachines": "Virtual Machines",
        **catalogue.FAMILY_LABELS,
    }
    rows = [
        {
            "unit": "Count",
            "currentValue": used.get(name, 0),
            "limit": most,
            "name": {"value": name, "localizedValue": labels.get(name, name)},
        }
        for name, most in call.world.tenants.quotas(call.subscription_id).items()
    ]
    return Answer(body={"value": rows})


def list_image_skus(call: Call) -> Answer:
    return Answer(body=[_show_image(call, sku) for sku in _skus(call)])


def list_versions(call: Call) -> Answer:
    if call.names[-1].lower() not in _skus(call):
        raise _no_image(call)
    return Answer(body=[_show_image(call, version) for version in catalogue.VERSIONS])


def get_version(call: Call) -> Answer:
    """What Compute says about one version of an image."""
    location, publisher, _, offer, sku, version = call.names
    image = {"publisher": publisher, "offer": offer, "sku": sku, "version": version}
    if sku.lower() not in _skus(call) or version not in catalogue.VERSIONS:
        raise _no_image(call)
    properties: Json = {
        "hyperVGeneration": catalogue.generation_of(sku),
        "architecture": "x64",
        "osDiskImage": {"operatingSystem": "Linux" if catalogue.is_linux(publisher) else "Windows"},
        "dataDiskImages": [],
    }
    if catalogue.generation_of(sku) == "V2":
        properties["features"] = [{"name": "SecurityType", "value": "TrustedLaunchSupported"}]
    if catalogue.needs_plan(publisher):
        properties["plan"] = {"name": sku, "product": offer, "publisher": publisher}
    path = call.path.rstrip("/")
    return Answer(body={"id": path, "name": image["version"], "location": location, "properties": properties})


def _skus(call: Call) -> tuple[str, ...]:
    _, publisher, _, offer = call.names[:4]
    skus = catalogue.list_skus(publisher, offer)
    if skus is None:
        raise _no_image(call)
    return skus


def _no_image(call: Call) -> ArmError:
    return ArmError("NotFound", f"Artifact: VMImage was not found: {call.path}.", status=404)


def _show_image(call: Call, name: str) -> Json:
    path = call.path.rstrip("/")
    return {"id": f"{path}/{name}", "name": name, "location": call.names[0]}


_COMPUTE = f"{SUBSCRIPTION}/providers/microsoft.compute"
_OFFER = f"{_COMPUTE}/locations/*/publishers/*/artifacttypes/*/offers/*"
_READ = "Microsoft.Compute/locations"
ROUTES = [
    Route("GET", f"{_COMPUTE}/skus", "resourceSkus.list", "Microsoft.Compute/skus/read", list_skus),
    Route("GET", f"{_COMPUTE}/locations/*/usages", "usage.list", f"{_READ}/usages/read", list_usage),
    Route(
        "GET",
        f"{_OFFER}/skus",
        "virtualMachineImages.listSkus",
        f"{_READ}/publishers/artifacttypes/offers/skus/read",
        list_image_skus,
    ),
    Route(
        "GET",
        f"{_OFFER}/skus/*/versions",
        "virtualMachineImages.list",
        f"{_READ}/publishers/artifacttypes/offers/skus/versions/read",
        list_versions,
    ),
    Route(
        "GET",
        f"{_OFFER}/skus/*/versions/*",
        "virtualMachineImages.get",
        f"{_READ}/publishers/artifacttypes/offers/skus/versions/read",
        get_version,
    ),
]
