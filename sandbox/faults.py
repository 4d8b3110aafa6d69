"""Fault injection: rules that a test adds, matched against each call, and deterministic through their seed.

`times` is how many matching calls a rule affects; -1 means no limit. `probability` is drawn once per call for
rules about a whole call, and per item for rules about the items of a batch. Each cloud defines its additional
kinds, and which other properties of a call a rule can match.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from typing import Any, ClassVar

from sandbox.errors import ControlError
from sandbox.store import Store

REFUSING = frozenset({"throttle", "http_500", "http_503", "error", "drop_before", "hang"})
"""The call is not executed (except a hang with `effect`, whose response is never sent)."""
DELIVERING = frozenset({"drop_after", "slow", "drip", "truncated", "garbage", "empty_listing"})
"""The call is executed, and the rule affects its response."""
MAX_WAIT_S = 120.0


@dataclass(frozen=True, slots=True)
class CallFacts:
    """The properties of a call that a rule can match."""

    operation: str
    values: Mapping[str, str | None] = field(default_factory=dict)
    """Keyed by the field names of the cloud's rules: account, region …"""
    subjects: tuple[str, ...] = ()
    """The resources or users that the call is about, case-insensitive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """One fault. Only `kind` is required."""

    kind: str
    operation: str = "*"
    times: int = 1
    probability: float = 1.0
    seed: int = 0
    code: str | None = None
    message: str | None = None
    status: int = 400
    seconds: float = 5.0
    """For hang, slow and drip: real seconds, at most 120. For delays such as lags: simulated seconds."""
    effect: bool = False
    """hang: execute the call before going silent."""

    ITEMWISE: ClassVar[frozenset[str]] = frozenset()
    """Kinds whose probability is drawn for each item of a batch."""
    LATER: ClassVar[frozenset[str]] = frozenset()
    """Kinds that accept the call and affect what it started."""
    NEEDING_CODE: ClassVar[frozenset[str]] = frozenset({"error"})
    DEFAULT_OPERATIONS: ClassVar[Mapping[str, frozenset[str]]] = {}
    """What "*" means for kinds that apply to some operations only."""
    CHOOSING: ClassVar[tuple[str, ...]] = ()
    """Fields that must equal the call's value of the same name, case-insensitive."""
    SUBJECTS: ClassVar[tuple[str, ...]] = ()
    """Fields that must each equal one subject of the call."""

    @classmethod
    def kinds(cls) -> frozenset[str]:
        return REFUSING | DELIVERING | cls.ITEMWISE | cls.LATER

    def fits(self, call: CallFacts) -> bool:
        if self.operation == "*":
            if call.operation not in self.DEFAULT_OPERATIONS.get(self.kind, {call.operation}):
                return False
        elif self.operation != call.operation:
            return False
        for name in self.CHOOSING:
            wanted = getattr(self, name)
            if wanted is not None and wanted.lower() != (call.values.get(name) or "").lower():
                return False
        subjects = {one.lower() for one in call.subjects}
        wanted_ones = (getattr(self, name) for name in self.SUBJECTS)
        return all(one is None or one.lower() in subjects for one in wanted_ones)


@dataclass(frozen=True, slots=True)
class MatchedRule:
    """A rule that applies to this call, with the number of its draw."""

    rule: Any
    """An instance of the cloud's own rule type."""
    draw: int


class ActiveFaults:
    """The faults of one call."""

    def __init__(self, matched: list[MatchedRule]) -> None:
        self._matched = matched

    @property
    def names(self) -> str | None:
        return ",".join(one.rule.kind for one in self._matched) or None

    def find(self, *kinds: str) -> Any:
        """The first rule of these kinds that applies; None if there is none."""
        return next((one.rule for one in self._matched if one.rule.kind in kinds), None)

    def list_of(self, kinds: frozenset[str]) -> list[Any]:
        """Every rule of these kinds that applies."""
        return [one.rule for one in self._matched if one.rule.kind in kinds]

    def find_for_item(self, kind: str, *, index: int, user: str) -> Any:
        """The rule of an item kind that applies to the item at this position of the call."""
        for one in self._matched:
            rule = one.rule
            if rule.kind != kind or (rule.items is not None and index >= rule.items):
                continue
            if rule.users and user.lower() not in {name.lower() for name in rule.users}:
                continue
            if is_drawn(rule, f"{one.draw}:{index}"):
                return rule
        return None


class Faults:
    """The rules and how often each has applied, kept in the store."""

    def __init__(self, store: Store, rule_type: type[FaultRule]) -> None:
        self._store = store
        self._rule_type = rule_type
        self._load = lru_cache(maxsize=256)(self._read)

    def read_rule(self, value: dict[str, Any]) -> FaultRule:
        """A rule from the control API. Raises ControlError that names the problem."""
        unknown = set(value) - {one.name for one in fields(self._rule_type)}
        if unknown:
            raise ControlError(f"a fault has no such field: {', '.join(sorted(unknown))}")
        kinds = self._rule_type.kinds()
        if value.get("kind") not in kinds:
            raise ControlError(f"kind must be one of {', '.join(sorted(kinds))}")
        rule = self._rule_type(**_frozen(value))
        if rule.kind in rule.NEEDING_CODE and not rule.code:
            raise ControlError(f"{rule.kind} needs a code")
        return rule

    def add(self, rule: FaultRule) -> int:
        """The number of the new rule."""
        return self._store.insert("fault", {"rule": json.dumps(asdict(rule)), "remaining": rule.times})

    def clear(self, fault_id: int | None = None) -> int:
        """The number of rules removed."""
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

    def match(self, call: CallFacts) -> ActiveFaults:
        """The faults of this call. Uses up one of `times` of each rule that applies.

        A rule that refuses the call excludes the others: nobody would see their effect.
        """
        matched = []
        for row in self._store.rows("SELECT * FROM fault WHERE remaining != 0 ORDER BY fault_id"):
            rule = self._load(row["rule"])
            if not rule.fits(call):
                continue
            self._store.run("UPDATE fault SET draws = draws + 1 WHERE fault_id = ?", row["fault_id"])
            if rule.kind in rule.ITEMWISE or is_drawn(rule, str(row["draws"])):
                matched.append((row["fault_id"], MatchedRule(rule, row["draws"])))
        refusing = [one for one in matched if one[1].rule.kind in REFUSING]
        chosen = refusing[:1] or matched
        for fault_id, _ in chosen:
            self._store.run(
                "UPDATE fault SET hits = hits + 1, remaining = CASE WHEN remaining > 0 THEN remaining - 1"
                " ELSE remaining END WHERE fault_id = ?",
                fault_id,
            )
        return ActiveFaults([one for _, one in chosen])

    def _read(self, text: str) -> FaultRule:
        return self._rule_type(**_frozen(json.loads(text)))


def _frozen(value: dict[str, Any]) -> dict[str, Any]:
    """JSON has no tuples, and a rule no lists."""
    return {name: tuple(one) if isinstance(one, list) else one for name, one in value.items()}


def is_drawn(rule: FaultRule, draw: str) -> bool:
    return rule.probability >= 1 or random.Random(f"{rule.seed}:{draw}").random() < rule.probability
