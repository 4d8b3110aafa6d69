"""Costs of a workspace: its usage, the prices of its region, and its share of the bill."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, scoped_session

from webapp.domain.costs.bills import Source
from webapp.domain.costs.money import Money
from webapp.domain.costs.prices import Price
from webapp.models import BilledTotal, BillReading, CloudCredential, CostDay, ListPrice, UsageSpan, Workspace

AnySession = Session | scoped_session[Session]


def list_spans(session: AnySession, workspace: Workspace, *, since: datetime) -> Sequence[UsageSpan]:
    """What had not ended by then, in order."""
    return session.scalars(
        select(UsageSpan)
        .where(
            UsageSpan.company_id == workspace.company_id,
            UsageSpan.workspace_id == workspace.id,
            or_(UsageSpan.ended_at.is_(None), UsageSpan.ended_at > since),
        )
        .order_by(UsageSpan.began_at, UsageSpan.id)
    ).all()


def list_prices(session: AnySession, *, cloud_provider: str, region: str) -> list[Price]:
    """They belong to no company."""
    rows = session.scalars(
        select(ListPrice).where(ListPrice.cloud_provider == cloud_provider, ListPrice.region == region)
    )
    return [row.price for row in rows]


def find_prices(
    session: AnySession,
    *,
    cloud_providers: Iterable[str],
    regions: Iterable[str],
    skus: Iterable[str],
    day: date,
) -> Sequence[ListPrice]:
    """Those that hold on that day, and those before them, oldest first; perhaps more than was asked for."""
    return session.scalars(
        select(ListPrice)
        .where(
            ListPrice.cloud_provider.in_(cloud_providers),
            ListPrice.region.in_(regions),
            ListPrice.sku.in_(skus),
            ListPrice.valid_from <= day,
        )
        .order_by(ListPrice.valid_from, ListPrice.id)
    ).all()


def list_read_regions(session: AnySession, *, cloud_providers: Iterable[str]) -> set[tuple[str, str]]:
    """Cloud and region of which prices have been read."""
    rows = session.execute(
        select(ListPrice.cloud_provider, ListPrice.region)
        .where(ListPrice.cloud_provider.in_(cloud_providers))
        .distinct()
    )
    return {(row.cloud_provider, row.region) for row in rows}


def sum_billed(session: AnySession, workspace: Workspace, *, first: date, last: date) -> list[Money]:
    """Its share of the bills of these days, one amount for each currency."""
    rows = session.execute(
        select(CostDay.currency, func.sum(CostDay.amount_minor))
        .where(
            CostDay.company_id == workspace.company_id,
            CostDay.workspace_id == workspace.id,
            CostDay.source == Source.BILLED,
            CostDay.day.between(first, last),
        )
        .group_by(CostDay.currency)
        .order_by(CostDay.currency)
    )
    return [Money(currency, int(minor)) for currency, minor in rows]


def list_accounts_credentials(session: AnySession, workspace: Workspace) -> Sequence[CloudCredential]:
    """The company's credentials of the workspace's account; one of them reads the bill."""
    return session.scalars(
        select(CloudCredential).where(
            CloudCredential.company_id == workspace.company_id,
            CloudCredential.cloud_provider == workspace.cloud_provider,
            CloudCredential.account_id == workspace.account_id,
            ~CloudCredential.is_deleted,
        )
    ).all()


def get_reading(session: AnySession, credential_id: int) -> BillReading | None:
    return session.get(BillReading, credential_id)


def newest_total(
    session: AnySession, *, company_id: int, credential_id: int, first: date, last: date
) -> BilledTotal | None:
    """The newest day of these that the account's bill has."""
    return session.scalars(
        select(BilledTotal)
        .where(
            BilledTotal.company_id == company_id,
            BilledTotal.credential_id == credential_id,
            BilledTotal.day.between(first, last),
        )
        .order_by(BilledTotal.day.desc())
        .limit(1)
    ).one_or_none()
