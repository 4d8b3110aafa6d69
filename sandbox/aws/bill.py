"""The bill of an account: the charges of its desktops, and costs that a test adds."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from sandbox.aws.charges import SHOWN_DIGITS, Charge, charges_of
from sandbox.aws.cost_tags import CostTags
from sandbox.aws.meter import Meter
from sandbox.aws.prices import Prices, usage_type
from sandbox.calendar_days import DAY_MS, HOUR_MS, milliseconds
from sandbox.store import Store

WORKSPACES = "Amazon WorkSpaces"
KEPT_RESULTS = 8


@dataclass(frozen=True, slots=True)
class Terms:
    """How an account is billed."""

    account_id: str
    currency: str = "USD"
    rate: str = "1"
    """Units of the currency for a US dollar. Members of an organization are billed like their payer."""
    payer_id: str | None = None
    """The payer's account. None: it pays itself."""
    has_resources: bool = False
    """Opted in to costs by resource."""


@dataclass(frozen=True, slots=True)
class Line:
    """`count` equal costs on one day, the first at `at_ms`, the others an hour after the other."""

    account_id: str
    day: int
    at_ms: int
    amount: Decimal
    """In the currency of the bill, each."""
    quantity: Decimal = Decimal(0)
    count: int = 1
    service: str = WORKSPACES
    region: str = ""
    usage_type: str = ""
    record_type: str = "Usage"
    workspace_id: str | None = None
    resource_id: str | None = None
    tags: str = "{}"
    """JSON; of a cost that is no desktop's."""

    @property
    def total(self) -> Decimal:
        return self.amount * self.count


class Bill:
    def __init__(self, store: Store, meter: Meter, prices: Prices, tags: CostTags) -> None:
        self._store = store
        self._meter = meter
        self._prices = prices
        self._tags = tags
        self._version = 0
        self._charged: tuple[Any, dict[str, list[Charge]]] = (None, {})
        self._kept: dict[Any, Any] = {}

    @property
    def version(self) -> tuple[object, ...]:
        """What was computed from the bill is valid for one version."""
        return (self._version, self._meter.version, self._prices.version, self._tags.version)

    def forget(self) -> None:
        """The store was changed behind it."""
        self._version += 1
        self._kept.clear()

    def terms_of(self, account_id: str) -> Terms:
        row = self._store.one("SELECT * FROM bill_terms WHERE account_id = ?", account_id)
        if row is None:
            return Terms(account_id)
        return Terms(**{**dict(row), "has_resources": bool(row["has_resources"])})

    def set_terms(self, terms: Terms) -> None:
        self._store.run("DELETE FROM bill_terms WHERE account_id = ?", terms.account_id)
        self._store.insert("bill_terms", asdict(terms))
        self._version += 1

    def payer_of(self, account_id: str) -> Terms:
        terms = self.terms_of(account_id)
        return terms if terms.payer_id is None else self.terms_of(terms.payer_id)

    def accounts_of(self, account_id: str) -> set[str]:
        """Whose costs an account sees: its own, and a payer those of its members."""
        rows = self._store.rows("SELECT account_id FROM bill_terms WHERE payer_id = ?", account_id)
        return {account_id, *(row["account_id"] for row in rows)}

    def add_cost(self, line: Line, *, visible_at: float) -> int:
        """A cost that no desktop explains, or a correction of one. The number of the line."""
        values = {**asdict(line), "amount": str(line.amount), "quantity": str(line.quantity)}
        self._version += 1
        return self._store.insert("cost_line", {**values, "visible_at": visible_at})

    def lines(self, account_id: str, *, first: int, end: int, until: float, now: float) -> list[Line]:
        """What an account sees of the days [first, end): usage until a moment, and added costs of now."""
        payer, accounts = self.payer_of(account_id), self.accounts_of(account_id)
        rate, until_ms = Decimal(payer.rate), milliseconds(until)
        charged = self._charges(first * DAY_MS, min(until_ms, end * DAY_MS - 1))
        found = [_line(one, rate) for account in sorted(accounts) for one in charged.get(account, ())]
        rows = self._store.rows(
            "SELECT * FROM cost_line WHERE visible_at <= ? AND day >= ? AND day < ? ORDER BY line_id",
            now,
            first,
            end,
        )
        for row in rows:
            if row["account_id"] in accounts and row["day"] * DAY_MS <= until_ms:
                values = {name: row[name] for name in Line.__dataclass_fields__}
                numbers = {name: Decimal(row[name]) for name in ("amount", "quantity")}
                found.append(Line(**{**values, **numbers}))
        return found

    def kept(self, key: Any) -> Any:
        """A result that was kept; None if it was not."""
        return self._kept.get(key)

    def keep(self, key: Any, result: Any) -> None:
        """Keep a result for the following pages."""
        self._kept.pop(key, None)
        self._kept[key] = result
        while len(self._kept) > KEPT_RESULTS:
            del self._kept[next(iter(self._kept))]

    def tagging(self, account_id: str, key: str) -> Tagging:
        """Which value of a tag the bill of this account shows."""
        active = self._tags.active_spans(self.payer_of(account_id).account_id, key)
        values: dict[str, list[tuple[int, int | None, str]]] = {}
        for workspace_id, spans in self._meter.tag_spans(key).items() if active else ():
            values[workspace_id] = [
                (max(began, span.began_at), _earlier(ended, span.ended_at), span.value)
                for span in spans
                for began, ended in active
            ]
        return Tagging(key, active, values)

    def _charges(self, since_ms: int, until_ms: int) -> dict[str, list[Charge]]:
        """By account. The latest result is kept."""
        mark = (self._meter.version, self._prices.version, since_ms, until_ms)
        if self._charged[0] != mark:
            found: dict[str, list[Charge]] = defaultdict(list)
            for spans in self._meter.spans().values():
                found[spans[0].account_id] += charges_of(
                    spans, self._prices, since_ms=since_ms, until_ms=until_ms
                )
            self._charged = (mark, found)
        return self._charged[1]


@dataclass(frozen=True, slots=True)
class Tagging:
    """The values of one tag where and while the bill shows them."""

    key: str
    active: list[tuple[int, int | None]]
    values: dict[str, list[tuple[int, int | None, str]]]

    def split(self, line: Line) -> Iterable[tuple[str, Line]]:
        """The line in parts of one value each; "" where the bill shows none."""
        if line.workspace_id is None:
            is_shown = any(_covers(span, line.at_ms, line.at_ms) for span in self.active)
            return ((json.loads(line.tags).get(self.key, "") if is_shown else "", line),)
        spans = self.values.get(line.workspace_id)
        if not spans:
            return (("", line),)
        last_ms = line.at_ms + (line.count - 1) * HOUR_MS
        for began, ended, value in spans:
            if _covers((began, ended), line.at_ms, last_ms):
                return ((value, line),)
        return self._by_hour(line, spans)

    def _by_hour(self, line: Line, spans: list[tuple[int, int | None, str]]) -> list[tuple[str, Line]]:
        parts = []
        for hour in range(line.count):
            at_ms = line.at_ms + hour * HOUR_MS
            value = next((one[2] for one in spans if _covers(one[:2], at_ms, at_ms)), "")
            parts.append((value, replace(line, at_ms=at_ms, count=1)))
        return parts


def _covers(span: tuple[int, int | None], first_ms: int, last_ms: int) -> bool:
    began, ended = span
    return began <= first_ms and (ended is None or last_ms < ended)


def _earlier(one: int | None, other: int | None) -> int | None:
    return min((end for end in (one, other) if end is not None), default=None)


def _line(charge: Charge, rate: Decimal) -> Line:
    span = charge.span
    return Line(
        account_id=span.account_id,
        day=charge.at_ms // DAY_MS,
        at_ms=charge.at_ms,
        amount=charge.amount if rate == 1 else (charge.amount * rate).quantize(SHOWN_DIGITS),
        quantity=charge.quantity,
        count=charge.count,
        region=span.region,
        usage_type=usage_type(charge.key),
        workspace_id=span.workspace_id,
        resource_id=f"arn:aws:workspaces:{span.region}:{span.account_id}:workspace/{span.workspace_id}",
    )
