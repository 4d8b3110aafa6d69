"""Drift detection: an account's inventory compared with our rows, both ways.

A machine in the cloud without a live row becomes an orphan, or is observed again. A row that disagrees with
the cloud is checked now, and the usual rules decide; one that agrees with it has been looked at. A listing
may be older than a row, so rows are read after it, and rows that changed since it started are left alone.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.needs import Need, need_of
from webapp.domain.hours.duty import HoursDuty
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.observation import Observation
from webapp.domain.orphans import OrphanKind, parse_claim
from webapp.domain.usernames import username_key
from webapp.engine import breaker, clearing, observations, orphans
from webapp.engine.orphans import Found
from webapp.engine.pools import drift as pools
from webapp.engine.quiet import is_quiet, write_quietly
from webapp.engine.rows import Stale, change, row_state
from webapp.engine.run import Run
from webapp.models import PoolDesktop, Workspace
from webapp.models.workspace import is_live

log = logging.getLogger(__name__)

CHUNK = 500
"""Maximum values in one IN (…): SQLite and PostgreSQL both have a limit."""
OLD_ENDS_WITHIN = timedelta(days=1)
"""After a move; an old machine that is there for longer still costs, and a person decides about it."""
_DRIFTING = (Phase.CREATING, Phase.READY, Phase.STALLED, Phase.LOST)


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything in the directory, and every claim in the region, read completely."""

    started_at: datetime
    machines: list[Observation]
    claims: dict[str, str]


@dataclass(slots=True)
class _Rows:
    """Our rows that the inventory may be about."""

    by_machine: dict[str, Workspace]
    by_uid: dict[str, Workspace]
    of_credential: list[Workspace]
    of_pools: dict[str, PoolDesktop]
    """By uid: desktops of warm pools that no workspace has taken."""
    in_doubt: set[str]
    """User names of orders and moves whose call may have worked: the next check shows their slots."""


def compare(run: Run, inventory: Inventory) -> dict[str, int]:
    """Record the differences and make those rows due; return the counts for people."""
    rows = _load(run, inventory)
    found: list[Found] = []
    stood_for: dict[str, int] = {}
    for machine in inventory.machines:
        claim = inventory.claims.get(machine.cloud_workspace_id)
        judged = _judge(run, rows, machine, claim)
        if isinstance(judged, Found):
            found.append(judged)
        elif judged is not None:
            stood_for[machine.cloud_workspace_id] = judged.id
    orphans.record(run, found, stood_for, listed_at=inventory.started_at)
    _wake_drifted(run, rows, inventory)
    _count_as_looks(run, rows, inventory)
    breaker.relax(run)
    clearing.decide(run)
    return {"machines": len(inventory.machines), "ours": len(stood_for), "orphans": len(found)}


def _judge(run: Run, rows: _Rows, machine: Observation, claim: str | None) -> Found | Workspace | None:
    """An orphan, the live row of the machine, or None if nothing can or need be said."""
    row = rows.by_machine.get(machine.cloud_workspace_id)
    if row is not None and is_live(row):
        return row if row.company_id == run.credential.company_id else None
    mark = parse_claim(claim)
    if claim is None:
        return _judge_unmarked(rows, machine, row)
    if mark is None or mark.installation != run.installation_uid:
        return Found(machine, claim, OrphanKind.OTHER_INSTALLATION, None)
    row = rows.by_uid.get(mark.row_uid)
    if row is None and pools.is_of_a_pool(run, rows.of_pools.get(mark.row_uid), machine):
        return None
    if row is None:
        return Found(machine, claim, OrphanKind.UNKNOWN_ROW, None)
    if row.company_id != run.credential.company_id:
        return None
    if not is_live(row):
        return Found(machine, claim, OrphanKind.CLOSED_ROW, row.id)
    if _is_of_move(run, row, machine):
        return row
    if row.cloud_workspace_id is None and row.phase is not Phase.CONFLICT:
        _wake(run, row)  # a response was lost: the check of the slot adopts it
        return row
    return Found(machine, claim, OrphanKind.SECOND, row.id)


def _is_of_move(run: Run, row: Workspace, machine: Observation) -> bool:
    """The new machine of a move whose answer was lost, or the old one that the cloud is about to end."""
    if row.move_sent_at is not None:
        _wake(run, row)  # the check of the slot adopts it
        return True
    is_old = machine.cloud_workspace_id == (row.moved_from or {}).get("machine")
    return is_old and row.moved_at is not None and run.engine.clock.now() - row.moved_at < OLD_ENDS_WITHIN


def _judge_unmarked(rows: _Rows, machine: Observation, closed: Workspace | None) -> Found | None:
    """A claim may appear later than its machine, so an order in doubt comes first."""
    if username_key(machine.username) in rows.in_doubt:
        return None
    return Found(machine, None, OrphanKind.UNMARKED, closed.id if closed else None)


def _load(run: Run, inventory: Inventory) -> _Rows:
    ids = [machine.cloud_workspace_id for machine in inventory.machines]
    marks = (parse_claim(inventory.claims.get(one)) for one in ids)
    uids = {mark.row_uid for mark in marks if mark is not None and mark.installation == run.installation_uid}
    account = Workspace.account_id == run.credential.account_id
    with run.engine.sessions.begin() as session:
        by_machine = {
            row.cloud_workspace_id or "": row
            for part in _chunks(ids)
            for row in session.scalars(
                select(Workspace).where(account, Workspace.cloud_workspace_id.in_(part))
            )
        }
        by_uid = {
            row.uid: row
            for part in _chunks(sorted(uids))
            for row in session.scalars(select(Workspace).where(Workspace.uid.in_(part)))
        }
        of_pools = {
            one.uid: one
            for part in _chunks(sorted(uids - set(by_uid)))
            for one in session.scalars(select(PoolDesktop).where(PoolDesktop.uid.in_(part)))
        }
        own = session.scalars(
            select(Workspace).where(
                Workspace.credential_id == run.credential.id,
                Workspace.phase.in_((*_DRIFTING, Phase.CREATE_INTENT)),
            )
        ).all()
        session.expunge_all()
    in_doubt = {
        username_key(row.username)
        for row in own
        if row.phase is Phase.CREATE_INTENT or row.move_sent_at is not None
    }
    return _Rows(by_machine, by_uid, list(own), of_pools, in_doubt)


def _chunks(values: list[str]) -> Iterable[list[str]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def _wake_drifted(run: Run, rows: _Rows, inventory: Inventory) -> None:
    """Make rows due that disagree with the cloud: terminated, stopped or started outside Berth."""
    listed = {machine.cloud_workspace_id: machine for machine in inventory.machines}
    for row in rows.of_credential:
        if row.phase not in _DRIFTING or row.desired is Desired.ABSENT or not row.is_idle:
            continue
        settles_at = run.engine.pace.absence.settles_at(row.issued_at)
        is_fresh = settles_at is not None and inventory.started_at < settles_at
        machine = listed.get(row.cloud_workspace_id or "")
        if machine is None:
            has_drifted = row.phase is not Phase.LOST and not is_fresh
        else:
            has_drifted = row.phase is Phase.LOST or machine.state is not row.cloud_state
        if has_drifted and _is_older(row, inventory):
            _wake(run, row)


def _is_older(row: Workspace, inventory: Inventory) -> bool:
    """Did nobody write or look at the row since the listing began?"""
    return max(row.updated_at, row.observed_at or row.updated_at) <= inventory.started_at


def _count_as_looks(run: Run, rows: _Rows, inventory: Inventory) -> None:
    """What is listed just as it is known needs no look of its own for a while."""
    if not run.driver.lists_as_it_looks:
        return
    quiet: list[tuple[Workspace, RowChange]] = []
    listed = {machine.cloud_workspace_id: machine for machine in inventory.machines}
    for row in rows.of_credential:
        machine = listed.get(row.cloud_workspace_id or "")
        if machine is None or machine.follow_ups or row.due_at is None:
            continue
        is_warned_now = row.hours_warn_at is not None and row.hours_warn_at <= inventory.started_at
        if is_warned_now or row.hours_duty in (HoursDuty.START, HoursDuty.STOP):
            continue  # only a look does what the edge has left
        if row.phase is Phase.READY and _is_older(row, inventory) and need_of(row_state(row)) is Need.LOOK:
            changed, note = observations.observed(run.engine, row, machine, inventory.started_at)
            is_later = isinstance(changed.due_at, datetime) and changed.due_at > row.due_at
            if is_later and note is None and is_quiet(row, changed):
                quiet.append((row, changed))
    write_quietly(run.engine, run.lease, quiet)


def _wake(run: Run, row: Workspace) -> None:
    now = run.engine.clock.now()
    if row.credential_id != run.credential.id or (row.due_at is not None and row.due_at <= now):
        return  # another credential of the account has its own lease, and its own inventory
    try:
        change(run.engine, run.lease, row, RowChange(due_at=now))
    except Stale:
        return
