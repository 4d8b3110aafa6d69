"""Amazon's states of a desktop that is not simply on or off, and what they mean for people.

Source: docs/evidence/aws_workspaces.md#workspace-states.
"""

from webapp.domain.causes import ORDER_AGAIN, REBUILD, RESTART, RESTORE, STOP
from webapp.domain.cloud_advice import Word
from webapp.domain.findings import Severity

_WARNING, _INFO = Severity.WARNING, Severity.INFO

_STEPS = (RESTART, STOP, RESTORE, REBUILD, ORDER_AGAIN)
"""The one with the least loss first."""
_STILL_UNHEALTHY = Word(
    "unhealthy_after_restart",
    _WARNING,
    "The desktop still does not respond to the cloud's health check, although it was restarted.",
    "The steps below stand in the order of what they cost. If there is a snapshot of when it was healthy, a"
    " restore loses less than a rebuild.",
    _STEPS,
)
_UNHEALTHY = Word(
    "unhealthy",
    _WARNING,
    "The desktop is running but does not respond to the cloud's health check.",
    "Just after a start this clears within minutes. Otherwise the load is very high, a firewall or antivirus"
    " program on the desktop blocks the cloud's agent, or the agent was stopped. Restart it first.",
    _STEPS,
    after_restart=_STILL_UNHEALTHY,
)

WORDS: dict[str, Word] = {
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
        "The cloud recreates its system disk and restores the person's files from the last"
        " snapshot. This takes up to an hour.",
    ),
    "RESTORING": Word(
        "restoring",
        _INFO,
        "The desktop is being restored from its last snapshots.",
        "The cloud takes its system and files back to a snapshot. This takes up to an hour; it comes back by"
        " itself.",
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
