"""Warm pools: what a person sets for one bundle of a cloud account, and what it costs to wait."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from webapp.domain.costs.money import Money
from webapp.domain.costs.rates import Rates
from webapp.domain.duties import KEEP_POOLS
from webapp.domain.errors import AppError, Conflict, Invalid, PreconditionFailed
from webapp.domain.hours.reading import hours_json
from webapp.domain.hours.week import Hours
from webapp.domain.pools import PoolState
from webapp.models import CloudCredential, WarmPool
from webapp.providers.registry import get_provider
from webapp.queries import credentials
from webapp.queries import pools as queries
from webapp.services.context import ServiceContext
from webapp.services.duties import do_soon
from webapp.services.inquiries import known_bundles_of
from webapp.services.orders import offered_bundle
from webapp.services.prices import bundle_rates

LARGEST_POOL = 100
HOURS_A_MONTH = 730
WEEKS_A_MONTH = Decimal(365) / 12 / 7
DAYS_A_MONTH = Decimal(365) / 12


@dataclass(frozen=True, slots=True)
class PoolRequest:
    """What a person fills in."""

    bundle_id: str
    floor: int
    ceiling: int
    waits_running: bool = False
    hours: Hours | None = None
    """Of the week, in which the floor holds; None: always."""
    budget_minor: int | None = None


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """How a pool stands: “3 of 5 ready, 1 being made, €4.10 a day”."""

    pool: WarmPool
    ready: int
    being_made: int
    ending: int
    a_day: Money | None
    """What those that stand cost while they wait, by list prices; None: not known."""

    @property
    def words(self) -> str:
        parts = [f"{self.ready} of {self.pool.wanted} ready"]
        if self.being_made:
            parts.append(f"{self.being_made} being made")
        if self.ending:
            parts.append(f"{self.ending} being deleted")
        return ", ".join([*parts, f"{self.a_day} a day"] if self.a_day is not None else parts)


def status_of(
    context: ServiceContext, *, company_id: int, credential_id: int | None = None
) -> list[PoolStatus]:
    """Of all pools, or those of one account: two queries."""
    counts = queries.count_desktops(context.session, company_id=company_id)
    found = queries.list_pools(context.session, company_id=company_id, credential_id=credential_id)
    return [_status(pool, counts.get(pool.id, {})) for pool in found]


def _status(pool: WarmPool, counts: Any) -> PoolStatus:
    ready = counts.get(PoolState.READY, 0)
    making = counts.get(PoolState.INTENT, 0) + counts.get(PoolState.MAKING, 0)
    ending = counts.get(PoolState.ENDING, 0)
    a_day = None
    if pool.month_price_minor is not None and pool.price_currency is not None:
        standing = ready + making + ending
        a_day = Money(pool.price_currency, round(pool.month_price_minor * standing / DAYS_A_MONTH))
    return PoolStatus(pool, ready, making, ending, a_day)


def set_pool(
    context: ServiceContext,
    credential_id: int,
    request: PoolRequest,
    *,
    company_id: int,
    version: int | None = None,
) -> WarmPool:
    """Make or change the pool of this bundle; a worker works towards it at once. What stopped it is over.

    Raises NotFound, Invalid, Conflict, PreconditionFailed.
    """
    try:
        pool = _written(context, credential_id, request, company_id, version)
    except AppError:
        context.session.rollback()
        raise
    do_soon(context, pool.credential_id, KEEP_POOLS)
    return pool


def start_again(context: ServiceContext, pool_id: int, *, company_id: int) -> WarmPool:
    """A person has put right what stopped it. Raises NotFound."""
    pool = queries.get_pool(context.session, pool_id, company_id=company_id, is_locked=True)
    _start(pool)
    pool.updated_at, pool.version = context.clock.now(), pool.version + 1
    do_soon(context, pool.credential_id, KEEP_POOLS)
    return pool


def _written(
    context: ServiceContext, credential_id: int, request: PoolRequest, company_id: int, version: int | None
) -> WarmPool:
    credential = credentials.lock_credential(context.session, credential_id, company_id=company_id)
    if not get_provider(credential.cloud_provider).desktops.makes_spares:
        raise Conflict(
            "This cloud makes no desktop without its person, so it has no warm pool.", code="no_warm_pool"
        )
    _check_numbers(request)
    pool, now = _found_or_new(context, credential, request, version), context.clock.now()
    bundle_name, price = pool.bundle_name, pool.month_price
    if pool.id is None or request.ceiling:  # what the cloud no longer offers can still be ended
        bundle_name, price = _offer_of(context, credential, request)
    context.session.add(pool)
    pool.bundle_name = bundle_name
    pool.floor, pool.ceiling, pool.waits_running = request.floor, request.ceiling, request.waits_running
    pool.budget_minor = request.budget_minor
    pool.month_price_minor = None if price is None else price.amount_minor
    pool.price_currency = None if price is None else price.currency
    pool.wanted = max(min(pool.wanted or 0, request.ceiling), request.floor)
    pool.hours = None if request.hours is None else hours_json(request.hours)
    _start(pool)
    pool.updated_at, pool.version = now, pool.version + 1
    return pool


def _offer_of(
    context: ServiceContext, credential: CloudCredential, request: PoolRequest
) -> tuple[str, Money | None]:
    """Name and price of its size, which the cloud offers. Raises Invalid."""
    known = known_bundles_of(context, credential_id=credential.id) or []
    bundle = offered_bundle(known, request.bundle_id)
    rates = bundle_rates(context, credential, [bundle])[bundle["bundle_id"]]
    price = None if rates is None else waiting_month(rates, request)
    if request.budget_minor is not None and price is None:
        raise Invalid(
            "The price of this size is not known, so a budget cannot be kept.", field="budget_minor"
        )
    return str(bundle["name"])[:160], price


def _found_or_new(
    context: ServiceContext, credential: CloudCredential, request: PoolRequest, version: int | None
) -> WarmPool:
    """`credential` is locked, so nobody else makes it now. A new one is not in the session yet."""
    of_bundle = {"company_id": credential.company_id, "credential_id": credential.id}
    pool = queries.find_pool(context.session, bundle_id=request.bundle_id, **of_bundle)
    if pool is not None:
        if version not in (None, pool.version):
            raise PreconditionFailed()
        return pool
    return WarmPool(**of_bundle, bundle_id=request.bundle_id, created_at=context.clock.now(), version=0)


def _check_numbers(request: PoolRequest) -> None:
    """Raises Invalid."""
    if not 0 <= request.ceiling <= LARGEST_POOL:
        raise Invalid(f"Enter a number from 0 to {LARGEST_POOL}.", field="ceiling")
    if not 0 <= request.floor <= request.ceiling:
        raise Invalid(f"Enter a number from 0 to {request.ceiling}, the maximum.", field="floor")
    if request.budget_minor is not None and request.budget_minor <= 0:
        raise Invalid("Enter an amount above zero.", field="budget_minor")


def waiting_month(rates: Rates, request: PoolRequest) -> Money:
    """What one costs that waits a month: its disk, and its hours if it waits switched on."""
    if not request.waits_running:
        return rates.month_at(0)
    if (hours := request.hours) is None:
        return rates.month_at(HOURS_A_MONTH)
    minutes = sum(one.ends_min - one.begins_min for one in hours.shifts)
    return rates.month_at(round(minutes * WEEKS_A_MONTH / 60))


def _start(pool: WarmPool) -> None:
    pool.failures, pool.failed_at = 0, None
    pool.stopped_code = pool.stopped_detail = pool.stopped_at = None
