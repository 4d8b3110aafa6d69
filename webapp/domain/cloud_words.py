"""The clouds' states of a desktop that is not simply on or off, and what they mean for people.

Sources: docs/evidence/aws_workspaces.md#workspace-states, docs/evidence/azure_avd.md#session-host-statuses,
docs/evidence/azure_avd.md#decision-table; some of Azure's states are our driver's own, derived
from several parts.
"""

from dataclasses import dataclass

from webapp.domain.causes import ORDER_AGAIN, REBUILD, REFRESH, RESTART, STOP
from webapp.domain.findings import RemedyAction, Severity

_WARNING, _INFO = Severity.WARNING, Severity.INFO


@dataclass(frozen=True, slots=True)
class Word:
    code: str
    """The finding's."""
    severity: Severity
    summary: str
    explanation: str
    remedies: tuple[RemedyAction, ...] = (REFRESH,)


_UNHEALTHY = Word(
    "unhealthy",
    _WARNING,
    "The desktop is running but does not respond to the cloud's health check.",
    "Just after a start this clears within minutes. Otherwise the load is very high, a firewall or antivirus"
    " program on the desktop blocks the cloud's agent, or the agent was stopped. Restart it first.",
    (RESTART, STOP, REBUILD, ORDER_AGAIN),
)
_SHUT = Word("switched_off_inside", _INFO, "The desktop was shut down.", "You can start it again here.")
_SILENT = Word(
    "agent_silent",
    _WARNING,
    "The desktop is running, but its agent does not report to the cloud.",
    "The agent was stopped, or the network blocks its outbound connections. Restart it first.",
    (RESTART, ORDER_AGAIN),
)
_NOT_JOINED = Word(
    "join_failed",
    _WARNING,
    "The desktop did not join its directory, or is no longer joined.",
    "The most common cause is a computer name that already exists in the directory. A new desktop gets a new"
    " name.",
    (ORDER_AGAIN,),
)

AWS: dict[str, Word] = {
    "UNHEALTHY": _UNHEALTHY,
    "IMPAIRED": _UNHEALTHY,
    "MAINTENANCE": Word(
        "maintenance",
        _INFO,
        "The cloud is updating this desktop.",
        "Desktops with auto-stop are updated once a month. It comes back by itself.",
    ),
    "ADMIN_MAINTENANCE": Word(
        "admin_maintenance",
        _WARNING,
        "An administrator has suspended this desktop in the cloud console.",
        "Nobody can sign in, start, stop, restart or rebuild it, and it does not stop by itself, so it"
        " costs money all the time. It must be released in the cloud console.",
    ),
    "REBUILDING": Word(
        "rebuilding",
        _INFO,
        "The desktop is being rebuilt.",
        "The cloud recreates it from its bundle and restores the person's files from the last"
        " snapshot. This takes up to an hour.",
    ),
    "RESTORING": Word(
        "restoring",
        _INFO,
        "The desktop is being restored from its last snapshots.",
        "Someone started this in the cloud console. It comes back by itself.",
    ),
    "UPDATING": Word(
        "updating",
        _INFO,
        "The desktop's size, disks or settings are being changed.",
        "This takes up to an hour, for disks up to two. It comes back by itself.",
    ),
    "SUSPENDED": Word(
        "suspended",
        _WARNING,
        "The cloud is holding this desktop.",
        "This takes up to 45 minutes while an image is created from it; it cannot be terminated then."
        " Berth keeps checking until it is released, and repeats a termination you ask for until"
        " it succeeds.",
    ),
}

AZURE: dict[str, Word] = {
    "NeedsAssistance": Word(
        "degraded",
        _INFO,
        "The desktop works, but one of its health checks fails.",
        "A monitoring agent or an address it needs is not reachable. Check its network rules.",
    ),
    "UpgradeFailed": Word(
        "degraded",
        _INFO,
        "The desktop works, but its agent could not be updated.",
        "Azure retries the update by itself. A restart often helps.",
        (RESTART, REFRESH),
    ),
    "Upgrading": Word(
        "updating",
        _INFO,
        "The desktop's agent is being updated.",
        "It comes back by itself in a few minutes.",
    ),
    "Shutdown": _SHUT,
    "Unavailable": _SILENT,
    "Disconnected": _SILENT,
    "NoHeartbeat": _SILENT,
    "SxSStackListenerNotReady": _SILENT,
    "NotJoinedToDomain": _NOT_JOINED,
    "DomainTrustRelationshipLost": _NOT_JOINED,
    "Registering": Word(
        "registering",
        _INFO,
        "The desktop has started and will report to its host pool soon.",
        "This takes a few minutes. Then people can connect.",
    ),
    "Unregistered": Word(
        "never_registered",
        _WARNING,
        "The desktop is running, but it is not registered with its host pool.",
        "Someone removed it from the pool, or the network blocks its outbound connections. Restart it first.",
        (RESTART, ORDER_AGAIN),
    ),
    "Unassigned": Word(
        "unassigned",
        _WARNING,
        "The desktop is ready, but not assigned to the person yet.",
        "Berth assigns it at its next check. If this persists, the pool or Entra rejects the name.",
    ),
    "AssignedToOther": Word(
        "assigned_to_other",
        _WARNING,
        "The desktop is assigned to someone else in the host pool.",
        "Someone changed this in the portal. Assign it to the right person there, or order another one.",
        (REFRESH, ORDER_AGAIN),
    ),
    "InAnotherResourceGroup": Word(
        "machine_elsewhere",
        _WARNING,
        "The machine is not in the cloud account's resource group, so Berth does not change it.",
        "The host pool still lists it. Manage it in the Azure portal, or move it into the group.",
        (REFRESH,),
    ),
    "MachineMissing": Word(
        "machine_missing",
        _WARNING,
        "The desktop's machine is gone, but parts of it are still there.",
        "Someone deleted the virtual machine outside Berth. Terminating removes the rest, which may cost"
        " money.",
        (ORDER_AGAIN, REFRESH),
    ),
    "Stopped": Word(
        "still_billed",
        _INFO,
        "The desktop was shut down from inside Windows, and its machine is still billed.",
        "A “Shut down” inside Windows keeps the machine allocated. Berth deallocates it soon.",
    ),
    "ProvisioningFailed": Word(
        "degraded",
        _INFO,
        "The desktop works, but Azure's last change to its machine failed.",
        "Stopping and starting it usually fixes this.",
    ),
    "FSLogixNotHealthy": Word(
        "profile_unavailable",
        _WARNING,
        "The desktop is running, but it cannot reach the user's profile.",
        "The profile share is unavailable, or the desktop may not read it. Ask the cloud administrator.",
        (RESTART, REFRESH),
    ),
}

CLOUD_WORDS: dict[str, dict[str, Word]] = {"aws": AWS, "azure": AZURE}
