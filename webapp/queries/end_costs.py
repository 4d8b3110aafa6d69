"""What an ended desktop cost in all: estimated, and as its share of the account's bills."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from webapp.domain.costs.bills import Source
from webapp.domain.costs.spans import day_of
from webapp.models import BilledTotal, CloudCredential, CostDay, EndRecord, UnpricedDay

AnySession = Session | scoped_session[Session]


def costs_of_end(session: AnySession, record: EndRecord) -> dict[str, Any]:
    """As JSON: `amounts` (by currency), `billed_through`, `is_complete`."""
    own = (CostDay.company_id == record.company_id, CostDay.workspace_id == record.workspace_id)
    rows = session.execute(
        select(CostDay.currency, CostDay.source, func.sum(CostDay.amount_minor))
        .where(*own)
        .group_by(CostDay.currency, CostDay.source)
        .order_by(CostDay.currency)
    )
    amounts: dict[str, dict[str, Any]] = {}
    for currency, source, minor in rows:
        empty = {"currency": currency, "estimated_minor": None, "billed_minor": None}
        amount = amounts.setdefault(currency, empty)
        amount["billed_minor" if source is Source.BILLED else "estimated_minor"] = int(minor)
    through = session.scalar(
        select(func.max(BilledTotal.day))
        .join(CloudCredential, CloudCredential.id == BilledTotal.credential_id)
        .where(
            BilledTotal.company_id == record.company_id,
            CloudCredential.cloud_provider == record.cloud_provider,
            CloudCredential.account_id == record.account_id,
            BilledTotal.day.between(day_of(record.ordered_at), day_of(record.terminated_at)),
        )
    )
    unpriced = select(UnpricedDay.day).where(
        UnpricedDay.company_id == record.company_id, UnpricedDay.workspace_id == record.workspace_id
    )
    return {
        "amounts": list(amounts.values()),
        "billed_through": None if through is None else through.isoformat(),
        "is_complete": session.scalar(unpriced.limit(1)) is None,
    }
