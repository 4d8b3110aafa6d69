"""What the last 30 days would have needed, by account: two bounded lists of instants."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.domain.capacity import DAYS, most_at_once
from webapp.models import Workspace
from webapp.queries.budgets import count_live_by_credential
from webapp.queries.workspaces import AnySession

MOST_PAST = 5_000
"""Desktops that began, and that ended, in that time; of more the newest count."""
SPAN = timedelta(days=DAYS)


@dataclass(frozen=True, slots=True)
class Past:
    """The last 30 days of one account."""

    started: int
    """Desktops that were begun."""
    most_at_once: int
    is_at_least: bool
    """There were more than Berth counts."""


def read_past(session: AnySession, *, company_id: int, now: datetime) -> dict[int, Past]:
    """By account; those without a desktop in that time are left out."""
    live_now = count_live_by_credential(session, company_id=company_id)
    began: defaultdict[int, list[datetime]] = defaultdict(list)
    ended: defaultdict[int, list[datetime]] = defaultdict(list)
    is_at_least = False
    for column, into in ((Workspace.created_at, began), (Workspace.terminated_at, ended)):
        found = session.execute(
            select(Workspace.credential_id, column)
            .where(Workspace.company_id == company_id, column > now - SPAN, Workspace.issued_at.is_not(None))
            .order_by(column.desc())
            .limit(MOST_PAST + 1)
        ).all()
        is_at_least = is_at_least or len(found) > MOST_PAST
        for credential_id, at in found[:MOST_PAST]:
            assert at is not None  # by the condition
            into[credential_id].append(at)
    return {
        one: Past(len(began[one]), most_at_once(live_now.get(one, 0), began[one], ended[one]), is_at_least)
        for one in sorted({*live_now, *began, *ended})
    }
