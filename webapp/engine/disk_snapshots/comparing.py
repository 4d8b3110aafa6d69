"""What the account lists of snapshots, compared with our rows, both ways."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from webapp.clouds.disk_snapshots import DiskSnapshot as Seen
from webapp.clouds.disk_snapshots import KeepsDiskSnapshots
from webapp.domain.decisions.change import error_values
from webapp.domain.disk_snapshots import (
    GIVEN_UP_AFTER,
    OCCUPYING,
    SnapshotKind,
    SnapshotState,
)
from webapp.domain.errors import Failure, Trouble
from webapp.domain.orphans import parse_claim
from webapp.engine.disk_snapshots import rows
from webapp.engine.rows import write_detached
from webapp.engine.run import Run
from webapp.models import DiskSnapshot

log = logging.getLogger(__name__)

NAME_TAKEN = Failure("snapshot_name_taken", Trouble.EXISTS)
NOT_MADE = Failure("snapshot_not_made", Trouble.PERMANENT)
FAILED = Failure("snapshot_failed", Trouble.PERMANENT)
DELETED = Failure("snapshot_deleted", Trouble.ABSENT)
MOST_CONFIRMED = 20
"""Reads of single ones in a round: what is left is asked about in the next."""


def compare(run: Run, keeper: KeepsDiskSnapshots, listed: Sequence[Seen], *, began_at: datetime) -> None:
    """Write down what is new. Raises CloudError, LeaseLost."""
    by_name = {one.name: one for one in listed}
    left = MOST_CONFIRMED
    for row in rows.list_standing(run, OCCUPYING - {SnapshotState.ENDING}):
        seen = by_name.get(row.name)
        if row.state is SnapshotState.INTENT:
            _judge(run, row, seen)
        elif seen is None and left and row.issued_at < began_at:
            left -= 1
            _confirm_gone(run, keeper, row)
    _judge_strangers(run, by_name)


def _judge(run: Run, row: DiskSnapshot, seen: Seen | None) -> None:
    """One that was asked for."""
    now = run.engine.clock.now()
    if seen is not None and seen.claim != row.claim:
        rows.write_failure(run, row, NAME_TAKEN)
    elif seen is not None and seen.is_ready:
        rows.write_ready(run, row, taken_at=min(seen.taken_at or now, now), size_gib=seen.size_gib)
    elif seen is not None and seen.has_failed:
        rows.write_failure(run, row, FAILED)
    elif now - row.issued_at >= GIVEN_UP_AFTER:
        rows.write_failure(run, row, NOT_MADE)


def _confirm_gone(run: Run, keeper: KeepsDiskSnapshots, row: DiskSnapshot) -> None:
    """Somebody has deleted it, if it is not found by itself either: a list may lag."""
    if keeper.find_disk_snapshot(row.name) is None:
        write_gone(run, row)


def write_gone(run: Run, row: DiskSnapshot) -> None:
    """Its absence is proven, and Berth has not deleted it. Raises LeaseLost."""
    now = run.engine.clock.now()
    write_detached(run, row, {"state": SnapshotState.GONE, "ended_at": now} | error_values(DELETED, now))


def _judge_strangers(run: Run, by_name: Mapping[str, Seen]) -> None:
    """Those with our mark that no row knows: of a desktop of ours they are kept, by the rules; of what we do
    not know (a database that is older than the cloud) a person decides."""
    marks = {name: parse_claim(one.claim) for name, one in by_name.items()}
    ours = {
        name: mark
        for name, mark in marks.items()
        if mark is not None and mark.installation == run.installation_uid
    }
    unknown = set(ours) - rows.known_names(run, ours)
    if not unknown:
        return
    workspaces = rows.workspaces_by_uid(run, {ours[name].row_uid for name in unknown})
    found = [_found(run, by_name[name], workspaces.get(ours[name].row_uid)) for name in sorted(unknown)]
    rows.add(run, found)
    log.warning("snapshots that no row knew", extra={"count": len(found)})


def _found(run: Run, seen: Seen, workspace_id: int | None) -> DiskSnapshot:
    now = run.engine.clock.now()
    taken_at = min(seen.taken_at or now, now)
    state = SnapshotState.INTENT if workspace_id is not None else SnapshotState.UNKNOWN
    if workspace_id is not None and seen.is_ready:
        state = SnapshotState.READY
    return DiskSnapshot(
        company_id=run.credential.company_id,
        credential_id=run.credential.id,
        account_id=run.credential.account_id or "",
        workspace_id=workspace_id,
        cloud_workspace_id=seen.machine,
        claim=seen.claim or "",
        name=seen.name,
        kind=SnapshotKind.DAILY,
        state=state,
        issued_at=taken_at,
        taken_at=taken_at,
        size_gib=seen.size_gib,
        version=1,
    )
