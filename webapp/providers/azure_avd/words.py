"""Azure's states of a desktop that is not simply on or off, and what they mean for people.

Some are our driver's own, derived from several parts. Sources:
docs/evidence/azure_avd.md#session-host-statuses, docs/evidence/azure_avd.md#decision-table.
"""

from webapp.domain.causes import ORDER_AGAIN, REFRESH, RESTART
from webapp.domain.cloud_advice import Word
from webapp.domain.findings import Severity

_WARNING, _INFO = Severity.WARNING, Severity.INFO

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

WORDS: dict[str, Word] = {
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
    "HostRemoved": Word(
        "host_removed",
        _WARNING,
        "The desktop is running, but it was removed from its host pool.",
        "Its files are still on its disk. Register the machine with the host pool again, with a new"
        " registration token for its agent. A new desktop would not have these files.",
        (REFRESH, ORDER_AGAIN),
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
