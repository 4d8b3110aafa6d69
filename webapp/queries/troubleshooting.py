"""The facts for troubleshooting, gathered about one workspace of the caller's company.

Four queries in addition to the workspace itself, or three if the caller already has its log.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, bindparam, func, null, select

from webapp.domain.access import is_end_near
from webapp.domain.decisions.note import Level
from webapp.domain.facts import AccountFacts, Facts, FailedCheck, ReportedFailure
from webapp.domain.findings import RemedyAction
from webapp.domain.lifecycle import (
    BRINGS_BACK,
    MACHINE_MAY_EXIST,
    SETTLED_WITHOUT_MACHINE,
    Action,
    Desired,
    Phase,
    State,
)
from webapp.domain.management_locks import ManagementLock, find_lock
from webapp.domain.recovery import tried_steps
from webapp.domain.roles import ApplicationStatus
from webapp.domain.usage import RUNNING
from webapp.models import CloudCredential, Event, Inquiry, InquiryKind, Schedule, Workspace
from webapp.models.workspace import IS_LIVE
from webapp.providers.registry import get_provider
from webapp.queries.branches import first_of_each
from webapp.queries.credentials import find_inquiry
from webapp.queries.duties import list_failing
from webapp.queries.system_images import is_held_for
from webapp.queries.workspaces import AnySession, list_events

RECENT_LOOKS = 25
LOG_LINES = 30
"""How far back the log is read for what the cloud said."""


def facts_about(
    session: AnySession, workspace: Workspace, *, now: datetime, events: Sequence[Event] | None = None
) -> Facts:
    """`workspace` was loaded inside the caller's tenant, with application and credential; `events` is its
    log, newest first."""
    log = list_events(session, workspace=workspace, limit=LOG_LINES) if events is None else events
    looked_at, off_since, other_for_person, other_in_slot = _surroundings(session, workspace)
    is_replaced = workspace.phase is Phase.CREATE_FAILED and (other_for_person or other_in_slot)
    return Facts(
        **_columns(workspace),
        now=now,
        account=_account(session, workspace, now=now, last_looked_at=looked_at),
        advice=get_provider(workspace.cloud_provider).advice,
        access=workspace.access(now),
        pending=workspace.requested_action,
        pending_since=workspace.action_sent_at or workspace.action_requested_at,
        was_usable=workspace.available_at is not None,
        absent_count=workspace.absent_count,
        last_event_at=log[0].at if log else None,
        error=_error(workspace, log),
        passing=_passing(log) or _waiting(workspace),
        backup_error=_backup_error(workspace),
        ending_lock=_ending_lock(workspace, now),
        off_since=off_since,
        is_replaced=is_replaced,
        is_held_for_image=is_held_for(session, workspace),
        snapshots={RemedyAction(one): workspace.snapshot_for(one) for one in BRINGS_BACK},
        tried=tried_steps(((line.event, line.at) for line in log), now=now),
        possible=_possible(workspace, now=now, is_replaced=is_replaced, is_served=other_for_person),
    )


def _columns(workspace: Workspace) -> dict[str, Any]:
    """What the row itself says, by the names that it has there."""
    return {
        "username": workspace.username,
        "state": workspace.state,
        "phase": workspace.phase,
        "desired": workspace.desired,
        "cloud_state": workspace.cloud_state,
        "cloud_word": workspace.cloud_word,
        "created_at": workspace.created_at,
        "deadline_at": workspace.deadline_at,
        "attempt": workspace.attempt,
        "issued_at": workspace.issued_at,
        "due_at": workspace.due_at,
        "make_at": workspace.make_at,
        "observed_at": workspace.observed_at,
    }


def tested_at(session: AnySession, credential: CloudCredential) -> datetime | None:
    """When its last test was answered; `credential` was loaded in the caller's tenant."""
    test = find_inquiry(session, credential_id=credential.id, kind=InquiryKind.TEST_CREDENTIAL)
    return test.answer_at if test else None


def lock_on(workspace: Workspace) -> ManagementLock | None:
    """What keeps the cloud from deleting its machine, if it has one, as the account's last test saw it."""
    if workspace.phase not in MACHINE_MAY_EXIST:
        return None
    return find_lock(workspace.credential.observed.get("locks") or (), workspace.cloud_workspace_id)


def _ending_lock(workspace: Workspace, now: datetime) -> ManagementLock | None:
    """The same once its end is near, or decided."""
    is_decided = workspace.suspended_at is not None or workspace.desired is Desired.ABSENT
    return lock_on(workspace) if is_decided or is_end_near(now, ends_at=workspace.ends_at) else None


def _surroundings(
    session: AnySession, workspace: Workspace
) -> tuple[datetime | None, datetime | None, bool, bool]:
    """When the account was last checked; since when this one is off; does another live workspace serve the
    person or have the slot?"""
    asked = {
        "id": workspace.id,
        "account": workspace.credential_id,
        "application": workspace.application_id,
        "slot": workspace.slot,
    }
    query = _SURROUNDINGS_OF_OFF if workspace.state is State.STOPPED else _SURROUNDINGS
    found = session.execute(query, asked).one()
    looked = [at for at in (found[0], workspace.observed_at) if at is not None]
    return max(looked, default=None), found[1], bool(found[2]), bool(found[3])


def _around(off_since: SQLColumnExpression[datetime | None]) -> Select:
    # Whom the account checks last is due last, or soon: among few rows of an index is one just checked.
    ends = [
        select(Schedule.workspace_id.label("id"))
        .where(Schedule.credential_id == bindparam("account"), Schedule.due_at.is_not(None))
        .order_by(order)
        .limit(RECENT_LOOKS)
        for order in (Schedule.due_at.desc(), Schedule.due_at.asc())
    ]
    last_look = (
        select(func.max(Schedule.observed_at))
        .where(Schedule.workspace_id.in_(first_of_each(ends)))
        .scalar_subquery()
    )
    other = select(Workspace.id).where(Workspace.id != bindparam("id"), IS_LIVE)
    return select(
        last_look,
        off_since,
        other.where(Workspace.application_id == bindparam("application")).exists(),
        other.where(Workspace.slot == bindparam("slot")).exists(),
    )


def _off_since() -> SQLColumnExpression[datetime | None]:
    """The first line that says so after the last that shows it switched on; a start that failed is none."""
    last_on = (
        select(func.coalesce(func.max(Event.id), 0))
        .where(Event.workspace_id == bindparam("id"), Event.to_state.in_(RUNNING))
        .scalar_subquery()
    )
    return (
        select(func.min(Event.at))
        .where(Event.workspace_id == bindparam("id"), Event.to_state == State.STOPPED, Event.id > last_on)
        .scalar_subquery()
    )


_SURROUNDINGS = _around(null())
_SURROUNDINGS_OF_OFF = _around(_off_since())


def _account(
    session: AnySession, workspace: Workspace, *, now: datetime, last_looked_at: datetime | None
) -> AccountFacts:
    credential = workspace.credential
    test = find_inquiry(session, credential_id=credential.id, kind=InquiryKind.TEST_CREDENTIAL)
    lease_until = credential.lease_until
    return AccountFacts(
        name=credential.name,
        status=credential.status.value,
        is_deleted=credential.is_deleted,
        blocked_code=credential.blocked_code,
        blocked_at=credential.blocked_at,
        blocked_until=credential.blocked_until,
        makes_users=bool(credential.observed.get("makes_users")),
        users_made_elsewhere=str(credential.observed.get("users_made_elsewhere") or ""),
        alarm_code=credential.alarm_code,
        alarm_at=credential.alarm_at,
        failing_duties=list_failing(session, credential),
        secret_expires_on=credential.public_fields.get("secret_expires_on", ""),
        certificate_thumbprint=credential.public_fields.get("certificate_thumbprint", ""),
        failed_checks=_failed_checks(test),
        tested_at=test.answer_at if test else None,
        is_being_reconciled=lease_until is not None and lease_until > now,
        last_looked_at=last_looked_at,
    )


def _failed_checks(test: Inquiry | None) -> tuple[FailedCheck, ...]:
    """The failed lines of the last test; a line without a result is not a failure."""
    if test is None or test.answer is None:
        return ()
    return tuple(
        FailedCheck(check["label"], check["message"], check["remedy"])
        for check in test.answer["checks"]
        if check["ok"] is False
    )


def _error(workspace: Workspace, log: Sequence[Event]) -> ReportedFailure | None:
    if workspace.error_code is None or workspace.error_at is None:
        return None
    for event in log:
        if event.details.get("code") == workspace.error_code:
            return _reported(event, at=workspace.error_at)
    return ReportedFailure(workspace.error_code, workspace.error_at, detail=workspace.error_detail or "")


def _backup_error(workspace: Workspace) -> ReportedFailure | None:
    code, at = workspace.backup_error_code, workspace.backup_error_at
    return None if code is None or at is None else ReportedFailure(code, at)


def _passing(log: Sequence[Event]) -> ReportedFailure | None:
    """The newest line, if it is a warning with a code."""
    newest = log[0] if log else None
    if newest is None or newest.level is not Level.WARNING or not newest.details.get("code"):
        return None
    return _reported(newest, at=newest.at)


def _waiting(workspace: Workspace) -> ReportedFailure | None:
    """For what it waits, if a newer line of the log hides it."""
    code = workspace.waiting_code
    return None if code is None else ReportedFailure(code, workspace.updated_at)


def _reported(event: Event, *, at: datetime) -> ReportedFailure:
    details = event.details
    return ReportedFailure(
        str(details["code"]),
        at,
        cloud_code=str(details.get("cloud_code") or ""),
        detail=str(details.get("detail") or ""),
    )


def _possible(
    workspace: Workspace, *, now: datetime, is_replaced: bool, is_served: bool
) -> frozenset[RemedyAction]:
    """What the services would not refuse at this moment."""
    credential = workspace.credential
    possible = {RemedyAction(action) for action in workspace.actions_at(now)}
    if is_replaced:
        possible.discard(RemedyAction.RETRY)
    if credential.is_deleted:
        return frozenset(possible & {RemedyAction(Action.TERMINATE)})
    possible |= {RemedyAction.TEST_CREDENTIAL, RemedyAction.CHANGE_CREDENTIAL}
    is_waiting = credential.blocked_until is not None and credential.blocked_until > now
    if not is_waiting and workspace.phase not in (*SETTLED_WITHOUT_MACHINE, Phase.CONFLICT):
        possible.add(RemedyAction.REFRESH)
    is_approved = workspace.application.status is ApplicationStatus.APPROVED
    if is_approved and credential.is_usable and not is_served:
        possible.add(RemedyAction.ORDER_AGAIN)
    return frozenset(possible)
