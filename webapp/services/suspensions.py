"""Terminating with a way back: access ends now, the desktop after the grace; until then it can be undone."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from webapp.domain.access import Because
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.mails import ACCESS_ENDED
from webapp.models import Company, Workspace
from webapp.queries.files_at_end import read_notice
from webapp.services.context import ServiceContext
from webapp.services.mails import queue_mail
from webapp.services.order_limits import check_return
from webapp.services.windows import NO_ACTION, OPENED_AGAIN


def ending(context: ServiceContext, row: Workspace, *, at_once: bool) -> dict[str, Any]:
    """The columns that a termination changes; empty if it is already under way."""
    if row.desired is Desired.ABSENT or row.phase is Phase.GONE:
        return {}
    now = context.clock.now()
    until = None if at_once else kept_until(context, row)
    nothing_asked = {**NO_ACTION, **row.without_resize, **row.without_unsent_move}
    if until is None:
        return {"desired": Desired.ABSENT, **nothing_asked, "due_at": now}
    if row.suspended_because is Because.TERMINATE_REQUESTED:
        return {}
    suspended = suspending(row, Because.TERMINATE_REQUESTED, until=until, now=now)
    return {**suspended, **nothing_asked, "due_at": now}


def suspending(row: Workspace, because: Because, *, until: datetime, now: datetime) -> dict[str, Any]:
    """The columns of a desktop that is kept until then, closed."""
    return {
        "suspended_at": row.suspended_at or now,
        "suspended_because": because,
        "destroy_at": until,
        # A call that gives access back may be under way: what is newly suspended is ended once more.
        "access_ended_at": None if row.suspended_at is None else row.access_ended_at,
        "look_requested_at": now,
    }


def kept_until(context: ServiceContext, row: Workspace) -> datetime | None:
    """Until when it is kept if it is terminated now; None: it is deleted at once."""
    return kept_for(context, row, _grace(context, row))


def kept_for(context: ServiceContext, row: Workspace, grace: timedelta) -> datetime | None:
    """Until when a grace that begins now keeps it; None: not at all."""
    if not grace or not may_come_back(row):
        return None
    until = context.clock.now() + grace
    return until if row.destroy_at is None else min(row.destroy_at, until)


def tell_access_ended(context: ServiceContext, row: Workspace, *, before: datetime | None) -> None:
    """To its person, in the caller's transaction, until when it is kept; `before`: what was said of that.

    Nothing if it is kept no longer than now, or never had files.
    """
    now, until = context.clock.now(), row.destroy_at
    is_news = until not in (None, before) and row.desired is Desired.PRESENT and row.available_at is not None
    if not is_news or until is None or until <= now or not context.settings.mail.is_set_up:
        return
    notice = read_notice(context.session, row, ends_at=None, now=now)
    if notice.person.is_active:
        to, parameters = notice.person, notice.parameters
        queue_mail(context, ACCESS_ENDED, to=to, company_id=row.company_id, parameters=parameters)


def may_come_back(row: Workspace) -> bool:
    """Is there anything to give back? What was never usable is ended at once."""
    return row.available_at is not None and row.phase in (Phase.READY, Phase.LOST)


def undoing(context: ServiceContext, row: Workspace) -> dict[str, Any]:
    """The columns that change when a termination is undone; empty if there is none. Raises Conflict."""
    if row.desired is Desired.ABSENT or row.phase is Phase.GONE:
        raise Conflict("It is too late: this desktop is being deleted or is gone.", code="action_not_allowed")
    if row.suspended_because is Because.CONTRACT_ENDED:
        raise Conflict("The contract has ended. Move its end to give access back.", code="action_not_allowed")
    if row.suspended_at is None:
        return {}
    check_return(context, row)
    now = context.clock.now()
    return {**OPENED_AGAIN, "is_deleted": False, "look_requested_at": now, "due_at": now}


def _grace(context: ServiceContext, row: Workspace) -> timedelta:
    days = context.session.scalar(select(Company.grace_days).where(Company.id == row.company_id))
    return timedelta(days=days or 0)
