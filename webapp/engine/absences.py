"""What the absence of a machine means. Decides the change; the caller writes it.

The meaning depends on what was requested: absence after a termination is the goal,
absence after a create proves nothing.
"""

from datetime import datetime
from typing import Any

from webapp.domain.absence import Evidence
from webapp.domain.actor import CLOUD
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import Action, Desired, Phase
from webapp.engine.context import Engine
from webapp.engine.observations import Decision
from webapp.engine.rows import NO_ACTION, Note, error_columns, looked
from webapp.models import Level, Workspace


def unseen_by_id(engine: Engine, row: Workspace, now: datetime) -> dict[str, Any] | None:
    """A read by id did not find it. While it may only be invisible, that proves nothing: wait.

    None if only a check of the slot can tell more.
    """
    settles_at = engine.absence.settles_at(row.issued_at)
    if settles_at is None or now >= settles_at:
        return None
    return {**looked(now), "due_at": min(now + engine.poll, settles_at)}


def absent(engine: Engine, row: Workspace, now: datetime) -> Decision:
    """A complete listing of the slot does not contain our machine."""
    rule = engine.absence
    evidence = Evidence(row.absent_count, row.absent_first_at, row.absent_last_at)
    evidence = evidence.after_absence(now, issued_at=row.issued_at, rule=rule)
    changes = _with_evidence(evidence, now)
    changes["due_at"] = evidence.next_look_at(now, issued_at=row.issued_at, rule=rule)
    if not evidence.is_proof():
        return changes, None
    engine.crashpoint("proven")
    if row.phase is Phase.TERMINATING:
        return _proven_gone(changes, row, now)
    if row.phase is Phase.CREATE_INTENT:
        return _proven_never_made(changes, row, now)
    if row.phase is not Phase.LOST and evidence.spans_s(now) >= rule.lost_span_s:
        failure = Failure("workspace_lost", Trouble.PERMANENT)
        return (
            changes
            | {"phase": Phase.LOST, "due_at": now + engine.rest, **error_columns(failure, now), **NO_ACTION},
            Note("lost", "The cloud no longer lists this desktop.", Level.ERROR, CLOUD),
        )
    if row.phase is Phase.LOST:
        changes["due_at"] = now + engine.rest
    return changes, None


def still_missing(engine: Engine, row: Workspace, now: datetime) -> dict[str, Any]:
    """Absent long enough to count as lost, but the breaker is open: keep checking."""
    evidence = Evidence(row.absent_count, row.absent_first_at, row.absent_last_at)
    evidence = evidence.after_absence(now, issued_at=row.issued_at, rule=engine.absence)
    return _with_evidence(evidence, now) | {"due_at": now + engine.rest}


def _with_evidence(evidence: Evidence, now: datetime) -> dict[str, Any]:
    return {
        **looked(now),
        "absent_count": evidence.count,
        "absent_first_at": evidence.first_at,
        "absent_last_at": evidence.last_at,
    }


def _proven_gone(changes: dict[str, Any], row: Workspace, now: datetime) -> Decision:
    is_retry = row.requested_action is Action.RETRY
    is_wanted = row.desired is Desired.PRESENT and (is_retry or row.error_code != "terminated_outside")
    if is_wanted:
        return (
            changes | {"phase": Phase.CREATE_FAILED, "due_at": now if is_retry else None},
            Note("cleaned_up", "The remains of the failed desktop are gone."),
        )
    return (
        changes | {"phase": Phase.GONE, "terminated_at": now, "due_at": None, **NO_ACTION},
        Note("terminated", "Terminated; the cloud no longer has the desktop.", actor=CLOUD),
    )


def _proven_never_made(changes: dict[str, Any], row: Workspace, now: datetime) -> Decision:
    if row.desired is Desired.ABSENT:
        return (
            changes | {"phase": Phase.GONE, "terminated_at": now, "due_at": None},
            Note("terminated", "Nothing was created; the order is closed."),
        )
    if row.error_code is not None:
        return (
            changes | {"phase": Phase.CREATE_FAILED, "due_at": None},
            Note("create_failed", "Nothing was created. The order can be retried."),
        )
    return changes, None
