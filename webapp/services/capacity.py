"""What is coming in the next 30 days, and whether it fits: from the database alone, no cloud is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from webapp.domain.capacity import Change, Day, Kind, Limit, Room, Shortage, days_of, shortages_of
from webapp.domain.costs.budgets import Figure, Subject, first_passed
from webapp.domain.costs.spans import day_of
from webapp.domain.quota import QuotaUnit
from webapp.domain.quota_request import QuotaRequest
from webapp.models import Budget, CloudCredential
from webapp.providers.registry import get_provider
from webapp.queries import budgets, capacity, credentials
from webapp.queries.capacity import Coming
from webapp.queries.live_sums import count_live_by_credential
from webapp.queries.past_use import Past, read_past
from webapp.queries.room import room_of
from webapp.services.context import ServiceContext


@dataclass(frozen=True, slots=True)
class AccountForecast:
    credential: CloudCredential
    room: Room
    """What is left now: the newest reading, less what was made since."""
    days: list[Day]
    shortages: list[Shortage]
    request: QuotaRequest | None
    """None: the quota suffices, or the cloud has none."""
    request_url: str
    past: Past | None
    unknown_cores: int
    """Desktops that come and whose cores are not known: not counted against a quota of cores."""

    @property
    def starts(self) -> int:
        return sum(one.starts + one.orders for one in self.days)


@dataclass(frozen=True, slots=True)
class BudgetForecast:
    """A budget that what is coming will pass."""

    budget: Budget
    figure: Figure
    on: date


@dataclass(frozen=True, slots=True)
class Forecast:
    accounts: list[AccountForecast]
    unplaced: list[tuple[date, int]]
    """Starts whose account is not known, by day."""
    budgets: list[BudgetForecast]
    unpriced: int
    """People who start, with a desktop whose price is not known: not counted against budgets."""
    has_more: bool
    """More comes than Berth reads: the first of it is shown."""


def forecast(
    context: ServiceContext, *, company_id: int, zone: str, credential_id: int | None = None
) -> Forecast:
    """Of all accounts, or of one; days are the reader's. A constant number of queries. Raises NotFound."""
    session, now = context.session, context.clock.now()
    known = credentials.list_credentials(session, company_id=company_id)
    shown = (
        known
        if credential_id is None
        else [credentials.get_credential(session, credential_id, company_id=company_id)]
    )
    timeout_of = context.settings.provision_timeout_of
    coming = capacity.read_coming(session, known, company_id=company_id, now=now, timeout_of=timeout_of)
    live = count_live_by_credential(session, [one.id for one in shown], company_id=company_id)
    past = read_past(session, live, company_id=company_id, now=now)
    return Forecast(
        accounts=[
            account_forecast(one, coming, now=now, zone=zone, live=live[one.id], past=past.get(one.id))
            for one in shown
        ],
        unplaced=_by_day(coming.changes.get(None, ()), zone),
        budgets=_budgets(context, coming, company_id=company_id, zone=zone),
        unpriced=sum(count for _, count, price, _ in coming.prices if price is None),
        has_more=coming.has_more,
    )


def account_forecast(
    credential: CloudCredential, coming: Coming, *, now: datetime, zone: str, live: int, past: Past | None
) -> AccountForecast:
    changes = coming.changes.get(credential.id, [])
    room = room_of(credential, coming.since_read.get(credential.id, {}), live=live)
    shortages = shortages_of(changes, room, now)
    days = days_of(changes, room, now, zone)
    request, url = _request(credential, room, shortages, days, zone)
    is_cores = room.quota is not None and room.quota.unit is QuotaUnit.CORES
    unknown = [one for one in changes if one.kind is not Kind.END and one.cores_each is None]
    return AccountForecast(
        credential,
        room,
        days,
        shortages,
        request,
        url,
        past,
        unknown_cores=sum(one.desktops for one in unknown) if is_cores else 0,
    )


def _request(
    credential: CloudCredential, room: Room, shortages: Sequence[Shortage], days: Sequence[Day], zone: str
) -> tuple[QuotaRequest | None, str]:
    names = get_provider(credential.cloud_provider).capacity.quota
    short = next((one for one in shortages if one.limit is Limit.QUOTA), None)
    if names is None:
        return None, ""
    region = credential.public_fields.get(names.region_field, "")
    if short is None or room.quota is None:
        return None, names.url(region)
    request = QuotaRequest(
        service=names.service,
        quota=names.quota,
        code=names.code,
        region=region,
        account=credential.account_id or "",
        present=room.quota.limit,
        missing=short.missing,
        unit="vCPUs" if room.quota.unit is QuotaUnit.CORES else "desktops",
        first_day=short.at.astimezone(ZoneInfo(zone)).date(),
        starts=sum(one.starts + one.orders for one in days),
    )
    return request, names.url(region)


def _by_day(changes: Sequence[Change], zone: str) -> list[tuple[date, int]]:
    found: dict[date, int] = {}
    for one in changes:
        day = one.at.astimezone(ZoneInfo(zone)).date()
        found[day] = found.get(day, 0) + one.desktops
    return sorted(found.items())


def _budgets(context: ServiceContext, coming: Coming, *, company_id: int, zone: str) -> list[BudgetForecast]:
    """The company's, by the list prices of who starts; orders count as live desktops already; pools yield."""
    now = context.clock.now()
    own = [
        one
        for one in budgets.list_budgets(context.session, company_id=company_id)
        if one.subject is Subject.COMPANY and not one.is_lifted(now)
    ]
    spending = budgets.read_spending(
        context.session, own, company_id=company_id, day=day_of(now), with_waiting=False
    )
    found = []
    for one in own:
        starts = [
            (day_of(at), price * count)
            for at, count, price, currency in coming.prices
            if price is not None and currency == one.currency
        ]
        passed = first_passed(one.limits, spending[one.id], day_of(now), starts)
        if passed is not None:
            found.append(BudgetForecast(one, passed[1], passed[0]))
    return found
