"""Record orphans that an inventory finds, sees again or misses. `clearing` decides what to do with them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.database import changed_rows
from webapp.domain.actor import BERTH
from webapp.domain.lifecycle import CloudState
from webapp.domain.observation import Observation
from webapp.domain.orphans import LISTED, ROUNDS_TO_GONE, OrphanKind, OrphanStatus
from webapp.engine.rows import hold_lease
from webapp.engine.run import Run
from webapp.models import CloudCredential, Orphan

log = logging.getLogger(__name__)

CHUNK = 100
"""Orphans per transaction, so that a page or an API call never waits long."""


@dataclass(frozen=True, slots=True)
class Found:
    """A machine in the inventory without a live row."""

    machine: Observation
    claim: str | None
    kind: OrphanKind
    workspace_id: int | None


def record(run: Run, found: Sequence[Found], stood_for: dict[str, int], *, listed_at: datetime) -> None:
    """Record what a complete inventory says about orphans; `stood_for`: machine → its live row."""
    known = known_orphans(run)
    for start in range(0, len(found), CHUNK):
        with run.engine.sessions.begin() as session:
            hold_lease(session, run.lease)
            for one in found[start : start + CHUNK]:
                orphan = known.get(one.machine.cloud_workspace_id)
                if orphan is None:
                    _add(session, run, one, listed_at)
                else:
                    _see_again(session, run, orphan, one, listed_at)
    listed = {one.machine.cloud_workspace_id for one in found}
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        for machine_id, orphan in known.items():
            if machine_id in listed or orphan.status not in LISTED:
                continue
            if orphan.credential_id != run.credential.id:
                continue  # of a deleted credential, which may have shown another directory
            _update(session, orphan, _not_found(run, orphan, stood_for.get(machine_id)))


def known_orphans(run: Run) -> dict[str, Orphan]:
    """The company's orphans of this account, by machine; detached.

    Without those of another credential that shows the same directory: the first to find an orphan keeps it.
    """
    credential = run.credential
    with run.engine.sessions.begin() as session:
        rows = session.scalars(
            select(Orphan)
            .join(CloudCredential, CloudCredential.id == Orphan.credential_id)
            .where(
                Orphan.company_id == credential.company_id,
                Orphan.account_id == credential.account_id,
                or_(Orphan.credential_id == credential.id, CloudCredential.is_deleted),
            )
        ).all()
        session.expunge_all()
    return {row.cloud_workspace_id: row for row in rows}


def _add(session: Session, run: Run, one: Found, listed_at: datetime) -> None:
    orphan = Orphan(
        company_id=run.credential.company_id,
        credential_id=run.credential.id,
        account_id=run.credential.account_id or "",
        cloud_workspace_id=one.machine.cloud_workspace_id,
        first_seen_at=listed_at,
        last_seen_at=listed_at,
        **_as_observed(one),
    )
    try:
        with session.begin_nested():
            session.add(orphan)
    except IntegrityError:
        return  # another credential of the company has just found it
    if one.kind.is_ours:
        log.warning(
            "orphan found",
            extra={
                "credential_id": run.credential.id,
                "machine": one.machine.cloud_workspace_id,
                "kind": one.kind.value,
            },
        )


def _as_observed(one: Found) -> dict[str, Any]:
    machine = one.machine
    return {
        "claim": one.claim[:255] if one.claim is not None else None,
        "kind": one.kind,
        "workspace_id": one.workspace_id,
        "username": machine.username[:64],
        "cloud_state": machine.state,
        "cloud_word": machine.word,
        "bundle_id": machine.bundle_id,
        "compute_type": (machine.compute_type or "")[:40] or None,
        "running_mode": (machine.running_mode or "")[:16] or None,
        "operating_system": (machine.operating_system or "")[:40] or None,
    }


def _see_again(session: Session, run: Run, orphan: Orphan, one: Found, listed_at: datetime) -> None:
    changes = _as_observed(one) | {
        "credential_id": run.credential.id,
        "last_seen_at": listed_at,
        "observations": orphan.observations + 1,
        "missed": 0,
    }
    is_back = orphan.status not in LISTED
    if is_back or (orphan.status is OrphanStatus.TERMINATING and not one.kind.is_ours):
        changes |= {"status": OrphanStatus.OPEN, "due_at": None, "end_sent_at": None}
        changes |= {"decided_by": None, "decided_at": None}
    if is_back or one.kind is not orphan.kind:
        changes |= {"first_seen_at": listed_at, "observations": 1}
    is_alive = one.machine.state is not CloudState.TERMINATING
    if orphan.status is OrphanStatus.TERMINATING and one.kind.is_ours and is_alive:
        changes["due_at"] = run.engine.clock.now()
    _update(session, orphan, changes)


def _not_found(run: Run, orphan: Orphan, row_id: int | None) -> dict[str, Any]:
    """It is no longer an orphan: it has a live row, or it is not listed."""
    if row_id is not None:
        decided = {"decided_by": BERTH.label, "decided_at": run.engine.clock.now()}
        return {"status": OrphanStatus.ADOPTED, "workspace_id": row_id, "due_at": None, **decided}
    missed = orphan.missed + 1
    if missed >= ROUNDS_TO_GONE:
        return {"status": OrphanStatus.GONE, "missed": missed, "due_at": None}
    return {"missed": missed}


def write(run: Run, orphan: Orphan, changes: dict[str, Any]) -> bool:
    """Write one orphan under the lease; False if someone has decided meanwhile. Raises LeaseLost."""
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        return _update(session, orphan, changes)


def _update(session: Session, orphan: Orphan, changes: dict[str, Any]) -> bool:
    """Only if nobody has decided meanwhile; the next round sees it again."""
    done = session.execute(
        update(Orphan)
        .where(Orphan.id == orphan.id, Orphan.version == orphan.version)
        .values(**changes, version=orphan.version + 1)
        .execution_options(synchronize_session=False)
    )
    if changed_rows(done) != 1:
        return False
    for name, value in (changes | {"version": orphan.version + 1}).items():
        setattr(orphan, name, value)
    return True
