"""What the table of workspaces shows of this month's costs: one figure of each, and a filter."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, select, true
from sqlalchemy.orm import Session, scoped_session

from webapp.domain.costs.advice import LONG_STOPPED
from webapp.domain.costs.spans import day_of, month_of
from webapp.domain.lifecycle import State
from webapp.models import DesktopMonth, UsageSpan, Workspace
from webapp.models.cost_sum import IS_UNPRICED
from webapp.models.usage_span import STANDS_STILL
from webapp.queries.branches import MOST_COUNTED, first_of_each
from webapp.queries.start import TROUBLED

AnySession = Session | scoped_session[Session]


class CostFilter(StrEnum):
    """What about its costs may need a person."""

    UNPRICED = "unpriced"
    """A part of this month has no known price."""
    STOPPED = "stopped"
    """Stopped for long, and still paid."""
    FAILED = "failed"
    """Nobody can use it, and its machine is still paid."""


@dataclass(frozen=True, slots=True)
class CostsAt:
    """A filter, and when."""

    kind: CostFilter
    now: datetime

    def few_ids(self, session: AnySession, company_id: int) -> list[int] | None:
        """All that may match, from an index of their own; None if a list would not count so many."""
        found = list(session.scalars(self._ids(company_id).limit(MOST_COUNTED + 1)))
        return found if len(found) <= MOST_COUNTED else None

    def condition(self, company_id: int, *, are_known: bool) -> ColumnElement[bool]:
        """`are_known`: only `few_ids` are in question."""
        state = true()
        if self.kind is CostFilter.STOPPED:
            state = Workspace.listed_state == State.STOPPED.value
        if self.kind is CostFilter.FAILED:
            state = Workspace.listed_state.in_([one.value for one in TROUBLED])
        if are_known:
            return state
        return and_(state, has_machine() if self.kind is CostFilter.FAILED else self._is_in(company_id))

    def _is_in(self, company_id: int) -> ColumnElement[bool]:
        return Workspace.id.in_(self._ids(company_id))

    def _ids(self, company_id: int) -> Select[int]:
        match self.kind:
            case CostFilter.UNPRICED:
                return select(DesktopMonth.workspace_id).where(
                    DesktopMonth.company_id == company_id,
                    DesktopMonth.month == month_of(day_of(self.now)),
                    IS_UNPRICED,
                )
            case CostFilter.STOPPED:
                return stopped_for_long(company_id, self.now)
            case CostFilter.FAILED:
                return failed_and_paid(company_id)


def stopped_for_long(company_id: int, now: datetime) -> Select[int]:
    """Including a few that are being ended, say."""
    return select(UsageSpan.workspace_id).where(
        UsageSpan.company_id == company_id, STANDS_STILL, UsageSpan.began_at <= now - LONG_STOPPED
    )


def failed_and_paid(company_id: int, *, most: int = MOST_COUNTED + 1) -> Select[int]:
    """Of each state the newest; `most` of it are looked at, else as many as a list counts."""
    newest = [
        select(Workspace.id)
        .where(Workspace.company_id == company_id, Workspace.listed_state == state.value)
        .order_by(Workspace.error_at.desc(), Workspace.id.desc())
        .limit(most)
        for state in TROUBLED
    ]
    found = first_of_each(newest).subquery()
    return (
        select(UsageSpan.workspace_id)
        .join(found, found.c.id == UsageSpan.workspace_id)
        .where(UsageSpan.ended_at.is_(None))
    )


def has_machine() -> ColumnElement[bool]:
    """One that the cloud bills now."""
    open_span = select(UsageSpan.id).where(
        UsageSpan.workspace_id == Workspace.id, UsageSpan.ended_at.is_(None)
    )
    return open_span.correlate(Workspace).exists()


def is_of_month(month: date) -> ColumnElement[bool]:
    """To join a workspace's figure of the month."""
    return and_(DesktopMonth.workspace_id == Workspace.id, DesktopMonth.month == month)
