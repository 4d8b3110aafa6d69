"""Every supported operation, by method and path. To add one, add a line to a module's ROUTES."""

from __future__ import annotations

from sandbox.azure.operations import (
    azure_backup,
    cost_query,
    deployments,
    desktops,
    host_pools,
    images,
    management_locks,
    metrics,
    network,
    polling,
    power,
    resources,
    run_commands,
    session_hosts,
    snapshots,
    storage,
    user_sessions,
    virtual_machines,
)
from sandbox.azure.routes import Route

_MODULES = (
    azure_backup,
    cost_query,
    deployments,
    desktops,
    host_pools,
    images,
    management_locks,
    metrics,
    network,
    polling,
    power,
    resources,
    run_commands,
    session_hosts,
    snapshots,
    storage,
    user_sessions,
    virtual_machines,
)
OPERATIONS: dict[tuple[str, str], Route] = {
    (route.method, route.pattern): route for module in _MODULES for route in module.ROUTES
}
