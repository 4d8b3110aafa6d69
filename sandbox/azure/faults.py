"""The faults of the simulated Azure beyond those that every cloud supports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sandbox.azure.ids import VM
from sandbox.faults import FaultRule

LATER = frozenset(
    {
        "deployment_error",
        "agent_silent",
        "agent_upgrading",
        "host_status",
        "stuck",
        "leftovers",
        "billed_stop",
        "operation_error",
        "no_content",
    }
)
_DEPLOYING = frozenset({"deployments.createOrUpdate"})
_POWER = frozenset(
    {
        "virtualMachines.start",
        "virtualMachines.deallocate",
        "virtualMachines.powerOff",
        "virtualMachines.restart",
        "virtualMachines.update",
        "virtualMachines.delete",
        "snapshots.createOrUpdate",
        "disks.createOrUpdate",
        "virtualMachineRunCommands.createOrUpdate",
    }
)
_LISTINGS = frozenset(
    {
        "virtualMachines.list",
        "virtualMachines.listAll",
        "virtualMachines.listAvailableSizes",
        "resources.list",
        "resources.listByResourceGroup",
        "sessionHosts.list",
        "userSessions.list",
        "userSessions.listByHostPool",
        "hostPools.list",
        "hostPools.listByResourceGroup",
        "applicationGroups.listByResourceGroup",
        "desktops.list",
        "disks.listByResourceGroup",
        "snapshots.listByResourceGroup",
        "networkInterfaces.list",
        "deployments.listByResourceGroup",
        "deploymentOperations.list",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureRule(FaultRule):
    """`operation` is "<group>.<method>", as in Azure's own operation ids: virtualMachines.start."""

    tenant_id: str | None = None
    client_id: str | None = None
    subscription_id: str | None = None
    resource_group: str | None = None
    resource_name: str | None = None
    """Only calls about this resource: the last part of the path, a machine that a deployment creates …"""
    claim: str | None = None
    """Only calls about resources with this claim."""
    retry_after_s: float | None = None
    """throttle, http_503, error: the value of `Retry-After`, in real seconds."""
    resource_type: str = VM
    """deployment_error, stuck: which resource of the deployment."""
    inner_code: str | None = None
    """deployment_error, operation_error: a nested code, as JSON text in the message."""
    is_hidden: bool = False
    """deployment_error: only the deployment's operations have the cause; the deployment has wrappers."""
    host_status: str = "Unavailable"
    """host_status: the status that the host shows instead of Available."""
    failed_checks: tuple[str, ...] = ()
    """host_status: the names of the health checks that fail."""

    LATER: ClassVar[frozenset[str]] = LATER
    NEEDING_CODE: ClassVar[frozenset[str]] = frozenset({"error", "deployment_error", "operation_error"})
    DEFAULT_OPERATIONS: ClassVar[Mapping[str, frozenset[str]]] = {
        "deployment_error": _DEPLOYING,
        "agent_silent": _DEPLOYING,
        "agent_upgrading": _DEPLOYING,
        "host_status": _DEPLOYING,
        "stuck": _DEPLOYING,
        "leftovers": frozenset({"virtualMachines.delete"}),
        "billed_stop": frozenset({"virtualMachines.deallocate"}),
        "operation_error": _POWER,
        "no_content": frozenset({"query.usage"}),
        "empty_listing": _LISTINGS,
    }
    CHOOSING: ClassVar[tuple[str, ...]] = ("tenant_id", "client_id", "subscription_id", "resource_group")
    SUBJECTS: ClassVar[tuple[str, ...]] = ("resource_name", "claim")
