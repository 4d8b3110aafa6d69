"""What Resource Manager checks before it accepts a deployment. A refusal leaves no record."""

from __future__ import annotations

from sandbox.azure import timing
from sandbox.azure.call import Call, denial
from sandbox.azure.catalogue import LOCATIONS, find_size, has_image
from sandbox.azure.errors import ArmError, Json
from sandbox.azure.expressions import Scope, TemplateError
from sandbox.azure.ids import KINDS, NIC, SUBNET, VM, group_id
from sandbox.azure.quotas import list_shortfalls
from sandbox.azure.template import Plan, Wish, read

KNOWN_KINDS = ("nic", "vm", "extension")
_JOIN_SUBNET = "Microsoft.Network/virtualNetworks/subnets/join/action"
_JOIN_NIC = "Microsoft.Network/networkInterfaces/join/action"


def check(call: Call, deployment: str, body: Json) -> Plan:
    """The plan of a deployment that may begin. Raises ArmError."""
    properties = body.get("properties")
    if not isinstance(properties, dict):
        raise ArmError("InvalidRequestContent", "The request content was invalid: 'properties' is missing.")
    if properties.get("mode") != "Incremental":
        raise ArmError("InvalidDeploymentMode", "The sandbox knows the mode Incremental only.")
    plan = _plan(call, deployment, properties)
    _check_namespaces(call, plan)
    _check_rights(call, plan)
    try:
        problems = [problem for wish in plan.wishes if (problem := _problem(call, wish)) is not None]
        problems += _quota_problems(call, plan)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        text = f"A required property of a resource is missing or malformed: {error}."
        raise ArmError("InvalidRequestContent", text) from None
    if problems:
        raise ArmError(
            "InvalidTemplateDeployment",
            f"The template deployment '{deployment}' is not valid according to the validation procedure. The"
            f" tracking id is '{call.activity()}'. See inner errors for details.",
            details=problems,
        )
    return plan


def _plan(call: Call, deployment: str, properties: Json) -> Plan:
    if properties.get("templateLink"):
        raise ArmError("InvalidContentLink", "The sandbox cannot download a template.")
    group = call.world.parts.find(call.group_key)
    subscription = call.world.tenants.find_subscription(call.subscription_id)
    scope = Scope(
        subscription_id=call.subscription_id,
        resource_group=call.resource_group,
        location=group.location if group else "",
        tenant_id=subscription.tenant_id if subscription else "",
        deployment=deployment,
        now=call.now,
    )
    try:
        plan = read(properties.get("template"), properties.get("parameters") or {}, scope)
    except TemplateError as error:
        raise ArmError("InvalidTemplate", f"Deployment template validation failed: '{error}'") from None
    for wish in plan.wishes:
        if KINDS.get(wish.type_name.lower()) not in KNOWN_KINDS:
            raise ArmError(
                "InvalidTemplate", f"The sandbox cannot make resources of type '{wish.type_name}'."
            )
    return plan


def _check_namespaces(call: Call, plan: Plan) -> None:
    for namespace in sorted({wish.type_name.partition("/")[0] for wish in plan.wishes}):
        if call.world.tenants.provider_state(call.subscription_id, namespace) != "Registered":
            raise ArmError(
                "MissingSubscriptionRegistration",
                f"The subscription is not registered to use namespace '{namespace}'.",
                status=409,
            )


def _check_rights(call: Call, plan: Plan) -> None:
    """May the caller write every resource, and join what it is connected to?"""
    application, scope = call.application, group_id(call.subscription_id, call.resource_group)
    refused = [
        denial(application, f"{wish.type_name}/write", wish.arm_id).shape()
        for wish in plan.wishes
        if not application.may(f"{wish.type_name}/write", wish.arm_id, call.now)
    ]
    if refused:
        raise ArmError(
            "InvalidTemplateDeployment",
            f"Deployment failed: authorization failed for template resources over scope '{scope}'.",
            status=403,
            details=refused,
        )
    for wish in plan.wishes:
        for action, linked in _linked(wish):
            call.check_allowed(action, linked, code="LinkedAuthorizationFailed")


def _linked(wish: Wish) -> list[tuple[str, str]]:
    properties = wish.body.get("properties") or {}
    if wish.type_name.lower() == NIC.lower():
        return [(_JOIN_SUBNET, subnet) for subnet in _subnets_of(wish)]
    if wish.type_name.lower() == VM.lower():
        cards = (properties.get("networkProfile") or {}).get("networkInterfaces") or []
        return [(_JOIN_NIC, one["id"]) for one in cards if isinstance(one, dict) and "id" in one]
    return []


def _subnets_of(wish: Wish) -> list[str]:
    found = (wish.body.get("properties") or {}).get("ipConfigurations") or []
    try:
        return [one["properties"]["subnet"]["id"] for one in found]
    except (KeyError, TypeError):
        raise ArmError(
            "InvalidRequestFormat", "An IP configuration of a network interface names no subnet."
        ) from None


def _problem(call: Call, wish: Wish) -> Json | None:
    """What stands against one resource."""
    kind = KINDS[wish.type_name.lower()]
    if _location(wish) not in LOCATIONS:
        return _told(
            "LocationNotAvailableForResourceType",
            f"The provided location '{wish.body.get('location')}' is not available for resource type"
            f" '{wish.type_name}'.",
        )
    if kind == "nic":
        return _problem_of_card(call, wish)
    return _problem_of_machine(call, wish) if kind == "vm" else None


def _location(wish: Wish) -> str:
    return str(wish.body.get("location", "")).lower().replace(" ", "")


def _problem_of_card(call: Call, wish: Wish) -> Json | None:
    parts = call.world.parts
    is_there = parts.find(wish.key) is not None
    for subnet_id in _subnets_of(wish):
        subnet = parts.find(subnet_id)
        if subnet is None or subnet.kind != "subnet":
            return _told(
                "InvalidResourceReference",
                f"Resource {subnet_id} of type {SUBNET} referenced by resource {wish.arm_id} was not found.",
            )
        network = parts.find(subnet.parent)
        if network is not None and network.location != _location(wish):
            return _told(
                "InvalidResourceReference",
                f"Resource {network.arm_id} referenced by resource {wish.arm_id} was not found. Please make"
                " sure that the referenced resource exists, and that both resources are in the same region.",
            )
        is_full = parts.count_children(subnet.key, "nic") >= subnet.data["most"]
        if is_full and not is_there:
            return _told(
                "SubnetIsFull",
                f"Subnet {subnet.name} with address prefix {subnet.data['prefix']} does not have enough"
                " capacity for 1 IP addresses.",
            )
    return None


def _problem_of_machine(call: Call, wish: Wish) -> Json | None:
    properties = wish.body["properties"]
    size_name = properties["hardwareProfile"]["vmSize"]
    if find_size(size_name) is None:
        text = f"The value {size_name} provided for the VM size is not valid."
        return _told("InvalidParameter", text, target="vmSize")
    reason = call.world.tenants.restrictions(call.subscription_id).get(str(size_name).lower())
    if reason is not None:
        return _told(
            "SkuNotAvailable",
            f"The requested VM size '{size_name}' is not available in location '{wish.body['location']}'"
            f" for the subscription ({reason}).",
        )
    image = properties["storageProfile"].get("imageReference") or {}
    if not has_image(image):
        return _told("PlatformImageNotFound", f"The platform image '{_image_name(image)}' is not available.")
    profile = properties.get("osProfile") or {}
    computer = str(profile.get("computerName", wish.body["name"]))
    if len(computer) > timing.COMPUTER_NAME_LENGTH:
        text = f"Windows computer name cannot be more than {timing.COMPUTER_NAME_LENGTH} characters long."
        return _told("InvalidParameter", text, target="computerName")
    if not profile.get("adminPassword"):
        text = "Required parameter 'adminPassword' is missing (null)."
        return _told("InvalidParameter", text, target="adminPassword")
    return None


def _image_name(image: Json) -> str:
    return ":".join(str(image.get(name)) for name in ("publisher", "offer", "sku", "version"))


def _quota_problems(call: Call, plan: Plan) -> list[Json]:
    """Of the machines that are new. What other deployments are about to make does not count yet."""
    sizes = [
        wish.body["properties"]["hardwareProfile"]["vmSize"]
        for wish in plan.wishes
        if wish.type_name.lower() == VM.lower() and call.world.parts.find(wish.key) is None
    ]
    return list_shortfalls(call.world, call.subscription_id, sizes)


def _told(code: str, message: str, *, target: str | None = None) -> Json:
    told: Json = {"code": code, "message": message}
    return told | {"target": target} if target else told
