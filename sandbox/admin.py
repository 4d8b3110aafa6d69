"""The control API under /_sandbox/: JSON over loopback, for tests and operators. No real cloud has it.
These routes exist for every cloud; each cloud adds its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from sandbox.calendar_days import read_day
from sandbox.errors import ControlError
from sandbox.world import World

Body = dict[str, Any]
AnyWorld = TypeVar("AnyWorld", bound=World)
Routes = Mapping[tuple[str, str], Callable[[AnyWorld, Body], Any]]


def read_amount(value: Any) -> Decimal:
    """Text, so that no digit gets lost on the way. Raises ControlError."""
    if not isinstance(value, str):
        raise ControlError("amounts are text, such as '0.30'")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ControlError(f"not a number: {value}") from None
    if not number.is_finite():
        raise ControlError(f"not a number: {value}")
    return number


def read_day_number(text: str) -> int:
    """Days since 1970. Raises ControlError."""
    try:
        return read_day(text)
    except ValueError:
        raise ControlError(f"not a day of the form YYYY-MM-DD: {text}") from None


def handle(
    world: AnyWorld, own_routes: Routes[AnyWorld], *, method: str, target: str, body: Any, demo: bool
) -> Any:
    """Handle one control request. Raises ControlError, KeyError, TypeError or ValueError if malformed."""
    path, _, query = target.partition("?")
    if not isinstance(body, dict):
        raise ControlError("the body must be a JSON object")
    key = (method, path.strip("/"))
    with world.store.transaction():
        world.settle(world.clock.now())
        if key == ("POST", "reset"):
            world.reset(demo=bool(body.get("demo", demo)))
            return {"ok": True}
        own, common = own_routes.get(key), _COMMON.get(key)
        values = {**dict(parse_qsl(query)), **body}
        if own is not None:
            return own(world, values)
        if common is not None:
            return common(world, values)
        raise ControlError(f"no such control request: {method} {path}")


def common_state(world: World) -> Body:
    """What `GET state` reports for every cloud. The cloud's own route adds its accounts and machines."""
    return {**_health(world, {}), "settings": world.settings(), "faults": world.faults.list_rules()}


def _health(world: World, body: Body) -> Body:
    return {"ok": True, "now": world.clock.now(), "speed": world.clock.speed}


def _ledger(world: World, body: Body) -> Body:
    wanted = {name: body[name] for name in world.ledger.filters if name in body}
    lines = world.ledger.read(since=int(body.get("since", 0)), limit=int(body.get("limit", 10_000)), **wanted)
    return {"entries": lines}


def _journal(world: World, body: Body) -> Body:
    return {"machines": world.journal()}


def _clock(world: World, body: Body) -> Body:
    if "speed" in body:
        speed = float(body["speed"])
        if speed < 0:
            raise ControlError("speed must not be negative")
        world.clock.set_speed(speed)
    if "set" in body:
        world.clock.set_now(float(body["set"]))
    if "advance_s" in body:
        world.clock.advance(float(body["advance_s"]))
    world.settle(world.clock.now())
    return {"now": world.clock.now(), "speed": world.clock.speed}


def _settings(world: World, body: Body) -> Body:
    unknown = set(body) - set(world.DEFAULT_SETTINGS)
    if unknown:
        raise ControlError(f"no such setting: {', '.join(sorted(unknown))}")
    world.change_settings({name: float(value) for name, value in body.items()})
    return world.settings()


def _add_fault(world: World, body: Body) -> Body:
    return {"fault_id": world.faults.add(world.faults.read_rule(body))}


def _list_faults(world: World, body: Body) -> Body:
    return {"faults": world.faults.list_rules()}


def _clear_faults(world: World, body: Body) -> Body:
    return {"removed": world.faults.clear(body.get("fault_id"))}


_COMMON: dict[tuple[str, str], Callable[[World, Body], Any]] = {
    ("GET", "health"): _health,
    ("GET", "ledger"): _ledger,
    ("GET", "journal"): _journal,
    ("POST", "clock"): _clock,
    ("POST", "settings"): _settings,
    ("GET", "faults"): _list_faults,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
}
