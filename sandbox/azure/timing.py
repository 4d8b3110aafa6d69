"""How long everything takes, in simulated seconds, and the limits that Azure documents."""

from __future__ import annotations

NIC_S = 5.0
VM_S = (60.0, 120.0)
"""How long a new machine takes: a range, spread by the machine's name."""
JOIN_S = 120.0
AGENT_S = 180.0
"""From the start of the agent's set-up until the host appears in the pool."""
AGENT_FAILURE_S = 60.0
EXTENSION_S = 60.0
UNCHANGED_S = 2.0
"""How long a deployment takes for a resource that needs no change."""
UPGRADE_S = 360.0
"""How long a new host updates its agent before it is Available."""
DELETE_S, FORCED_DELETE_S = 60.0, 10.0
NIC_AFTER_S, DISK_AFTER_S = 5.0, 10.0
"""How long after their machine they disappear."""
PART_DELETE_S, PART_UPDATE_S = 5.0, 3.0
SNAPSHOT_S = 20.0
"""From the request until a snapshot is there; what it has is of the moment of the request."""
DISK_COPY_S = 10.0
"""From the request until a disk made of a snapshot is there."""
FILES_COPY_S = 600.0
"""From the request until a run command that copies files has ended."""
START_S, DEALLOCATE_S, POWER_OFF_S, RESTART_S = 45.0, 60.0, 30.0, 60.0
HIBERNATION_AFTER_S = 120.0
"""A machine that runs for less is not hibernated."""
HOST_BACK_S = 90.0
"""From a running machine to an Available host."""
STATUS_LAG_S = 45.0
"""How long a host keeps its old status after its machine has stopped."""
HEARTBEAT_S = 30.0
REGISTRATION_KEPT_S = 90 * 86400.0
"""A host that was off for longer than this has lost its registration."""
CANCEL_S = 5.0
FORGET_DEPLOYMENT_S = 5.0
NIC_RESERVED_S = 180.0
"""How long a network card is reserved for a machine that failed."""
REGISTER_PROVIDER_S = 30.0

TOKEN_LEAST_S, TOKEN_MOST_S = 3600.0, 30 * 86400.0
"""The minimum and maximum validity of a registration token."""
DEPLOYMENTS_KEPT = 800
COMPUTER_NAME_LENGTH = 15
OS_DISK_GIB = 127
LUNS = 64
DATA_DISKS_MOST = 8
"""How many data disks a machine can have; in Azure it depends on the size."""
USED_GIB, CHANGED_GIB = 40, 3
"""What the first snapshot of a disk takes, and an incremental one after it."""
RESERVED_ADDRESSES = 5
"""How many addresses Azure reserves in every subnet."""
