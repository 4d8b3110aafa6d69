"""Scripted trouble: rules that a test lays down, matched against each call, deterministic by their seed.

`times` counts calls that a rule has hit; -1 is for ever. `probability` is drawn per call for the kinds that
concern a whole call, and per item for those that concern items.
"""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from sandbox.aws.errors import ControlError
from sandbox.aws.store import Store

REFUSING = frozenset({"throttle", "http_500", "http_503", "error", "drop_before", "hang"})
"""The call is not carried out (a hang with `effect` is, but nobody hears of it)."""
DELIVERING = frozenset({"drop_after", "slow", "truncated", "garbage", "empty_listing"})
"""The call is carried out, and its answer suffers."""
ITEMWISE = frozenset({"item_error", "launch_error", "stuck", "visibility_lag", "unhealthy"})
"""The call is carried out, and some of its items suffer."""
KINDS = REFUSING | DELIVERING | ITEMWISE

_LAUNCHING = frozenset({"CreateWorkspaces"})
_DEFAULT_OPERATIONS = {
    "launch_error": _LAUNCHING,
    "stuck": _LAUNCHING,
    "visibility_lag": _LAUNCHING,
    "unhealthy": frozenset({"CreateWorkspaces", "StartWorkspaces", "RebootWorkspaces", "RebuildWorkspaces"}),
    "item_error": frozenset(
        {
            "CreateWorkspaces",
            "StartWorkspaces",
            "StopWorkspaces",
            "RebootWorkspaces",
            "RebuildWorkspaces",
            "TerminateWorkspaces",
        }
    ),
    "empty_listing": frozenset(
        {
            "DescribeWorkspaces",
            "DescribeWorkspacesConnectionStatus",
            "DescribeWorkspaceBundles",
            "DescribeWorkspaceDirectories",
            "DescribeWorkspaceImages",
            "DescribeTags",
            "GetResources",
            "DescribeSubnets",
        }
    ),
}
"""What "*" means for kinds that make sense for some operations only."""
MAX_WAIT_S = 120.0


@dataclass(frozen=True, slots=True)
class FaultRule:
    """One piece of trouble. Only `kind` is required."""

    kind: str
    operation: str = "*"
    account_id: str | None = None
    region: str | None = None
    access_key_id: str | None = None
    user_name: str | None = None
    """Only calls that touch this directory user (any letter case)."""
    times: int = 1
    probability: float = 1.0
    seed: int = 0
    code: str | None = None
    message: str | None = None
    status: int = 400
    seconds: float = 5.0
    """For hang and slow: real seconds, at most 120. For visibility_lag: simulated seconds."""
    items: int | None = None
    """Itemwise kinds: only the first so many items of the call."""
    users: tuple[str, ...] = field(default=())
    """Itemwise kinds: only the items of these users."""
    effect: bool = False
    """hang: carry the call out before saying nothing."""

    def fits(self, call: CallFacts) -> bool:
        if self.operation == "*":
            if call.operation not in _DEFAULT_OPERATIONS.get(self.kind, {call.operation}):
                return False
        elif self.operation != call.operation:
            return False
        wanted = (
            (self.account_id, call.account_id),
            (self.region, call.region),
            (self.access_key_id, call.access_key_id),
        )
        if any(want is not None and want != got for want, got in wanted):
            return False
        return self.user_name is None or self.user_name.lower() in {user.lower() for user in call.users}


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What of a call a rule may look at."""

    operation: str
    account_id: str
    region: str
    access_key_id: str
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Struck:
    """A rule that has hit this call, with the number of its draw."""

    rule: FaultRule
    draw: int


class ActiveFaults:
    """The trouble of one call."""

    def __init__(self, struck: list[Struck]) -> None:
        self._struck = struck

    @property
    def names(self) -> str | None:
        return ",".join(one.rule.kind for one in self._struck) or None

    def find(self, *kinds: str) -> FaultRule | None:
        return next((one.rule for one in self._struck if one.rule.kind in kinds), None)

    def find_for_item(self, kind: str, *, index: int, user: str) -> FaultRule | None:
        """The rule of this kind that concerns the item at this place of the call."""
        for one in self._struck:
            rule = one.rule
            if rule.kind != kind or (rule.items is not None and index >= rule.items):
                continue
            if rule.users and user.lower() not in {name.lower() for name in rule.users}:
                continue
            if _drawn(rule, f"{one.draw}:{index}"):
                return rule
        return None


def read_rule(value: dict[str, Any]) -> FaultRule:
    """A rule from the control API. Raises ControlError, naming what is wrong."""
    unknown = set(value) - {one.name for one in fields(FaultRule)}
    if unknown:
        raise ControlError(f"a fault has no such field: {', '.join(sorted(unknown))}")
    if value.get("kind") not in KINDS:
        raise ControlError(f"kind must be one of {', '.join(sorted(KINDS))}")
    rule = FaultRule(**{**value, "users": tuple(value.get("users") or ())})
    if rule.kind in {"error", "item_error"} and not rule.code:
        raise ControlError(f"{rule.kind} needs a code")
    return rule


class Faults:
    """The rules laid down, remembered in the store with how often each has struck."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, rule: FaultRule) -> int:
        """Number of the new rule."""
        return self._store.insert("fault", {"rule": json.dumps(asdict(rule)), "remaining": rule.times})

    def clear(self, fault_id: int | None = None) -> int:
        """Number of rules removed."""
        if fault_id is None:
            return self._store.run("DELETE FROM fault")
        return self._store.run("DELETE FROM fault WHERE fault_id = ?", fault_id)

    def list_rules(self) -> list[dict[str, Any]]:
        return [
            {
                "fault_id": row["fault_id"],
                "remaining": row["remaining"],
                "hits": row["hits"],
                **json.loads(row["rule"]),
            }
            for row in self._store.rows("SELECT * FROM fault ORDER BY fault_id")
        ]

    def strike(self, call: CallFacts) -> ActiveFaults:
        """The trouble of this call; uses up one of `times` of each rule that hits.

        A refusing rule stands alone, so that it does not use up rules whose effect nobody would see.
        """
        struck = []
        for row in self._store.rows("SELECT * FROM fault WHERE remaining != 0 ORDER BY fault_id"):
            rule = FaultRule(**{**(value := json.loads(row["rule"])), "users": tuple(value["users"])})
            if not rule.fits(call):
                continue
            self._store.run("UPDATE fault SET draws = draws + 1 WHERE fault_id = ?", row["fault_id"])
            if rule.kind in ITEMWISE or _drawn(rule, str(row["draws"])):
                struck.append((row["fault_id"], Struck(rule, row["draws"])))
        refusing = [one for one in struck if one[1].rule.kind in REFUSING]
        chosen = refusing[:1] or struck
        for fault_id, _ in chosen:
            self._store.run(
                "UPDATE fault SET hits = hits + 1, remaining = CASE WHEN remaining > 0 THEN remaining - 1"
                " ELSE remaining END WHERE fault_id = ?",
                fault_id,
            )
        return ActiveFaults([one for _, one in chosen])


def _drawn(rule: FaultRule, draw: str) -> bool:
    return rule.probability >= 1 or random.Random(f"{rule.seed}:{draw}").random() < rule.probability
