"""The clouds' words for the state of a desktop that is not simply on or off, and what they mean for people.

Sources: docs/evidence/aws_workspaces.md#workspace-states, docs/evidence/azure_avd.md#session-host-statuses,
docs/evidence/azure_avd.md#decision-table; some of Azure's words are our driver's own, for what it found out
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
    "The desktop runs, but does not answer the cloud's health check.",
    "Just after a start this passes within minutes. Otherwise: very high load, a firewall or antivirus"
    " program on the desktop that blocks the cloud's agent, or the agent was stopped. Restart it first.",
    (RESTART, STOP, REBUILD, ORDER_AGAIN),
)
_SHUT = Word("switched_off_inside", _INFO, "The desktop was shut down.", "It can be started again here.")
_SILENT = Word(
    "agent_silent",
    _WARNING,
    "The desktop runs, but its agent does not report to the cloud.",
    "The agent was stopped, or the desktop's network does not let it out. Restart it first.",
    (RESTART, ORDER_AGAIN),
)
_NOT_JOINED = Word(
    "join_failed",
    _WARNING,
    "The desktop did not join its directory, or lost its place in it.",
    "The most frequent cause is a computer name that the directory knows already. A new desktop gets a new"
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
        "Desktops that stop by themselves are updated once a month. It comes back by itself.",
    ),
    "ADMIN_MAINTENANCE": Word(
        "admin_maintenance",
        _WARNING,
        "An administrator has put this desktop on hold in the cloud's console.",
        "Nobody can sign in, start, stop, restart or rebuild it, and it does not stop by itself, so it"
        " costs money all the time. It has to be released in the cloud's console.",
    ),
    "REBUILDING": Word(
        "rebuilding",
        _INFO,
        "The desktop is being rebuilt.",
        "The cloud makes it again from its bundle and brings the person's files back from the last"
        " snapshot. That takes up to an hour; then it is available again.",
    ),
    "RESTORING": Word(
        "restoring",
        _INFO,
        "The desktop is being restored from its last snapshots.",
        "Somebody started this in the cloud's console. It comes back by itself.",
    ),
    "UPDATING": Word(
        "updating",
        _INFO,
        "Size, disks or settings of the desktop are being changed.",
        "That takes up to an hour, for disks up to two. It comes back by itself.",
    ),
    "SUSPENDED": Word(
        "suspended",
        _WARNING,
        "The cloud holds this desktop.",
        "That happens while an image is made of it, up to 45 minutes; it cannot even be terminated then."
        " Berth keeps looking until it is released, and a termination that you ask for is told again until"
        " it works.",
    ),
}

AZURE: dict[str, Word] = {
    "NeedsAssistance": Word(
        "degraded",
        _INFO,
        "The desktop can be used, but one of its checks fails.",
        "A monitoring part or an address that it needs is not reachable. Look at its network rules.",
    ),
    "UpgradeFailed": Word(
        "degraded",
        _INFO,
        "The desktop can be used, but its agent could not be updated.",
        "It is tried again by itself. A restart often helps.",
        (RESTART, REFRESH),
    ),
    "Upgrading": Word(
        "updating", _INFO, "The desktop's agent is being updated.", "It comes back by itself in some minutes."
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
        "The desktop has started, and is about to report to its host pool.",
        "That takes some minutes. Then people can connect.",
    ),
    "Unregistered": Word(
        "never_registered",
        _WARNING,
        "The desktop runs, but its host pool does not know it.",
        "Somebody took it out of the pool, or its network does not let it out. Restart it first.",
        (RESTART, ORDER_AGAIN),
    ),
    "Unassigned": Word(
        "unassigned",
        _WARNING,
        "The desktop is ready, but not given to its person yet.",
        "Berth assigns it by itself with its next look. If it lasts, the pool or Entra refuses the name.",
    ),
    "AssignedToOther": Word(
        "assigned_to_other",
        _WARNING,
        "The desktop is assigned to somebody else in the host pool.",
        "Somebody changed that in the portal. Assign it to the person of this workspace there, or order"
        " another one.",
        (REFRESH, ORDER_AGAIN),
    ),
    "InAnotherResourceGroup": Word(
        "machine_elsewhere",
        _WARNING,
        "The machine is not in the credential's resource group, so Berth does not touch it.",
        "The host pool lists it all the same. Look after it in the portal, or move it into the group.",
        (REFRESH,),
    ),
    "MachineMissing": Word(
        "machine_missing",
        _WARNING,
        "The desktop's machine is gone, but parts of it are still there.",
        "Somebody deleted the virtual machine outside Berth. Terminating removes the rest, which may cost"
        " money.",
        (ORDER_AGAIN, REFRESH),
    ),
    "Stopped": Word(
        "still_billed",
        _INFO,
        "The desktop was shut down from inside, and its machine is still billed.",
        "A “Shut down” inside Windows keeps the machine. Berth gives it back by itself with its next looks.",
    ),
    "ProvisioningFailed": Word(
        "degraded",
        _INFO,
        "The desktop can be used, but Azure's last change of its machine failed.",
        "A stop and a start mend that most of the time.",
    ),
    "FSLogixNotHealthy": Word(
        "profile_unavailable",
        _WARNING,
        "The desktop runs, but the place of the user's files cannot be reached.",
        "The share with the profiles is away, or the desktop may not read it. Ask the cloud's administrator.",
        (RESTART, REFRESH),
    ),
}

CLOUD_WORDS: dict[str, dict[str, Word]] = {"aws": AWS, "azure": AZURE}
