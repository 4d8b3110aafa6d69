"""What comes and goes in a company's accounts: a constant number of queries, at most `MOST` rows each."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.domain.access import MOST_GRACE_DAYS
from webapp.domain.capacity import DAYS, Change, Kind, Limit
from webapp.domain.in_time import planned_at
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.roles import ApplicationStatus
from webapp.models import (
    Application,
    CloudCredential,
    Company,
    JobPosting,
    Workspace,
)
from webapp.models.application import LIVE_DESKTOP
from webapp.models.workspace import IS_LIVE, IS_PENDING
from webapp.queries.sizes import Size, Sizes, read_sizes
from webapp.queries.workspaces import AnySession

MOST = 2_000
"""Instants of one kind; beyond, the first ones are counted and the page says that there are more."""
SPAN = timedelta(days=DAYS)
_READ_AT = {
    Limit.QUOTA: CloudCredential.quota_checked_at,
    Limit.ADDRESSES: CloudCredential.addresses_checked_at,
}
_UNMADE = (Phase.REQUESTED, Phase.CREATE_INTENT)
_NO_MACHINE = (*_UNMADE, Phase.GONE, Phase.CREATE_FAILED)


SinceRead = dict[Limit, list[Change]]
"""What has come and gone since an account was read, by what was read: each has its own time."""


@dataclass(slots=True)
class Coming:
    """By account; what it is for people whose account is not known stands under None."""

    changes: dict[int | None, list[Change]] = field(default_factory=lambda: defaultdict(list))
    since_read: dict[int, SinceRead] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    prices: list[tuple[datetime, int, int | None, str | None]] = field(default_factory=list)
    """Of people without a desktop: start, how many, and a month of one in minor units of a currency."""
    has_more: bool = False


def read_coming(
    session: AnySession,
    credentials: Sequence[CloudCredential],
    *,
    company_id: int,
    now: datetime,
    timeout_of: Callable[[str], float],
) -> Coming:
    """Starts and orders to come, and ends, of the next 30 days. `timeout_of`: as of `read_sizes`."""
    coming = Coming()
    sizes = read_sizes(session, credentials, company_id=company_id, now=now, timeout_of=timeout_of)
    _add_starts(session, coming, sizes, credentials, company_id=company_id, now=now)
    _add_orders(session, coming, sizes, company_id=company_id, now=now)
    _add_ends(session, coming, sizes, company_id=company_id, now=now)
    for limit in _READ_AT:
        _add_since_read(session, coming, sizes, limit, company_id=company_id)
    return coming


def _add_starts(
    session: AnySession,
    coming: Coming,
    sizes: Sizes,
    credentials: Sequence[CloudCredential],
    *,
    company_id: int,
    now: datetime,
) -> None:
    """People without a desktop: in the account, and of the size, that was ordered last for their job."""
    found = session.execute(
        select(Application.starts_at, Application.job_posting_id, func.count())
        .where(
            Application.company_id == company_id,
            Application.status == ApplicationStatus.APPROVED,
            Application.starts_at > now,
            Application.starts_at <= now + SPAN,
            Application.desktop != LIVE_DESKTOP,
        )
        .group_by(Application.starts_at, Application.job_posting_id)
        .order_by(Application.starts_at, Application.job_posting_id)
        .limit(MOST + 1)
    ).all()
    last = _last_orders(session, {posting_id for _, posting_id, _ in found}, company_id=company_id)
    usable = {one.id for one in credentials}
    only = next(iter(usable)) if len(usable) == 1 else None
    for at, posting_id, count in _cut(coming, found):
        order = last.get(posting_id)
        if order is None or order.credential_id not in usable:
            size = Size(only, "") if only is not None else None
            coming.prices.append((at, count, None, None))
        else:
            size = Size(order.credential_id, order.bundle_id)
            coming.prices.append((at, count, order.month_price_minor, order.price_currency))
        change = sizes.change(Kind.START, at, count, size)
        change = replace(change, taken_at=planned_at(at, lead=change.lead, now=now) or now)
        coming.changes[size.credential_id if size else None].append(change)


def _last_orders(session: AnySession, posting_ids: Iterable[int], *, company_id: int) -> dict[int, Any]:
    """By job posting: one row of an index for each."""
    ids = sorted(set(posting_ids))
    if not ids:
        return {}
    newest = (
        select(Workspace.id)
        .where(Workspace.company_id == company_id, Workspace.job_posting_id == JobPosting.id)
        .order_by(Workspace.created_at.desc(), Workspace.id.desc())
        .limit(1)
        .correlate(JobPosting)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Workspace.job_posting_id,
            Workspace.credential_id,
            Workspace.bundle_id,
            Workspace.month_price_minor,
            Workspace.price_currency,
        ).where(
            Workspace.id.in_(
                select(newest).where(JobPosting.company_id == company_id, JobPosting.id.in_(ids))
            )
        )
    )
    return {row.job_posting_id: row for row in rows}


def _add_orders(session: AnySession, coming: Coming, sizes: Sizes, *, company_id: int, now: datetime) -> None:
    """Without a machine yet, for whenever their contract starts, if they are made in these days."""
    found = session.execute(
        select(
            Workspace.starts_at,
            Workspace.make_at,
            Workspace.credential_id,
            Workspace.bundle_id,
            func.count(),
        )
        .where(
            Workspace.company_id == company_id,
            IS_PENDING,
            Workspace.phase.in_(_UNMADE),
            or_(
                Workspace.make_at.is_(None),
                Workspace.make_at <= now + SPAN,
                Workspace.starts_at.is_(None),
                Workspace.starts_at <= now + SPAN,
            ),
        )
        .group_by(Workspace.starts_at, Workspace.make_at, Workspace.credential_id, Workspace.bundle_id)
        .order_by(Workspace.starts_at, Workspace.make_at, Workspace.credential_id, Workspace.bundle_id)
        .limit(MOST + 1)
    ).all()
    for at, make_at, credential_id, bundle_id, count in _cut(coming, found):
        starts_at = at if at is not None and at > now else None
        change = sizes.change(Kind.ORDER, starts_at or now, count, Size(credential_id, bundle_id))
        if starts_at is None:
            change = replace(change, lead=timedelta(0))  # nobody can be in time for what has passed
        is_planned = starts_at is not None and make_at is not None and make_at > now
        change = replace(change, taken_at=make_at if is_planned else now)
        coming.changes[credential_id].append(change)


def _add_ends(session: AnySession, coming: Coming, sizes: Sizes, *, company_id: int, now: datetime) -> None:
    """When each desktop is gone: after its contract and the grace, or when it is destroyed."""
    days = session.scalar(select(Company.contract_grace_days).where(Company.id == company_id)) or 0
    by_contract = Workspace.ends_at.between(now - timedelta(days=MOST_GRACE_DAYS + 1), now + SPAN)
    # Apart, so that each is found by its own index.
    ways: Sequence[tuple[InstrumentedAttribute[Any], timedelta, ColumnElement[bool]]] = (
        (Workspace.destroy_at, timedelta(0), Workspace.destroy_at.between(now, now + SPAN)),
        (Workspace.ends_at, timedelta(days=days), Workspace.destroy_at.is_(None) & by_contract),
    )
    for column, kept_for, is_soon in ways:
        of = (column, Workspace.credential_id, Workspace.bundle_id)
        found = session.execute(
            select(*of, func.count())
            .where(
                Workspace.company_id == company_id,
                is_soon,
                IS_LIVE,
                Workspace.desired == Desired.PRESENT,
                Workspace.phase.not_in(_NO_MACHINE),
            )
            .group_by(*of)
            .order_by(*of)
            .limit(MOST + 1)
        ).all()
        for at, credential_id, bundle_id, count in _cut(coming, found):
            if now < at + kept_for <= now + SPAN:
                change = sizes.change(Kind.END, at + kept_for, count, Size(credential_id, bundle_id))
                coming.changes[credential_id].append(change)


def _add_since_read(
    session: AnySession, coming: Coming, sizes: Sizes, limit: Limit, *, company_id: int
) -> None:
    """Made or gone since this was read of the account: the reading does not know of them."""
    read_at = _READ_AT[limit]
    made = (Workspace.issued_at > read_at, Workspace.phase.not_in(_NO_MACHINE))
    accounts = (CloudCredential.company_id == company_id, ~CloudCredential.is_deleted)
    since = select(func.min(read_at)).where(*accounts).scalar_subquery()
    own = Workspace.company_id == company_id
    # As a list of its own: otherwise SQLite goes through all desktops of the company.
    pending = select(Workspace.id).where(own, IS_PENDING)
    # Nobody could use the machine yet: its order failed, or it is ended before its time.
    is_unused = Workspace.available_at.is_(None)
    kinds: Sequence[tuple[Kind, tuple[ColumnElement[bool], ...]]] = (
        (Kind.ORDER, (Workspace.id.in_(pending), *made)),
        (Kind.ORDER, (own, Workspace.available_at > since, ~IS_PENDING, *made)),
        (Kind.ORDER, (own, Workspace.issued_at > since, is_unused, ~IS_PENDING, *made)),
        (
            Kind.END,
            (
                own,
                Workspace.terminated_at > since,
                Workspace.terminated_at > read_at,
                Workspace.issued_at <= read_at,
            ),
        ),
    )
    for kind, conditions in kinds:
        found = session.execute(
            select(Workspace.credential_id, Workspace.bundle_id, func.count(), func.max(read_at))
            .join(CloudCredential, CloudCredential.id == Workspace.credential_id)
            .where(*conditions)
            .group_by(Workspace.credential_id, Workspace.bundle_id)
        )
        for credential_id, bundle_id, count, at in found:
            assert at is not None  # by the conditions
            change = sizes.change(kind, at, count, Size(credential_id, bundle_id))
            coming.since_read[credential_id][limit].append(change)


def _cut(coming: Coming, found: Sequence[Any]) -> Sequence[Any]:
    coming.has_more = coming.has_more or len(found) > MOST
    return found[:MOST]
