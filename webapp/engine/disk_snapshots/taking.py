"""Taking snapshots: the intent is committed, one call is sent, the next listing tells what became of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from webapp.clouds.disk_snapshots import KeepsDiskSnapshots
from webapp.domain.decisions.change import error_values
from webapp.domain.disk_snapshots import (
    AGAIN_AFTER,
    DAY,
    SnapshotKind,
    SnapshotPolicy,
    SnapshotState,
    is_due,
    is_last,
    kind_of,
    name_of,
)
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.engine.disk_snapshots import rows
from webapp.engine.disk_snapshots.rows import Candidate
from webapp.engine.rows import write_detached
from webapp.engine.run import Run
from webapp.models import DiskSnapshot

MOST_AT_ONCE = 20
"""Snapshots of an account that are not complete yet: a round sends no more than what is free of it."""


def take(
    run: Run, keeper: KeepsDiskSnapshots, policy: SnapshotPolicy, names_listed: set[str]
) -> Iterator[None]:
    """Those without an answer again, then new ones. `policy`: the account's. Raises CloudError, LeaseLost."""
    intents, now = rows.list_standing(run, {SnapshotState.INTENT}), run.engine.clock.now()
    ids = {one.workspace_id for one in intents if one.workspace_id is not None}
    own = rows.own_policies(run, ids)
    for snapshot in intents:
        if not own.get(snapshot.workspace_id or 0, policy).is_on:
            continue
        sent_at = snapshot.sent_at
        if snapshot.name not in names_listed and (sent_at is None or now - sent_at >= AGAIN_AFTER):
            _send(run, keeper, snapshot)
            yield
    for candidate in due(run, policy)[: max(MOST_AT_ONCE - len(intents), 0)]:
        other = keeper.other_backup_of(candidate.cloud_workspace_id)
        if other or candidate.kept_elsewhere_at is not None:
            rows.note_other_backup(run, candidate, other)
        snapshot = None if other else _intend(run, candidate)
        if snapshot is not None:
            _send(run, keeper, snapshot)
        yield


def due(run: Run, policy: SnapshotPolicy) -> list[Candidate]:
    """The longest without one first; those that never had one before them. `policy`: of the account."""
    now = run.engine.clock.now()
    found = [
        one
        for one in rows.list_candidates(run)
        if (policy.is_on if one.wants is None else one.wants)
        and is_due(one.desktop, newest=one.newest, tried_at=one.tried_at, now=now)
        and (one.kept_elsewhere_at is None or now - one.kept_elsewhere_at >= DAY)
    ]
    return sorted(found, key=lambda one: (one.newest is not None, one.newest or now, one.workspace_id))


def _intend(run: Run, candidate: Candidate) -> DiskSnapshot | None:
    """None if it has one of this name, whatever became of it: that of the next day is another one."""
    now = run.engine.clock.now()
    kind = _kind(candidate, now)
    name = name_of(candidate.cloud_workspace_id, now, kind)
    if rows.known_names(run, {name}):
        return None
    snapshot = DiskSnapshot(
        company_id=run.credential.company_id,
        credential_id=run.credential.id,
        account_id=run.credential.account_id or "",
        workspace_id=candidate.workspace_id,
        cloud_workspace_id=candidate.cloud_workspace_id,
        claim=candidate.claim,
        name=name,
        kind=kind,
        state=SnapshotState.INTENT,
        issued_at=now,
        version=1,
    )
    rows.add(run, [snapshot])
    return snapshot


def _kind(candidate: Candidate, now: datetime) -> SnapshotKind:
    if is_last(candidate.desktop, newest=candidate.newest, tried_at=candidate.tried_at):
        return SnapshotKind.LAST
    weekly: Sequence[datetime] = [] if candidate.weekly_at is None else [candidate.weekly_at]
    return kind_of(now, earlier=weekly)


def _send(run: Run, keeper: KeepsDiskSnapshots, snapshot: DiskSnapshot) -> None:
    """A call without an answer is known by the next listing: it is no failure of the desktop's."""
    if not write_detached(run, snapshot, {"sent_at": run.engine.clock.now()}):
        return
    run.engine.crashpoint("snapshot_intent")
    try:
        failure = keeper.take_disk_snapshot(
            snapshot.cloud_workspace_id, name=snapshot.name, claim=snapshot.claim
        )
    except CloudError as error:
        if error.failure.holds_only_orders:
            _withdraw(run, snapshot, error.failure)
        raise
    run.engine.crashpoint("snapshot_sent")
    if failure is None:
        return
    if failure.trouble is Trouble.ABSENT:
        _withdraw(run, snapshot, failure)  # without its machine it needs none, and its look finds that out
        return
    rows.write_failure(run, snapshot, failure)


def _withdraw(run: Run, snapshot: DiskSnapshot, failure: Failure) -> None:
    """It is not taken, and nobody has to hear of it."""
    columns = {"state": SnapshotState.ENDING} | error_values(failure, run.engine.clock.now())
    write_detached(run, snapshot, columns)
