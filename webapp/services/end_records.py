"""The record of an end as people read it: with its costs as far as they are known. It asks no cloud."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from webapp.domain.costs.money import Money
from webapp.domain.errors import NotFound
from webapp.domain.lifecycle import Phase
from webapp.models import EndRecord
from webapp.queries import end_records as queries
from webapp.queries.end_costs import costs_of_end
from webapp.queries.workspaces import last_message
from webapp.services.context import ServiceContext


@dataclass(frozen=True, slots=True)
class EndCosts:
    """Two figures that are never added: what is estimated, and what was billed."""

    amounts: Sequence[Mapping[str, Any]]
    """By `currency`: `estimated_minor` and `billed_minor`; None: nothing."""
    billed_through: date | None
    """The newest day, up to its end, of which the account's bill is known."""
    is_complete: bool
    """False: for a part of the estimate no price is known."""
    closed_at: datetime | None
    """When they were written down for good; None: provisional."""

    @property
    def is_provisional(self) -> bool:
        return self.closed_at is None

    @property
    def billed(self) -> list[Money]:
        return self._sums("billed_minor")

    @property
    def estimated(self) -> list[Money]:
        return self._sums("estimated_minor")

    def _sums(self, kind: str) -> list[Money]:
        return [Money(one["currency"], one[kind]) for one in self.amounts if one[kind] is not None]


@dataclass(frozen=True, slots=True)
class End:
    record: EndRecord
    costs: EndCosts


def end_of(context: ServiceContext, workspace_id: int, *, company_id: int) -> End:
    """Of a workspace of the company that is gone, also one that no list shows any more. Raises NotFound."""
    record = queries.find_record(context.session, workspace_id, company_id=company_id)
    record = record or _made_now(context, workspace_id, company_id=company_id)
    if record is None:
        raise NotFound("There is no record: the desktop has not ended, or there never was one.")
    return End(record, _costs(context, record))


def _made_now(context: ServiceContext, workspace_id: int, *, company_id: int) -> EndRecord | None:
    """Of one that ended before there were records, until a worker has written it. It is only shown."""
    row = queries.find_ended(context.session, workspace_id, company_id=company_id)
    if row is None:
        return None
    message = last_message(context.session, row)
    now = context.clock.now()
    return queries.make_record(
        context.session, row, before=Phase.GONE, message=message, now=now, is_partial=True
    )


def _costs(context: ServiceContext, record: EndRecord) -> EndCosts:
    known = record.costs if record.costs_closed_at else costs_of_end(context.session, record)
    known = known or {}
    through = known.get("billed_through")
    return EndCosts(
        amounts=known.get("amounts", []),
        billed_through=None if through is None else date.fromisoformat(through),
        is_complete=known.get("is_complete", True),
        closed_at=record.costs_closed_at,
    )
