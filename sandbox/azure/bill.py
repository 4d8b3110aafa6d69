"""The bill of a subscription: charges of machines, disks and snapshots, and costs that a test adds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from sandbox.azure.charges import SHOWN_DIGITS, Charge, charges_of
from sandbox.azure.ids import DISK, SNAPSHOT, VM, share
from sandbox.azure.meter import Meter
from sandbox.azure.prices import RATES, Prices
from sandbox.calendar_days import DAY_MS, HOUR_MS, milliseconds
from sandbox.store import Store

MACHINES, STORAGE = "Virtual Machines", "Storage"
HIDING = {
    "AccountCostDisabled": "Access to cost data has been disabled for account admins. Please query for usage"
    " (Quantity dimension) and contact the billing account admin for access to costs.",
    "DepartmentCostDisabled": "Access to cost data has been disabled for department admins.",
    "IndirectCostDisabled": "Access to cost data has been disabled for customers of this partner.",
}
"""Why costs are not shown to readers of a subscription: of an enterprise agreement, of a partner."""
_SERVICES = {"vm": MACHINES, "disk": STORAGE, "snapshot": STORAGE}
_TYPES = {"vm": VM.lower(), "disk": DISK.lower(), "snapshot": SNAPSHOT.lower()}
KEPT_RESULTS = 8
_SWAY = Decimal("0.1")
"""How far apart the lowest and the highest early figure of a cost are."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a subscription is billed."""

    subscription_id: str
    currency: str = "USD"
    rate: str = "1"
    """Units of the currency for a US dollar."""
    hidden: str = ""
    """Costs are refused with this code (a key of HIDING)."""


@dataclass(frozen=True, slots=True)
class Line:
    """A cost of one day."""

    subscription_id: str
    day: int
    amount: Decimal
    """In the currency of the bill."""
    quantity: Decimal = Decimal(0)
    resource_id: str = ""
    resource_group: str = ""
    resource_type: str = ""
    service: str = MACHINES
    meter_category: str = MACHINES
    sku: str = ""
    tags: str = "{}"
    """JSON."""


class Bill:
    def __init__(self, store: Store, meter: Meter, prices: Prices) -> None:
        self._store = store
        self._meter = meter
        self._prices = prices
        self._kept: dict[Any, Any] = {}

    def forget(self) -> None:
        """The store was changed behind it."""
        self._kept.clear()

    def kept(self, key: Any) -> Any:
        """A result that was kept; None if it was not."""
        return self._kept.get(key)

    def keep(self, key: Any, result: Any) -> None:
        """Keep a result for the following pages."""
        self._kept.pop(key, None)
        self._kept[key] = result
        while len(self._kept) > KEPT_RESULTS:
            del self._kept[next(iter(self._kept))]

    def terms_of(self, subscription_id: str) -> Terms:
        row = self._store.one("SELECT * FROM bill_terms WHERE subscription_id = ?", subscription_id.lower())
        return Terms(subscription_id.lower()) if row is None else Terms(*row)

    def set_terms(self, terms: Terms) -> None:
        self._store.run("DELETE FROM bill_terms WHERE subscription_id = ?", terms.subscription_id)
        self._store.insert("bill_terms", asdict(terms))

    def add_cost(self, line: Line, *, visible_at: float) -> int:
        """A cost that no machine explains, or a correction of one. The number of the line."""
        values = {**asdict(line), "amount": str(line.amount), "quantity": str(line.quantity)}
        return self._store.insert("cost_line", {**values, "visible_at": visible_at})

    def lines(
        self,
        subscription_id: str,
        *,
        first_day: int,
        last_day: int,
        until: float,
        now: float,
        settling_s: float = 0.0,
    ) -> Iterator[Line]:
        """What these days cost (both included): usage until a moment, and added costs that are visible now.

        A cost whose day ended less than `settling_s` ago differs from its last figure, by the hour.
        """
        subscription_id, until_ms = subscription_id.lower(), milliseconds(until)
        spans = self._meter.spans(
            subscription_id, first_ms=first_day * DAY_MS, end_ms=min(until_ms, (last_day + 1) * DAY_MS)
        )
        rate = Decimal(self.terms_of(subscription_id).rate)
        charges = charges_of(
            spans, self._prices, rate=rate, first_day=first_day, last_day=last_day, until_ms=until_ms
        )
        for charge in charges:
            line = _line(subscription_id, charge)
            yield _unsettled(line, now) if (line.day + 1) * 86400 + settling_s > now and settling_s else line
        rows = self._store.rows(
            "SELECT * FROM cost_line WHERE subscription_id = ? AND day BETWEEN ? AND ? AND visible_at <= ?"
            " ORDER BY line_id",
            subscription_id,
            first_day,
            last_day,
            now,
        )
        for row in rows:
            if row["day"] * DAY_MS <= until_ms:
                values: dict[str, Any] = {name: row[name] for name in Line.__dataclass_fields__}
                yield Line(**{**values, **{name: Decimal(row[name]) for name in ("amount", "quantity")}})


def default_rate(currency: str) -> Decimal:
    return RATES.get(currency, Decimal(1))


def _line(subscription_id: str, charge: Charge) -> Line:
    subject = charge.subject
    service = _SERVICES[subject.kind]
    return Line(
        subscription_id=subscription_id,
        day=charge.day,
        amount=charge.amount,
        quantity=charge.quantity,
        resource_id=subject.arm_id,
        resource_group=subject.resource_group,
        resource_type=_TYPES[subject.kind],
        service=service,
        meter_category=service,
        sku=subject.price.sku,
        tags=subject.tags,
    )


def _unsettled(line: Line, now: float) -> Line:
    """An early figure, up to 5 % too low or too high, another one every hour."""
    drawn = Decimal(f"{share(line.resource_id, line.day, int(now * 1000) // HOUR_MS):.4f}")
    factor = 1 + (drawn - Decimal("0.5")) * _SWAY
    return replace(line, amount=(line.amount * factor).quantize(SHOWN_DIGITS))
