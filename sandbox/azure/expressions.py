"""The expressions of deployment templates, such as `[concat(parameters('name'), '-nic')]`: a subset."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.azure.ids import arm_id, group_id, guid

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+)|(?P<name>[A-Za-z_]\w*)|(?P<mark>[()\[\],.]))"
)
_PATTERNS = (
    ("yyyy", "%Y"),
    ("MM", "%m"),
    ("dd", "%d"),
    ("HH", "%H"),
    ("mm", "%M"),
    ("ss", "%S"),
)


class TemplateError(Exception):
    """The template is invalid; the message says why."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The values that expressions can use."""

    subscription_id: str
    resource_group: str
    location: str
    """Of the resource group."""
    tenant_id: str
    deployment: str
    now: float
    parameters: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    is_default: bool = False
    """True inside the default value of a parameter: the only place where `utcNow` is allowed."""


def evaluate(value: Any, scope: Scope) -> Any:
    """The value with every expression in it evaluated. Raises TemplateError."""
    if isinstance(value, str):
        if value.startswith("[["):
            return value[1:]
        if value.startswith("[") and value.endswith("]"):
            return _Reader(value[1:-1], scope).whole()
        return value
    if isinstance(value, dict):
        return {name: evaluate(one, scope) for name, one in value.items()}
    if isinstance(value, list):
        return [evaluate(one, scope) for one in value]
    return value


class _Reader:
    """Parses and evaluates an expression in one pass."""

    def __init__(self, text: str, scope: Scope) -> None:
        self._text, self._scope, self._at = text, scope, 0
        self._kind, self._word = "", ""
        self._step()

    def whole(self) -> Any:
        value = self._value()
        if self._kind:
            raise TemplateError(f"Unable to parse language expression '{self._text}'.")
        return value

    def _step(self) -> None:
        rest = self._text[self._at :]
        if not rest.strip():
            self._kind, self._word = "", ""
            return
        found = _TOKEN.match(rest)
        if found is None or found.lastgroup is None:
            raise TemplateError(f"Unable to parse language expression '{self._text}'.")
        self._kind, self._word = found.lastgroup, found[found.lastgroup]
        self._at += found.end()

    def _take(self, mark: str) -> bool:
        if self._kind == "mark" and self._word == mark:
            self._step()
            return True
        return False

    def _want(self, mark: str) -> None:
        if not self._take(mark):
            raise TemplateError(f"Unable to parse language expression '{self._text}': '{mark}' is missing.")

    def _value(self) -> Any:
        kind, word = self._kind, self._word
        self._step()
        if kind == "text":
            return word[1:-1].replace("''", "'")
        if kind == "number":
            return int(word)
        if kind != "name":
            raise TemplateError(f"Unable to parse language expression '{self._text}'.")
        return self._members(self._call(word))

    def _call(self, name: str) -> Any:
        self._want("(")
        values: list[Any] = []
        while not self._take(")"):
            if values:
                self._want(",")
            values.append(self._value())
        function = FUNCTIONS.get(name.lower())
        if function is None:
            raise TemplateError(f"The template function '{name}' is not valid.")
        try:
            return function(self._scope, *values)
        except (TypeError, ValueError, KeyError, IndexError) as error:
            raise TemplateError(f"The template function '{name}' cannot be evaluated: {error}.") from None

    def _members(self, value: Any) -> Any:
        while True:
            if self._take("."):
                key: Any = self._word
                self._step()
            elif self._take("["):
                key = self._value()
                self._want("]")
            else:
                return value
            value = _member(value, key)


def _member(value: Any, key: Any) -> Any:
    try:
        if isinstance(value, dict) and isinstance(key, str):
            return next(one for name, one in value.items() if name.lower() == key.lower())
        return value[key]
    except (StopIteration, KeyError, IndexError, TypeError):
        raise TemplateError(f"The language expression property '{key}' doesn't exist.") from None


def _parameters(scope: Scope, name: str) -> Any:
    if name not in scope.parameters:
        raise TemplateError(f"The template parameter '{name}' is not found.")
    return scope.parameters[name]


def _variables(scope: Scope, name: str) -> Any:
    if name not in scope.variables:
        raise TemplateError(f"The template variable '{name}' is not found.")
    return evaluate(scope.variables[name], scope)


def _resource_id(scope: Scope, *values: str) -> str:
    """[subscription,] [group,] type, names…"""
    given = list(values)
    place = next((number for number, one in enumerate(given) if "/" in one), None)
    if place is None:
        raise ValueError("there is no type of a resource")
    before, type_name, names = given[:place], given[place], given[place + 1 :]
    group = before[-1] if before else scope.resource_group
    subscription = before[0] if len(before) == 2 else scope.subscription_id
    return arm_id(subscription, group, type_name, *names)


def _concat(_: Scope, *values: Any) -> Any:
    if values and isinstance(values[0], list):
        return [one for value in values for one in value]
    return "".join(_text(value) for value in values)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _utc_now(scope: Scope, pattern: str = "yyyyMMddTHHmmssZ") -> str:
    if not scope.is_default:
        raise TemplateError("The template function 'utcNow' is only valid in a default value of a parameter.")
    for word, code in _PATTERNS:
        pattern = pattern.replace(word, code)
    return datetime.fromtimestamp(scope.now, UTC).strftime(pattern)


def _group(scope: Scope) -> dict[str, Any]:
    return {
        "id": group_id(scope.subscription_id, scope.resource_group),
        "name": scope.resource_group,
        "location": scope.location,
    }


def _comparable(first: Any, second: Any) -> None:
    if type(first) is not type(second) or not isinstance(first, (int, str)):
        raise ValueError("both must be numbers or both strings")


def _less(_: Scope, first: Any, second: Any) -> bool:
    _comparable(first, second)
    return bool(first < second)


def _less_or_equal(_: Scope, first: Any, second: Any) -> bool:
    _comparable(first, second)
    return bool(first <= second)


def _equals(_: Scope, first: Any, second: Any) -> bool:
    return bool(first == second)


def _if(_: Scope, condition: bool, yes: Any, no: Any) -> Any:
    return yes if condition else no


def _format(_: Scope, pattern: str, *values: Any) -> str:
    return pattern.format(*(_text(value) for value in values))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "parameters": _parameters,
    "variables": _variables,
    "resourceid": _resource_id,
    "concat": _concat,
    "utcnow": _utc_now,
    "resourcegroup": _group,
    "subscription": lambda scope: {"subscriptionId": scope.subscription_id, "tenantId": scope.tenant_id},
    "deployment": lambda scope: {"name": scope.deployment},
    "less": _less,
    "lessorequals": _less_or_equal,
    "greater": lambda scope, first, second: not _less_or_equal(scope, first, second),
    "greaterorequals": lambda scope, first, second: not _less(scope, first, second),
    "equals": _equals,
    "not": lambda _, value: not value,
    "and": lambda _, *values: all(values),
    "or": lambda _, *values: any(values),
    "if": _if,
    "true": lambda _: True,
    "false": lambda _: False,
    "null": lambda _: None,
    "tolower": lambda _, value: str(value).lower(),
    "toupper": lambda _, value: str(value).upper(),
    "string": lambda _, value: _text(value),
    "int": lambda _, value: int(value),
    "bool": lambda _, value: str(value).lower() in ("true", "1"),
    "length": lambda _, value: len(value),
    "empty": lambda _, value: not value,
    "contains": lambda _, value, one: one in value,
    "format": _format,
    "createarray": lambda _, *values: list(values),
    "union": lambda _, *values: {name: one for value in values for name, one in value.items()},
    "uniquestring": lambda _, *values: guid(*values).replace("-", "")[:13],
    "guid": lambda _, *values: guid(*values),
}
"""Keyed by name in lower case. `reference` and `list…` are missing: they need responses of the resources."""
