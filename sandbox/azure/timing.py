"""How long everything takes, in simulated seconds, and the limits that Azure documents."""

from __future__ import annotations

NIC_S = 5.0
VM_S = (60.0, 120.0)
"""A new machine, spread by its name."""
JOIN_S = 120.0
AGENT_S = 180.0
"""From the start of the agent's set-up to the host's row in the pool."""
AGENT_FAILURE_S = 60.0
EXTENSION_S = 60.0
UNCHANGED_S = 2.0
"""What a deployment needs for a resource that is as it should be already."""
UPGRADE_S = 360.0
"""A new host updates its agent so long before it is Available."""
DELETE_S, FORCED_DELETE_S = 60.0, 10.0
NIC_AFTER_S, DISK_AFTER_S = 5.0, 10.0
"""So long after their machine they are gone."""
PART_DELETE_S, PART_UPDATE_S = 5.0, 3.0
START_S, DEALLOCATE_S, POWER_OFF_S, RESTART_S = 45.0, 60.0, 30.0, 60.0
HOST_BACK_S = 90.0
"""From a running machine to an Available host."""
STATUS_LAG_S = 45.0
"""So long after its machine stopped a host still shows its old status."""
HEARTBEAT_S = 30.0
REGISTRATION_KEPT_S = 90 * 86400.0
"""A host that was off for longer has lost its registration."""
CANCEL_S = 5.0
FORGET_DEPLOYMENT_S = 5.0
NIC_RESERVED_S = 180.0
"""A network card is kept for a machine that failed so long."""
REGISTER_PROVIDER_S = 30.0

TOKEN_LEAST_S, TOKEN_MOST_S = 3600.0, 30 * 86400.0
"""How long a registration token may be valid."""
DEPLOYMENTS_KEPT = 800
COMPUTER_NAME_LENGTH = 15
OS_DISK_GIB = 127
RESERVED_ADDRESSES = 5
"""Azure keeps so many of every subnet for itself."""
