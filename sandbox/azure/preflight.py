"""What Resource Manager checks before it accepts a deployment. A refusal leaves no record."""

from __future__ import annotations

from sandbox.azure import timing
from sandbox.azure.call import Call, denial
from sandbox.azure.catalogue import LOCATIONS, find_size, generation_of, has_image, needs_plan
from sandbox.azure.errors import ArmError, Json
from sandbox.azure.expressions import Scope, TemplateError
from sandbox.azure.ids import KINDS, NIC, SUBNET, VM, group_id
from sandbox.azure.quotas import list_shortfalls
from sandbox.azure.template import Plan, ResourceSpec, read

KNOWN_KINDS = ("nic", "vm", "extension")
_JOIN_SUBNET = "Microsoft.Network/virtualNetworks/subnets/join/action"
_JOIN_NIC = "Microsoft.Network/networkInterfaces/join/action"


def check(call: Call, deployment: str, body: Json) -> Plan:
    """The plan of a valid deployment. Raises ArmError."""
    properties = body.get("properties")
    if not isinstance(properties, dict):
        raise ArmError("InvalidRequestContent", "The request content was invalid: 'properties' is missing.")
    if properties.get("mode") != "Incremental":
        raise ArmError("InvalidDeploymentMode", "The sandbox knows the mode Incremental only.")
    plan = _plan(call, deployment, properties)
    _check_namespaces(call, plan)
    _check_rights(call, plan)
    try:
        problems = [problem for spec in plan.specs if (problem := _problem(call, spec)) is not None]
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
    for spec in plan.specs:
        if KINDS.get(spec.type_name.lower()) not in KNOWN_KINDS:
            raise ArmError(
                "InvalidTemplate", f"The sandbox cannot make resources of type '{spec.type_name}'."
            )
    return plan


def _check_namespaces(call: Call, plan: Plan) -> None:
    for namespace in sorted({spec.type_name.partition("/")[0] for spec in plan.specs}):
        if call.world.tenants.provider_state(call.subscription_id, namespace) != "Registered":
            raise ArmError(
                "MissingSubscriptionRegistration",
                f"The subscription is not registered to use namespace '{namespace}'.",
                status=409,
            )


def _check_rights(call: Call, plan: Plan) -> None:
    """Check that the caller may write every resource and join its subnet."""
    application, scope = call.application, group_id(call.subscription_id, call.resource_group)
    refused = [
        denial(application, f"{spec.type_name}/write", spec.arm_id).shape()
        for spec in plan.specs
        if not application.may(f"{spec.type_name}/write", spec.arm_id, call.now)
    ]
    if refused:
        raise ArmError(
            "InvalidTemplateDeployment",
            f"Deployment failed: authorization failed for template resources over scope '{scope}'.",
            status=403,
            details=refused,
        )
    for spec in plan.specs:
        for action, linked in _linked(spec):
            call.check_allowed(action, linked, code="LinkedAuthorizationFailed")


def _linked(spec: ResourceSpec) -> list[tuple[str, str]]:
    properties = spec.body.get("properties") or {}
    if spec.type_name.lower() == NIC.lower():
        return [(_JOIN_SUBNET, subnet) for subnet in _subnets_of(spec)]
    if spec.type_name.lower() == VM.lower():
        cards = (properties.get("networkProfile") or {}).get("networkInterfaces") or []
        return [(_JOIN_NIC, one["id"]) for one in cards if isinstance(one, dict) and "id" in one]
    return []


def _subnets_of(spec: ResourceSpec) -> list[str]:
    found = (spec.body.get("properties") or {}).get("ipConfigurations") or []
    try:
        return [one["properties"]["subnet"]["id"] for one in found]
    except (KeyError, TypeError):
        raise ArmError(
            "InvalidRequestFormat", "An IP configuration of a network interface names no subnet."
        ) from None


def _problem(call: Call, spec: ResourceSpec) -> Json | None:
    """The errors of one resource."""
    kind = KINDS[spec.type_name.lower()]
    if _location(spec) not in LOCATIONS:
        return _reported(
            "LocationNotAvailableForResourceType",
            f"The provided location '{spec.body.get('location')}' is not available for resource type"
            f" '{spec.type_name}'.",
        )
    if kind == "nic":
        return _problem_of_card(call, spec)
    return _problem_of_machine(call, spec) if kind == "vm" else None


def _location(spec: ResourceSpec) -> str:
    return str(spec.body.get("location", "")).lower().replace(" ", "")


def _problem_of_card(call: Call, spec: ResourceSpec) -> Json | None:
    parts = call.world.parts
    is_there = parts.find(spec.key) is not None
    for subnet_id in _subnets_of(spec):
        subnet = parts.find(subnet_id)
        if subnet is None or subnet.kind != "subnet":
            return _reported(
                "InvalidResourceReference",
                f"Resource {subnet_id} of type {SUBNET} referenced by resource {spec.arm_id} was not found.",
            )
        network = parts.find(subnet.parent)
        if network is not None and network.location != _location(spec):
            return _reported(
                "InvalidResourceReference",
                f"Resource {network.arm_id} referenced by resource {spec.arm_id} was not found. Please make"
                " sure that the referenced resource exists, and that both resources are in the same region.",
            )
        is_full = parts.count_children(subnet.key, "nic") >= subnet.data["most"]
        if is_full and not is_there:
            return _reported(
                "SubnetIsFull",
                f"Subnet {subnet.name} with address prefix {subnet.data['prefix']} does not have enough"
                " capacity for 1 IP addresses.",
            )
    return None


def _problem_of_machine(call: Call, spec: ResourceSpec) -> Json | None:
    properties = spec.body["properties"]
    size_name = properties["hardwareProfile"]["vmSize"]
    size = find_size(size_name)
    if size is None:
        text = f"The value {size_name} provided for the VM size is not valid."
        return _reported("InvalidParameter", text, target="vmSize")
    if (properties.get("additionalCapabilities") or {}).get("hibernationEnabled") and not size.can_hibernate:
        text = f"Hibernation capability isn't supported for the VM size {size_name}."
        return _reported("OperationNotAllowed", text)
    reason = call.world.tenants.restrictions(call.subscription_id).get(str(size_name).lower())
    if reason is not None:
        return _reported(
            "SkuNotAvailable",
            f"The requested VM size '{size_name}' is not available in location '{spec.body['location']}'"
            f" for the subscription ({reason}).",
        )
    image = properties["storageProfile"].get("imageReference") or {}
    if not has_image(image):
        return _reported(
            "PlatformImageNotFound", f"The platform image '{_image_name(image)}' is not available."
        )
    if (unsuitable := _problem_of_image(properties, image)) is not None:
        return unsuitable
    profile = properties.get("osProfile") or {}
    computer = str(profile.get("computerName", spec.body["name"]))
    if len(computer) > timing.COMPUTER_NAME_LENGTH:
        text = f"Windows computer name cannot be more than {timing.COMPUTER_NAME_LENGTH} characters long."
        return _reported("InvalidParameter", text, target="computerName")
    if not profile.get("adminPassword"):
        text = "Required parameter 'adminPassword' is missing (null)."
        return _reported("InvalidParameter", text, target="adminPassword")
    return None


def _problem_of_image(properties: Json, image: Json) -> Json | None:
    is_trusted = (properties.get("securityProfile") or {}).get("securityType") == "TrustedLaunch"
    if is_trusted and generation_of(image.get("sku")) == "V1":
        return _reported("BadRequest", "TrustedLaunch is not supported for this image; choose a Gen2 image.")
    if needs_plan(image.get("publisher")):
        text = "Creating a virtual machine from Marketplace image requires Plan information in the request."
        return _reported("VMMarketplaceInvalidInput", text)
    return None


def _image_name(image: Json) -> str:
    return ":".join(str(image.get(name)) for name in ("publisher", "offer", "sku", "version"))


def _quota_problems(call: Call, plan: Plan) -> list[Json]:
    """Counts new machines only. What other deployments are about to create does not count yet."""
    sizes = [
        spec.body["properties"]["hardwareProfile"]["vmSize"]
        for spec in plan.specs
        if spec.type_name.lower() == VM.lower() and call.world.parts.find(spec.key) is None
    ]
    return list_shortfalls(call.world, call.subscription_id, sizes)


def _reported(code: str, message: str, *, target: str | None = None) -> Json:
    reported: Json = {"code": code, "message": message}
    return reported | {"target": target} if target else reported
