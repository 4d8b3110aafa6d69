"""Codes about a change of the size or the mode of a desktop that exists.

Sources: docs/evidence/aws_workspaces.md#changing-a-desktop, docs/evidence/azure_avd.md#changing-a-size.
"""

from webapp.domain.codes.shape import REFRESH, Cause, Entry

ENTRIES: dict[str, Entry] = {
    "resize_refused": Entry(
        "The cloud refused to change the desktop; it is as it was.",
        "Read the cloud's message below. If the last change was not long ago, wait and try again.",
    ),
    "resize_failed": Entry(
        "The cloud began to change the desktop and did not finish.",
        "Refresh to see what it is now, then change it again.",
    ),
    "resize_too_late": Entry(
        "The desktop was not in a state in which it can be changed.",
        "Wait until it runs or is stopped, then change it again.",
    ),
    "size_while_hibernated": Entry(
        "A hibernated desktop keeps its size.",
        "Start the desktop, then change its size. To change it while it is off, stop it after that.",
    ),
    "size_not_here": Entry(
        "The size is not possible where the desktop runs now.",
        "Stop the desktop, then change its size: a stopped one can move to where the size is.",
    ),
}

CAUSES: dict[str, Cause] = {
    "resize_refused": Cause(
        "Clouds limit how often a desktop is changed, and which sizes and volumes go together.", (REFRESH,)
    ),
    "resize_failed": Cause(
        "The cloud had no room for the new size, or the desktop did not come back.", (REFRESH,)
    ),
    "resize_too_late": Cause("It was starting, stopping or out of order for the whole time.", (REFRESH,)),
    "size_while_hibernated": Cause(
        "The cloud keeps what is open for a machine of the same size.", (REFRESH,)
    ),
    "size_not_here": Cause("Not every group of machines in a data centre has every size.", (REFRESH,)),
}
