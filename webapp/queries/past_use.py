"""What the last 30 days would have needed, by account: two bounded lists of instants."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select

from webapp.domain.capacity import DAYS, most_at_once
from webapp.domain.lifecycle import State
from webapp.models import Workspace
from webapp.models.workspace import IS_LIVE
from webapp.queries.workspaces import AnySession

MOST_PAST = 5_000
"""Desktops that began, and that ended, in that time; of more the newest count."""
SPAN = timedelta(days=DAYS)
_BEGAN_AT = case(
    (Workspace.available_at < Workspace.issued_at, Workspace.available_at), else_=Workspace.issued_at
)
"""When its create was sent; a move is a newer create of a desktop that was there, so this is never later than
`issued_at`, which has an index."""


@dataclass(frozen=True, slots=True)
class Past:
    """The last 30 days of one account."""

    started: int
    """Desktops that were begun."""
    most_at_once: int
    is_at_least: bool
    """There were more than Berth counts."""


def read_past(
    session: AnySession, live: Mapping[int, int], *, company_id: int, now: datetime
) -> dict[int, Past]:
    """By account; `live`: how many desktops of each live now.

    Those without a desktop in that time are left out, and so is what was never sent.
    """
    live_now = _without_unsent(session, live, company_id=company_id)
    began: defaultdict[int, list[datetime]] = defaultdict(list)
    ended: defaultdict[int, list[datetime]] = defaultdict(list)
    is_at_least = False
    for column, by, into in (
        (_BEGAN_AT, Workspace.issued_at, began),
        (Workspace.terminated_at, Workspace.terminated_at, ended),
    ):
        found = session.execute(
            select(Workspace.credential_id, column)
            .where(Workspace.company_id == company_id, by > now - SPAN, Workspace.issued_at.is_not(None))
            .order_by(by.desc(), Workspace.id.desc())
            .limit(MOST_PAST + 1)
        ).all()
        is_at_least = is_at_least or len(found) > MOST_PAST
        for credential_id, at in found[:MOST_PAST]:
            assert at is not None  # by the condition
            if at > now - SPAN:
                into[credential_id].append(at)
    return {
        one: Past(len(began[one]), most_at_once(live_now.get(one, 0), began[one], ended[one]), is_at_least)
        for one in sorted({*live_now, *began, *ended})
        if live_now.get(one) or began[one] or ended[one]
    }


def _without_unsent(session: AnySession, live: Mapping[int, int], *, company_id: int) -> dict[int, int]:
    """An order that waits for its contract is no desktop yet."""
    unfinished = select(Workspace.id).where(
        Workspace.company_id == company_id, Workspace.listed_state.in_((State.PENDING, State.TERMINATING))
    )
    unsent = session.execute(
        select(Workspace.credential_id, func.count())
        .where(Workspace.id.in_(unfinished), IS_LIVE, Workspace.issued_at.is_(None))
        .group_by(Workspace.credential_id)
    )
    waiting = {credential_id: count for credential_id, count in unsent}
    return {one: count - waiting.get(one, 0) for one, count in live.items()}
