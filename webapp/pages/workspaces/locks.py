"""What pages that end a desktop say of a lock in the cloud account."""

from datetime import datetime
from typing import TypedDict

from webapp.domain.end_rules import lock_said
from webapp.identity import service_context
from webapp.models import Workspace
from webapp.queries.troubleshooting import lock_on, tested_at


class Locked(TypedDict):
    """What `ui/lock.html` needs."""

    lock: str
    """Empty: nothing is known that keeps it from being deleted."""
    lock_seen_at: datetime | None


def locked_context(workspace: Workspace) -> Locked:
    lock = lock_on(workspace)
    if lock is None:
        return {"lock": "", "lock_seen_at": None}
    seen_at = tested_at(service_context().session, workspace.credential)
    return {"lock": lock_said(lock), "lock_seen_at": seen_at}
