"""The lifecycles of machines, session hosts and deployments: what happens to them over time."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.azure.lifecycles import commands, deploying, disks, hosts, machines
from sandbox.azure.timeline import Event
from sandbox.azure.world import World

EVENT_HANDLERS: dict[str, Callable[[World, Event], None]] = {
    "vm.settle": machines.settle_machine,
    "vm.gone": machines.end_machine,
    "part.gone": machines.end_part,
    "part.tags": machines.tag_part,
    "snapshot.settle": disks.settle_copy,
    "command.settle": commands.settle,
    "command.end": commands.end,
    "host.status": hosts.change_status,
    "session.end": hosts.session_over,
    "step.end": deploying.end_step,
    "deployment.cancel": deploying.end_cancelled,
    "deployment.gone": deploying.forget,
    "provider.settle": machines.settle_provider,
}
"""Keyed by the names that the timeline stores."""
