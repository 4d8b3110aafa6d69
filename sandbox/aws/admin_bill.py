"""The bill as a test scripts it: terms of accounts, prices, added costs; and the exact truth to compare."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sandbox.admin import read_amount, read_day_number
from sandbox.aws.bill import WORKSPACES, Line
from sandbox.aws.prices import MODES, PARTS, SYSTEMS, PriceKey
from sandbox.aws.world import World
from sandbox.calendar_days import DAY_MS, show_day
from sandbox.errors import ControlError

Body = dict[str, Any]


def set_bill(world: World, body: Body) -> Body:
    """Change how an account is billed, and since when its bill is divided by which tags."""
    terms = world.bill.terms_of(body["account_id"])
    if "currency" in body:
        terms = replace(terms, currency=str(body["currency"]))
    if "rate" in body:
        terms = replace(terms, rate=str(read_amount(body["rate"])))
    if "payer" in body:
        terms = replace(terms, payer_id=body["payer"])
    if "with_resources" in body:
        terms = replace(terms, has_resources=bool(body["with_resources"]))
    world.bill.set_terms(terms)
    for key, status in body.get("tags", {}).items():
        if status is None:
            world.cost_tags.remove(terms.account_id, key)
            continue
        at = world.clock.now() if isinstance(status, bool) else float(status)
        world.cost_tags.set_status(terms.account_id, key, is_active=status is not False, at=at)
    tags = {row["key"]: bool(row["is_active"]) for row in world.cost_tags.list_of(terms.account_id)}
    return {
        "account_id": terms.account_id,
        "currency": terms.currency,
        "rate": terms.rate,
        "payer": terms.payer_id,
        "with_resources": terms.has_resources,
        "tags": tags,
    }


def add_cost(world: World, body: Body) -> Body:
    """A cost on each of some days: of another service or machine, or a correction of a desktop's."""
    first = read_day_number(body["day"])
    last = read_day_number(body.get("last_day", body["day"]))
    account = world.accounts.get_account(body["account_id"])
    workspace_id = body.get("workspace_id")
    machine = world.machines.get(workspace_id) if workspace_id else None
    line = Line(
        account_id=account.account_id,
        day=first,
        at_ms=first * DAY_MS,
        amount=read_amount(body["amount"]),
        quantity=read_amount(body.get("quantity", "0")),
        service=body.get("service", WORKSPACES),
        region=body.get("region", machine.region if machine else ""),
        usage_type=body.get("usage_type", ""),
        record_type=body.get("record_type", "Usage"),
        workspace_id=workspace_id,
        resource_id=body.get("resource_id"),
        tags=json.dumps(body.get("tags", {})),
    )
    if machine:
        where = f"{machine.region}:{machine.account_id}"
        line = replace(line, resource_id=f"arn:aws:workspaces:{where}:workspace/{workspace_id}")
    visible_at = float(body.get("visible_at", 0))
    numbers = [
        # A desktop's correction has the tags of the end of its day, so that it may also be of its first.
        world.bill.add_cost(
            replace(line, day=day, at_ms=(day + 1) * DAY_MS - 1 if machine else day * DAY_MS),
            visible_at=visible_at,
        )
        for day in range(first, last + 1)
    ]
    return {"line_ids": numbers}


def set_price(world: World, body: Body) -> Body:
    """A list price from a day on; without a day from today."""
    system, mode = body.get("system", "windows"), body["mode"]
    if system not in SYSTEMS or mode not in MODES:
        raise ControlError(f"system is one of {', '.join(SYSTEMS)}; mode is one of {', '.join(MODES)}")
    parts = {part: read_amount(body[part]) for part in PARTS if part in body}
    if not parts or ("hour" in parts and mode == "ALWAYS_ON"):
        raise ControlError("a price is one of a month, or of AUTO_STOP also one of an hour")
    today = show_day(int(world.clock.now() * 1000) // DAY_MS)
    valid_from = show_day(read_day_number(body.get("valid_from", today)))
    for part, amount in parts.items():
        key = PriceKey(body["region"], body["compute"], system, mode, part)
        world.prices.set(key, amount, valid_from=valid_from)
    return {"valid_from": valid_from}


def show_bill(world: World, body: Body) -> Body:
    """What every day costs, by account, desktop and usage type: all of it, without lag, tags or pages."""
    now = world.clock.now()
    first = read_day_number(body.get("first_day", "1970-01-01"))
    last = read_day_number(body["last_day"]) if "last_day" in body else int(now * 1000) // DAY_MS
    accounts = [row["account_id"] for row in world.store.rows("SELECT account_id FROM account ORDER BY 1")]
    found: dict[tuple[Any, ...], list[Decimal]] = {}
    for account_id in accounts:
        if body.get("account_id", account_id) != account_id:
            continue
        currency = world.bill.payer_of(account_id).currency
        for line in world.bill.lines(account_id, first=first, end=last + 1, until=now, now=now):
            if line.account_id != account_id:
                continue
            day = show_day(line.day)
            names = (line.workspace_id, line.service, line.usage_type, line.record_type)
            total = found.setdefault((account_id, day, currency, *names), [Decimal(0), Decimal(0)])
            total[0] += line.total
            total[1] += line.quantity * line.count
    titles = ("account_id", "day", "currency", "workspace_id", "service", "usage_type", "record_type")
    return {
        "lines": [
            {**dict(zip(titles, key, strict=True)), "amount": str(amount), "quantity": str(quantity)}
            for key, (amount, quantity) in sorted(found.items(), key=lambda one: tuple(map(str, one[0])))
        ]
    }


def show_meter(world: World, body: Body) -> Body:
    """What every desktop was, and when, in seconds since 1970."""
    rows = world.store.rows("SELECT * FROM meter ORDER BY span_id")
    return {
        "spans": [
            {
                **dict(row),
                "began_at": row["began_at"] / 1000,
                "ended_at": None if row["ended_at"] is None else row["ended_at"] / 1000,
            }
            for row in rows
        ]
    }
