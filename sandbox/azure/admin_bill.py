"""The bill as a test scripts it: terms, prices, added costs; and the exact truth to compare."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sandbox import demo_azure as demo
from sandbox.admin import read_amount, read_day_number
from sandbox.azure.bill import HIDING, Line, default_rate
from sandbox.azure.ids import group_of
from sandbox.azure.prices import BASE, DISK, WINDOWS, PriceKey, region_of
from sandbox.azure.world import World
from sandbox.calendar_days import show_day
from sandbox.errors import ControlError

Body = dict[str, Any]
_TEXTS = ("resource_group", "resource_type", "service", "meter_category", "sku")


def set_bill(world: World, body: Body) -> Body:
    """Change how a subscription is billed."""
    terms = world.bill.terms_of(body.get("subscription_id", demo.DEMO_SUBSCRIPTION_ID))
    if "currency" in body:
        currency = str(body["currency"])
        terms = replace(terms, currency=currency, rate=str(default_rate(currency)))
    if "rate" in body:
        terms = replace(terms, rate=str(read_amount(body["rate"])))
    if "hidden" in body:
        if body["hidden"] not in ("", *HIDING):
            raise ControlError(f"hidden is empty or one of {', '.join(HIDING)}")
        terms = replace(terms, hidden=body["hidden"])
    world.bill.set_terms(terms)
    return {name: getattr(terms, name) for name in terms.__slots__}


def add_cost(world: World, body: Body) -> Body:
    """A cost on each of some days: of another service or machine, or a correction of a machine's."""
    first = read_day_number(body["day"])
    last = read_day_number(body.get("last_day", body["day"]))
    resource_id = str(body.get("resource_id", ""))
    provider = resource_id.lower().partition("/providers/")[2].split("/")
    line = Line(
        subscription_id=str(body.get("subscription_id", demo.DEMO_SUBSCRIPTION_ID)).lower(),
        day=first,
        amount=read_amount(body["amount"]),
        quantity=read_amount(body.get("quantity", "0")),
        resource_id=resource_id,
        resource_group=group_of(resource_id).lower(),
        resource_type="/".join(provider[:2]),
        tags=json.dumps(body.get("tags", {})),
    )
    if provider[:2] == ["microsoft.compute", "disks"]:
        line = replace(line, service="Storage", meter_category="Storage")
    line = replace(line, **{name: str(body[name]) for name in _TEXTS if name in body})
    if "service" in body and "meter_category" not in body:
        line = replace(line, meter_category=line.service)
    visible_at = float(body.get("visible_at", 0))
    days = range(first, last + 1)
    return {"line_ids": [world.bill.add_cost(replace(line, day=day), visible_at=visible_at) for day in days]}


def set_price(world: World, body: Body) -> Body:
    """A list price from a day on; without a day from today."""
    system, prices = body.get("system", BASE), [body[name] for name in ("hour", "month") if name in body]
    if system not in (BASE, WINDOWS) or len(prices) != 1:
        raise ControlError(f"a price is of an hour (system {BASE} or {WINDOWS}) or of a month")
    valid_from = show_day(read_day_number(body.get("valid_from", show_day(int(world.clock.now() // 86400)))))
    key = PriceKey(region_of(body["region"]), body["sku"], DISK if "month" in body else system)
    world.prices.set(key, read_amount(prices[0]), valid_from=valid_from)
    return {"valid_from": valid_from}


def show_bill(world: World, body: Body) -> Body:
    """What every day costs, by subscription and resource: all of it, without lag or early figures."""
    now = world.clock.now()
    first = read_day_number(body.get("first_day", "1970-01-01"))
    last = read_day_number(body.get("last_day", "2999-12-31"))
    found: dict[tuple[str, ...], list[Decimal]] = {}
    for subscription in world.tenants.list_subscriptions():
        subscription_id = subscription.subscription_id
        if body.get("subscription_id", subscription_id).lower() != subscription_id:
            continue
        currency = world.bill.terms_of(subscription_id).currency
        for line in world.bill.lines(subscription_id, first_day=first, last_day=last, until=now, now=now):
            key = (subscription_id, show_day(line.day), currency, line.resource_id, line.service, line.sku)
            total = found.setdefault(key, [Decimal(0), Decimal(0)])
            total[0] += line.amount
            total[1] += line.quantity
    titles = ("subscription_id", "day", "currency", "resource_id", "service", "sku")
    return {
        "lines": [
            {**dict(zip(titles, key, strict=True)), "amount": str(amount), "quantity": str(quantity)}
            for key, (amount, quantity) in sorted(found.items())
        ]
    }


def show_meter(world: World, body: Body) -> Body:
    """What every machine and disk was, and when, in seconds since 1970."""
    spans = world.meter.everything()
    for span in spans:
        for name in ("began_at", "ended_at"):
            span[name] = None if span[name] is None else span[name] / 1000
    return {"spans": spans}


ROUTES: dict[tuple[str, str], Callable[[World, Body], Any]] = {
    ("POST", "bill"): set_bill,
    ("POST", "costs"): add_cost,
    ("POST", "prices"): set_price,
    ("GET", "bill"): show_bill,
    ("GET", "meter"): show_meter,
}
