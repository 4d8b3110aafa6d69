"""The parts of a desktop, read from the SDKs' models: deployment, machine, host, network interface, disk."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from webapp.clouds.azure_avd.errors import failure_of_deployment, is_unexplained
from webapp.clouds.azure_avd.names import CLAIM_TAG, USER_TAG, last_segment, moment, present, spelled, tags_of
from webapp.clouds.azure_avd.tables import FAILED, IN_FLIGHT, WRAPPER
from webapp.domain.errors import Failure, Trouble
from webapp.providers.azure_avd.usernames import is_same_person

HIBERNATED = "hibernationstate/hibernated"
NO_TAGS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class DeploymentPart:
    state: str
    """As Azure spells it."""
    ended_at: datetime | None
    failure: Failure | None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_unexplained(self) -> bool:
        """It failed, and says nothing about why."""
        return self.failure is not None and is_unexplained(self.failure)

    @property
    def is_in_flight(self) -> bool:
        return self.state.lower() in IN_FLIGHT


@dataclass(frozen=True, slots=True)
class MachinePart:
    power: str | None
    """`running`, `deallocated` …; None if Azure does not report it."""
    provisioning: str
    """`Succeeded`, `Updating`, `Deleting` …; empty if Azure does not report it."""
    failure: Failure | None = None
    """Why its newest operation failed."""
    made_at: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    size: str | None = None
    cards: tuple[str, ...] = ()
    """The ARM ids of its network interfaces; a list of power states does not include them."""
    disk: str = ""
    """The ARM id of its system disk."""
    can_hibernate: bool = False
    """It was made so; a list of power states does not say it."""
    is_hibernated: bool = False


@dataclass(frozen=True, slots=True)
class HostPart:
    host: str
    """Its name in the pool."""
    status: str
    status_at: datetime | None
    heartbeat_at: datetime | None
    assigned_user: str
    failed_checks: tuple[str, ...]
    passed_checks: tuple[str, ...] = ()
    machine_id: str = ""
    """The ARM id of its machine, in lower case; empty if Azure does not report it."""
    takes_sessions: bool = True
    """False: nobody can connect, because Berth has suspended it, or an administrator drains it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything known to exist with one machine's name."""

    name: str
    deployment: DeploymentPart | None = None
    machine: MachinePart | None = None
    host: HostPart | None = None
    has_nic: bool = False
    has_disk: bool = False
    is_elsewhere: bool = False
    """The host's machine is outside the credential's resource group: nothing of it is ours to change."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Of the first part that has any."""

    @property
    def is_anything(self) -> bool:
        """Does anything exist that costs money, or will?"""
        is_coming = self.deployment is not None and self.deployment.is_in_flight
        is_there = self.machine is not None or self.host is not None or self.has_nic or self.has_disk
        return is_there or is_coming

    @property
    def claim(self) -> str | None:
        return self.tags.get(CLAIM_TAG)

    @property
    def username(self) -> str:
        """As the order names its person; else as the host does."""
        ordered, assigned = self.tags.get(USER_TAG, ""), self.host.assigned_user if self.host else ""
        return ordered if not assigned or is_same_person(ordered, assigned) else assigned

    def with_tags(self, tags: Mapping[str, str] | None) -> "Parts":
        return self if self.tags or not tags else replace(self, tags=dict(tags))


def deployment_part(found: Any) -> DeploymentPart:
    """From `DeploymentExtended`."""
    properties = found.properties
    state = spelled(getattr(properties, "provisioning_state", None)) or "NotSpecified"
    failure = None
    if state.lower() in FAILED:
        failure = failure_of_deployment(_plain(getattr(properties, "error", None)), state=state)
    elif state.lower() == "succeeded" and _came_too_late(getattr(properties, "outputs", None)):
        failure = Failure("order_too_late", Trouble.TRANSIENT, detail="")
    return DeploymentPart(state, moment(getattr(properties, "timestamp", None)), failure, tags_of(found))


def with_operations(part: DeploymentPart, operations: Iterable[Any]) -> DeploymentPart:
    """What its operations say about why it failed, if they say more than the deployment itself."""
    messages = [getattr(one.properties, "status_message", None) for one in present(operations)]
    errors = [error for one in messages if (error := _error_in(one))]
    failure = failure_of_deployment({"code": WRAPPER, "details": errors}, state=part.state)
    return part if is_unexplained(failure) else replace(part, failure=failure)


def _error_in(status_message: Any) -> dict[str, Any] | None:
    """Of an operation: an object with an error, or the same as JSON text."""
    if isinstance(status_message, str):
        return {"message": status_message}
    return _plain(getattr(status_message, "error", None))


def machine_part(found: Any) -> MachinePart:
    """From `VirtualMachine`, read with its instance view or listed with `statusOnly`."""
    properties = found.properties
    view = getattr(found, "instance_view", None) or getattr(properties, "instance_view", None)
    statuses = present(getattr(view, "statuses", None))
    power, provisioning, failure = _statuses(statuses)
    capabilities = getattr(properties, "additional_capabilities", None)
    hardware = getattr(properties, "hardware_profile", None)
    network = getattr(properties, "network_profile", None)
    system = getattr(getattr(properties, "storage_profile", None), "os_disk", None)
    return MachinePart(
        power=power,
        provisioning=provisioning or spelled(getattr(properties, "provisioning_state", None)),
        failure=failure,
        made_at=moment(getattr(properties, "time_created", None)),
        tags=tags_of(found),
        size=getattr(hardware, "vm_size", None),
        cards=tuple(one.id for one in present(getattr(network, "network_interfaces", None)) if one.id),
        disk=getattr(getattr(system, "managed_disk", None), "id", None) or "",
        can_hibernate=getattr(capabilities, "hibernation_enabled", None) is True,
        is_hibernated=any(str(one.code or "").lower() == HIBERNATED for one in statuses),
    )


def host_part(found: Any) -> HostPart:
    """From `SessionHost`."""
    results = [
        (spelled(check.health_check_name), spelled(check.health_check_result))
        for check in present(found.session_host_health_check_results)
    ]
    return HostPart(
        host=last_segment(found.id) or last_segment(found.name),
        status=spelled(found.status),
        status_at=moment(found.status_timestamp),
        heartbeat_at=moment(found.last_heart_beat),
        assigned_user=found.assigned_user or "",
        failed_checks=tuple(name for name, result in results if name and result == "HealthCheckFailed"),
        passed_checks=tuple(name for name, result in results if name and result == "HealthCheckSucceeded"),
        machine_id=(found.resource_id or "").lower(),
        takes_sessions=found.allow_new_session is not False,
    )


def machine_of_host(found: Any) -> str:
    """The machine that a host runs on: by its id, else by the host's own name without a domain."""
    return last_segment(found.resource_id) or last_segment(found.name).partition(".")[0]


def _statuses(statuses: list[Any]) -> tuple[str | None, str, Failure | None]:
    power, provisioning, failure = None, "", None
    for status in statuses:
        kind, _, rest = str(status.code or "").partition("/")
        if kind == "PowerState":
            power = rest.lower() or None
        elif kind == "ProvisioningState":
            provisioning, _, code = rest.partition("/")
            if code and provisioning.lower() == "failed":
                error = {"code": code, "message": str(status.message or status.display_status or "")}
                failure = failure_of_deployment(error, state=code)
    return power, provisioning, failure


def _came_too_late(outputs: Any) -> bool:
    """The template's own word (`session_host.json`)."""
    if not isinstance(outputs, Mapping):
        return False
    said = outputs.get("cameTooLate")
    value = said.get("value") if isinstance(said, Mapping) else getattr(said, "value", None)
    return value is True


def _plain(error: Any) -> dict[str, Any] | None:
    """An SDK's error model as the JSON that it came from."""
    if error is None:
        return None
    if isinstance(error, Mapping):
        return dict(error)
    details = [plain for one in present(error.details) if (plain := _plain(one))]
    more = [{"type": one.type, "info": one.info} for one in present(error.additional_info)]
    return {"code": error.code, "message": error.message, "details": details, "additionalInfo": more}
