"""Running modes by real use: each night it is said which desktops would have been cheaper in another mode,
and at the turn of a month that is asked for, where the company wants it and it is certain.

It asks no cloud; the change goes the way of any other (`engine/resizing.py`). Why so:
docs/decisions/running_modes.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from webapp.domain.connections import ConnectionState
from webapp.domain.costs.modes import (
    TURN,
    UPKEEP_HOURS,
    CheaperMode,
    ModeRules,
    NotSwitched,
    Switching,
    cheaper_mode,
    is_turn,
    last_whole_month,
    most_hours,
)
from webapp.domain.costs.prices import Part, Price, PriceBook
from webapp.domain.costs.rates import KnownPrice, Rates, rates
from webapp.domain.costs.spans import MachineKind, Span, day_of, next_month, starts_at
from webapp.domain.decisions.resizes import RESIZABLE
from webapp.engine import estimate_rows, mode_rows
from webapp.engine.cost_rows import region_of
from webapp.engine.duties.kinds import every_night, share_of
from webapp.engine.rows import reload
from webapp.engine.run import Run
from webapp.models import Workspace
from webapp.providers.registry import get_provider

BITE = 200
MOST_KEPT = 200
"""The largest savings of an account."""
SPREAD = timedelta(hours=3)
"""Over so much of the turn accounts are spread."""


def next_due(run: Run, began_at: datetime) -> datetime:
    """In the next night, and at the turn of the month."""
    night = every_night(run, began_at)
    turn = starts_at(next_month(day_of(began_at))) - TURN + SPREAD * share_of(run)
    return min(night, turn) if began_at < turn else night


def compare_modes(run: Run) -> Iterator[None]:
    """Raises LeaseLost."""
    rules, switching = rules_of(run), mode_rows.switching_of(run)
    if rules is None or switching is Switching.OFF:
        mode_rows.write_savings(run, None)
        return
    comparing = _Comparing(run, rules)
    found: list[_Found] = []
    after_id = 0
    modes = (rules.by_hour, rules.always_on)
    while rows := mode_rows.list_desktops(run, modes, after_id=after_id, limit=BITE):
        found += comparing.found(rows)
        after_id = rows[-1].id
        yield
    mode_rows.write_savings(run, _kept(comparing.month, found))
    if switching is Switching.SWITCH and is_turn(comparing.now):
        for one in found:
            comparing.switch(one)
            yield


def rules_of(run: Run) -> ModeRules | None:
    """None: the cloud has no two modes to choose from."""
    provider = get_provider(run.credential.cloud_provider)
    resizes, billing = provider.desktops.resizes, provider.billing
    if resizes is None or not resizes.auto_stop_mode or billing.always_on_mode is None:
        return None
    return ModeRules(resizes.auto_stop_mode, billing.always_on_mode, billing.charges)


@dataclass(frozen=True, slots=True)
class _Found:
    row: Workspace
    cheaper: CheaperMode
    why_not: NotSwitched | None


def _kept(month: date, found: Sequence[_Found]) -> dict[str, Any]:
    """As the account's row keeps it: the largest savings first."""
    largest = sorted(found, key=lambda one: (-one.cheaper.saves.amount_minor, one.row.id))
    return {
        "month": month.isoformat(),
        "desktops": [
            {
                "workspace_id": one.row.id,
                "mode": one.cheaper.mode,
                "hours": one.cheaper.hours,
                "saves_minor": one.cheaper.saves.amount_minor,
                "currency": one.cheaper.saves.currency,
                "why_not": one.why_not,
            }
            for one in largest[:MOST_KEPT]
        ],
    }


class _Comparing:
    """The last whole month of an account's desktops, and at the turn this one too."""

    def __init__(self, run: Run, rules: ModeRules) -> None:
        self._run, self._rules = run, rules
        self.now = run.engine.clock.now()
        self.month = last_whole_month(self.now)
        self._book = PriceBook(estimate_rows.list_prices(run))

    def found(self, rows: Sequence[Workspace]) -> Iterator[_Found]:
        ids, began_at = [one.id for one in rows], starts_at(self.month)
        spans = self._spans(ids)
        days = mode_rows.count_use_days(self._run, ids, began_at)
        for row in rows:
            used = self._used_hours(row, days.get(row.id, 0))
            if used is None:
                continue
            cheaper = self._cheaper(spans.get(row.id, ()), self.month, None, used)
            if cheaper is not None and cheaper.mode != row.running_mode:
                yield _Found(row, cheaper, self._why_not(row, cheaper, is_certain=used == UPKEEP_HOURS))

    def switch(self, one: _Found) -> None:
        """If it is still so, and this month says the same; at most once a calendar month."""
        row = reload(self._run.engine, one.row)
        if one.why_not is not None or not _can_change(row) or row.running_mode != one.row.running_mode:
            return
        if mode_rows.was_asked_since_month(self._run, row):
            return
        spans = self._spans([row.id]).get(row.id, ())
        this_month = self._cheaper(spans, next_month(self.month), self.now, UPKEEP_HOURS)
        prices = self._prices(row, one.cheaper.mode)
        if this_month is None or this_month.mode != one.cheaper.mode or prices is None:
            return
        mode_rows.request_mode(self._run, row, one.cheaper, prices)

    def _cheaper(
        self, spans: Sequence[Span], month: date, until: datetime | None, used_hours: int
    ) -> CheaperMode | None:
        return cheaper_mode(spans, self._rules, self._book, month=month, until=until, used_hours=used_hours)

    def _spans(self, ids: Sequence[int]) -> dict[int, list[Span]]:
        """Of the newest machine of each."""
        since, region = starts_at(self.month), region_of(self._run)
        found = estimate_rows.spans_of(self._run, ids, since=since, until=self.now)
        return {
            workspace_id: [
                one.span(region, until=self.now) for one in rows if one.generation == rows[-1].generation
            ]
            for workspace_id, rows in found.items()
        }

    def _used_hours(self, row: Workspace, days: int) -> int | None:
        """Of one that is always on: at most; `UPKEEP_HOURS` if certainly nobody was connected since the month
        began. None: not known. The other mode has its hours in the log."""
        if row.running_mode == self._rules.by_hour:
            return UPKEEP_HOURS
        account, known = self._run.credential, row.desktop_connection
        is_seen = account.connections_looked_at is not None and account.connections_hidden_at is None
        if known is None or not is_seen:
            return None
        last = known.last_connected_at
        was_connected = known.state is ConnectionState.CONNECTED or (
            last is not None and last >= starts_at(self.month)
        )
        if not was_connected:
            return UPKEEP_HOURS if known.is_past_known else None
        return most_hours(days) if days else None

    def _why_not(self, row: Workspace, cheaper: CheaperMode, *, is_certain: bool) -> NotSwitched | None:
        if not is_certain:
            return NotSwitched.DAYS_ONLY
        paid_until = starts_at(next_month(next_month(day_of(self.now))))
        if cheaper.mode == self._rules.always_on and row.ends_at is not None and row.ends_at < paid_until:
            return NotSwitched.CONTRACT_ENDS
        prices = self._prices(row, cheaper.mode)
        has_room = prices is not None and mode_rows.has_room(self._run, row, prices)
        return None if has_room else NotSwitched.COUNTS_MORE

    def _prices(self, row: Workspace, mode: str) -> Mapping[str, Any] | None:
        """What budgets count for it in this mode; None: not known."""
        found = self._rates(
            MachineKind(
                region=region_of(self._run),
                compute_type=row.compute_type,
                volumes=row.volumes,
                running_mode=mode,
                operating_system=row.operating_system,
            )
        )
        return None if found is None else found.columns

    def _rates(self, kind: MachineKind) -> Rates | None:
        tariff = get_provider(self._run.credential.cloud_provider).billing.tariff_of(kind)
        return None if tariff is None else rates(tariff, self._known_of(kind.region))

    def _known_of(self, region: str) -> Any:  # a function of part and sku
        def known(part: Part, sku: str) -> KnownPrice | None:
            price: Price | None = self._book.at(region, sku, part, day_of(self.now))
            return None if price is None else KnownPrice(price, None)

        return known


def _can_change(row: Workspace) -> bool:
    is_free = row.is_idle and row.suspended_at is None and not row.has_hours
    return is_free and row.cloud_state in RESIZABLE
