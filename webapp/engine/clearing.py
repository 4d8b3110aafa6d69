"""What Berth does with orphans, each time after a fresh read: adopt or terminate. Never without our claim.

By itself it terminates only machines seen twice whose row was terminated, at most
`MOST_ENDED_A_ROUND` per round, and otherwise none: then our records are probably wrong. It adopts a machine
whose order had failed before it appeared. Everything else needs a person's decision.
"""

import logging
from datetime import timedelta
from typing import Any

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.exc import IntegrityError

from webapp.clouds.base import Acted
from webapp.domain.actor import BERTH
from webapp.domain.decisions import slots
from webapp.domain.errors import CloudError, Trouble
from webapp.domain.lifecycle import Action, CloudState, Desired, Phase
from webapp.domain.observation import MachineRef, Observation
from webapp.domain.orphans import (
    MOST_ENDED_A_ROUND,
    OrphanKind,
    OrphanStatus,
    is_confirmed,
    parse_claim,
)
from webapp.engine import breaker
from webapp.engine.account import raise_if_account
from webapp.engine.context import Engine
from webapp.engine.orphans import write
from webapp.engine.rows import Stale, change, row_state
from webapp.engine.run import Run
from webapp.models import Orphan, Workspace
from webapp.models.workspace import IS_LIVE, is_live

log = logging.getLogger(__name__)

TELL_AGAIN = timedelta(seconds=60)
"""How soon a failed termination is sent again; Berth never gives up."""


def decide(run: Run) -> None:
    """After an inventory: start what may be done without a person."""
    to_end: list[Orphan] = []
    for orphan, row in _confirmed(run):
        if row.desired is Desired.ABSENT:
            to_end.append(orphan)
        elif row.phase is Phase.CREATE_FAILED and row.credential_id == run.credential.id:
            _take_over(run, orphan, row)
    if not breaker.allows_ending(run, len(to_end), at_most=MOST_ENDED_A_ROUND):
        return
    now = run.engine.clock.now()
    for orphan in to_end:
        decided = {"decided_by": BERTH.label, "decided_at": now}
        write(run, orphan, {"status": OrphanStatus.TERMINATING, "due_at": now, **decided})


def _confirmed(run: Run) -> list[tuple[Orphan, Workspace]]:
    """Open orphans of closed rows, seen often enough; with the row as it is now."""
    with run.engine.sessions.begin() as session:
        pairs = session.execute(
            select(Orphan, Workspace)
            .join(Workspace, Workspace.id == Orphan.workspace_id)
            .where(
                Orphan.credential_id == run.credential.id,
                Orphan.status == OrphanStatus.OPEN,
                Orphan.kind == OrphanKind.CLOSED_ROW,
                Orphan.missed == 0,
            )
            .order_by(Orphan.id)
        ).all()
        session.expunge_all()
    return [
        (orphan, row)
        for orphan, row in pairs
        if not is_live(row)
        and is_confirmed(
            observations=orphan.observations,
            first_seen_at=orphan.first_seen_at,
            last_seen_at=orphan.last_seen_at,
        )
    ]


def _take_over(run: Run, orphan: Orphan, row: Workspace) -> None:
    """The machine of a failed order has appeared after all: continue the order with it."""
    try:
        machine = _fresh(run, [orphan]).get(orphan.cloud_workspace_id)
        is_fit = machine is not None and machine.state is not CloudState.TERMINATING
        if machine is None or not is_fit or not _has_its_claim(run, orphan):
            return
    except CloudError as error:
        raise_if_account(error)
        return
    now, mark = run.engine.clock.now(), parse_claim(orphan.claim)
    decision = slots.adopted_late(
        row_state(row),
        machine,
        generation=mark.generation if mark else 0,
        deadline_at=now + run.engine.deadline_of(run.credential),
        now=now,
    )
    try:
        change(run.engine, run.lease, row, *decision)
    except (Stale, IntegrityError):
        return  # someone acted on it, or another row has the slot or the application: a person decides
    decided = {"decided_by": BERTH.label, "decided_at": now}
    write(run, orphan, {"status": OrphanStatus.ADOPTED, "due_at": None, **decided})


_DUE = (
    select(Orphan)
    .where(
        Orphan.credential_id == bindparam("account"),
        Orphan.status == OrphanStatus.TERMINATING,
        Orphan.due_at <= bindparam("now"),
    )
    .order_by(Orphan.due_at, Orphan.id)
    .limit(bindparam("most", type_=Integer))
)
"""Composed once: a run asks after each of its steps, and composing cost as much as the answer."""


def due_orphans(engine: Engine, credential_id: int, *, limit: int) -> list[Orphan]:
    """Orphans to terminate now; detached."""
    with engine.sessions.begin() as session:
        of_now = {"account": credential_id, "now": engine.clock.now(), "most": limit}
        rows = session.scalars(_DUE, of_now).all()
        session.expunge_all()
    return list(rows)


def end(run: Run, batch: list[Orphan]) -> None:
    """Terminate machines that have our claim; inventories prove that they are gone."""
    now = run.engine.clock.now()
    # Move the due time first, so that nothing here is repeated in a tight loop.
    batch = [orphan for orphan in batch if write(run, orphan, {"due_at": now + TELL_AGAIN})]
    sent: list[Orphan] = []
    try:
        fresh = _fresh(run, batch)
        sent = [orphan for orphan in batch if _may_end(run, orphan, fresh.get(orphan.cloud_workspace_id))]
        run.lease.confirm()
        # A person may have changed their mind meanwhile: then the write finds another version.
        sent = [orphan for orphan in sent if write(run, orphan, {"due_at": now + TELL_AGAIN})]
        ids = [orphan.cloud_workspace_id for orphan in sent]
        acted = run.driver.act(Action.TERMINATE, ids) if ids else Acted({})
    except CloudError as error:
        wait = timedelta(seconds=error.retry_after_s or 0)
        for orphan in batch if wait > TELL_AGAIN else ():
            write(run, orphan, {"due_at": now + wait})
        raise_if_account(error)
        return
    asked = timedelta(seconds=acted.retry_after_s or 0)
    for orphan in sent:
        failure = acted.refused.get(orphan.cloud_workspace_id)
        if orphan.cloud_workspace_id in acted.unsent:
            write(run, orphan, {"due_at": now + max(run.engine.poll, asked)})
        elif failure is None or failure.trouble is Trouble.ABSENT:
            write(run, orphan, {"end_sent_at": now, "due_at": None})
            log.warning("orphan termination sent", extra=_facts(run, orphan))
        elif asked > TELL_AGAIN:
            write(run, orphan, {"due_at": now + asked})
    raise_if_account(acted.stopped_by)


def _may_end(run: Run, orphan: Orphan, machine: Observation | None) -> bool:
    """The last check before the termination. Raises CloudError."""
    if machine is None or machine.state is CloudState.TERMINATING:
        write(run, orphan, {"due_at": None})
        return False
    mark = parse_claim(orphan.claim)
    is_ours = mark is not None and mark.installation == run.installation_uid
    if is_ours and _has_its_claim(run, orphan) and not _is_stood_for(run, orphan):
        return True
    log.error("orphan is not ours to end", extra=_facts(run, orphan))
    write(run, orphan, {"status": OrphanStatus.OPEN, "due_at": None})
    return False


def _fresh(run: Run, batch: list[Orphan]) -> dict[str, Observation]:
    return run.driver.look([MachineRef(orphan.cloud_workspace_id) for orphan in batch])


def _has_its_claim(run: Run, orphan: Orphan) -> bool:
    return run.driver.claim_of(orphan.cloud_workspace_id) == orphan.claim


def _is_stood_for(run: Run, orphan: Orphan) -> bool:
    with run.engine.sessions.begin() as session:
        found = session.scalar(
            select(Workspace.id).where(
                Workspace.account_id == orphan.account_id,
                Workspace.cloud_workspace_id == orphan.cloud_workspace_id,
                IS_LIVE,
            )
        )
    return found is not None


def _facts(run: Run, orphan: Orphan) -> dict[str, Any]:
    return {
        "credential_id": run.credential.id,
        "machine": orphan.cloud_workspace_id,
        "kind": orphan.kind.value,
        "decided_by": orphan.decided_by,
    }
