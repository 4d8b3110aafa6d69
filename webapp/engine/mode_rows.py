"""What is read to compare running modes, and the change that follows, written under the lease."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from webapp.domain.actor import BERTH
from webapp.domain.costs.budgets import Subject, exceeded_by
from webapp.domain.costs.modes import CheaperMode, Switching
from webapp.domain.costs.spans import day_of, month_of, next_month, starts_at
from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.note import Note
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.resizes import ResizeKind
from webapp.domain.trail_words import MODE_SWITCHED
from webapp.engine.rows import Stale, change_in, hold_lease
from webapp.engine.run import Run
from webapp.models import CloudCredential, Company, Event, TrailEntry, UseDay, Workspace
from webapp.models.budget import key_of
from webapp.providers.registry import get_provider
from webapp.queries import budgets
from webapp.queries.cohorts import find_cohort_id

REQUESTED = "resize_requested"


def switching_of(run: Run) -> Switching:
    with run.engine.sessions.begin() as session:
        own = select(Company.mode_switching).where(Company.id == run.credential.company_id)
        return session.scalars(own).one()


def list_desktops(run: Run, modes: Collection[str], *, after_id: int, limit: int) -> Sequence[Workspace]:
    """In use, in one of these modes, and not by working hours, which need a desktop that can be stopped."""
    with run.engine.sessions.begin() as session:
        rows = session.scalars(
            select(Workspace)
            .options(joinedload(Workspace.desktop_connection))
            .where(
                Workspace.company_id == run.credential.company_id,
                Workspace.credential_id == run.credential.id,
                Workspace.id > after_id,
                Workspace.phase == Phase.READY,
                Workspace.desired == Desired.PRESENT,
                Workspace.suspended_at.is_(None),
                Workspace.hours_json.is_(None),
                Workspace.running_mode.in_(modes),
            )
            .order_by(Workspace.id)
            .limit(limit)
        ).all()
        session.expunge_all()
    return rows


def count_use_days(run: Run, ids: Sequence[int], month: datetime) -> dict[int, int]:
    """Days of this month on which somebody was connected, by desktop."""
    first = day_of(month)
    with run.engine.sessions.begin() as session:
        rows = session.execute(
            select(UseDay.workspace_id, func.count())
            .where(UseDay.workspace_id.in_(ids), UseDay.day >= first, UseDay.day < next_month(first))
            .group_by(UseDay.workspace_id)
        )
        return {workspace_id: count for workspace_id, count in rows}


def was_asked_since_month(run: Run, row: Workspace) -> bool:
    """Has anybody, a person or Berth, asked for a change in this calendar month?"""
    began_at = starts_at(month_of(day_of(run.engine.clock.now())))
    newest = select(Event.id).where(
        Event.workspace_id == row.id, Event.event == REQUESTED, Event.at >= began_at
    )
    with run.engine.sessions.begin() as session:
        return session.scalar(newest.limit(1)) is not None


def has_room(run: Run, row: Workspace, prices: Mapping[str, Any]) -> bool:
    """As of now; locks nothing."""
    with run.engine.sessions.begin() as session:
        return _has_room(session, run, row, prices)


def write_savings(run: Run, savings: dict[str, Any] | None) -> None:
    """On the account's row; only if they have changed."""
    if run.credential.mode_savings == savings:
        return
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        own = update(CloudCredential).where(CloudCredential.id == run.credential.id)
        session.execute(own.values(mode_savings=savings).execution_options(synchronize_session=False))
    run.credential.mode_savings = savings


def request_mode(run: Run, row: Workspace, cheaper: CheaperMode, prices: Mapping[str, Any]) -> bool:
    """One transaction: the request, its event and its line in the trail. False: there is no room any more, or
    somebody changed the desktop meanwhile. Raises LeaseLost.
    """
    now, message = run.engine.clock.now(), _said(row, cheaper)
    changed = RowChange(
        resize_kind=ResizeKind.RUNNING_MODE,
        resize_from=row.running_mode,
        resize_to=cheaper.mode,
        resize_requested_at=now,
        resize_sent_at=None,
        look_requested_at=now,
        due_at=now,
        **row.prices_becoming(prices),
    )
    details = {"property": "running_mode", "from": row.running_mode, "to": cheaper.mode}
    try:
        with run.engine.sessions.begin() as session:
            hold_lease(session, run.lease)
            locked = select(Company.id).where(Company.id == row.company_id)
            session.execute(locked.with_for_update(key_share=True))  # whoever orders takes turns here
            if not _has_room(session, run, row, prices):
                return False
            note = Note(REQUESTED, message, actor=BERTH, details=details)
            change_in(session, run.engine, run.lease, row, changed, note)
            session.add(_trail(row, details, now))
    except Stale:
        return False
    return True


def _said(row: Workspace, cheaper: CheaperMode) -> str:
    labels = get_provider(row.cloud_provider).copy.billing
    before, after = (labels.get(one, one) for one in (row.running_mode, cheaper.mode))
    return (
        f"Change of the running mode from {before} to {after} requested: it would have saved"
        f" {cheaper.saves} last month."
    )


def _trail(row: Workspace, details: dict[str, str], now: datetime) -> TrailEntry:
    change = {"resize_kind": "running_mode", "resize_from": details["from"], "resize_to": details["to"]}
    return TrailEntry(
        at=now,
        company_id=row.company_id,
        actor=BERTH.label,
        address="",
        request_id="",
        action=MODE_SWITCHED,
        outcome="done",
        code="",
        subject=f"workspace_id={row.id}",
        changes=[{"table": "workspaces", "id": row.id, "after": change}],
    )


def _has_room(session: Session, run: Run, row: Workspace, prices: Mapping[str, Any]) -> bool:
    """Do all budgets that count it have room for what it becomes dearer?"""
    now, minor, currency = run.engine.clock.now(), prices["month_price_minor"], prices["price_currency"]
    if row.price_currency == currency and row.month_price_minor is not None:
        minor -= row.month_price_minor
    if minor <= 0:
        return True
    posting_id = session.scalar(select(Workspace.job_posting_id).where(Workspace.id == row.id))
    cohort_id = find_cohort_id(session, row)
    keys = [key_of(Subject.COMPANY), key_of(Subject.JOB, posting_id)]
    keys += [] if cohort_id is None else [key_of(Subject.COHORT, cohort_id)]
    found = budgets.find_budgets(session, company_id=row.company_id, keys=keys, currency=currency)
    strict, day = [one for one in found if not one.is_lifted(now)], day_of(now)
    spending = budgets.read_spending(session, strict, company_id=row.company_id, day=day, with_waiting=False)
    return all(
        exceeded_by(one.limits, spending[one.id], day, month_price_minor=minor) is None for one in strict
    )
