"""Filter expressions of Cost Explorer: And, Or, Not, Dimensions and Tags, nested."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.aws.bill import Line
from sandbox.aws.errors import AwsError
from sandbox.aws.validate import check_structure, check_structures, check_text, check_texts

Test = Callable[[Line, Mapping[str, str]], bool]
"""Whether a line, with the values of its tags, is wanted."""

DIMENSIONS: dict[str, Callable[[Line], str]] = {
    "SERVICE": lambda line: line.service,
    "REGION": lambda line: line.region or "NoRegion",
    "USAGE_TYPE": lambda line: line.usage_type or "NoUsageType",
    "LINKED_ACCOUNT": lambda line: line.account_id,
    "RECORD_TYPE": lambda line: line.record_type,
}
RESOURCE_ID = "RESOURCE_ID"
WITH_RESOURCES = {**DIMENSIONS, RESOURCE_ID: lambda line: line.resource_id or "NoResourceId"}
MAX_VALUES = 10_000
_MATCHES = ("EQUALS", "CASE_SENSITIVE", "ABSENT")


def refuse(message: str) -> AwsError:
    return AwsError("ValidationException", message)


def find_dimension(name: str | None, allowed: Mapping[str, Callable[[Line], str]]) -> Callable[[Line], str]:
    """Raises AwsError for a dimension that this operation does not know."""
    found = allowed.get(name or "")
    if found is None:
        raise refuse(f"Dimension {name} is not allowed.")
    return found


def tags_in(expression: dict[str, Any]) -> set[str]:
    """The keys of the tags that an expression asks for."""
    found = {str(check_structure(expression, "Tags").get("Key"))} if "Tags" in expression else set()
    for inner in _inner(expression):
        found |= tags_in(inner)
    return found


def names_dimension(expression: dict[str, Any], name: str) -> bool:
    """Whether an expression asks for a dimension anywhere."""
    if check_structure(expression, "Dimensions").get("Key") == name:
        return True
    return any(names_dimension(inner, name) for inner in _inner(expression))


def _inner(expression: dict[str, Any]) -> list[dict[str, Any]]:
    found = [one for name in ("And", "Or") for one in check_structures(expression, name, most=MAX_VALUES)]
    return found + ([check_structure(expression, "Not")] if "Not" in expression else [])


def read_filter(expression: dict[str, Any], allowed: Mapping[str, Callable[[Line], str]]) -> Test:
    """The test that an expression means. Raises AwsError."""
    if len(expression) != 1:
        raise refuse("Expression should have exactly one root expression.")
    [kind] = expression
    if kind in ("And", "Or"):
        tests = [read_filter(one, allowed) for one in _inner(expression)]
        if len(tests) < 2:
            raise refuse(f"{kind} expression must have at least 2 operands.")
        combine = all if kind == "And" else any
        return lambda line, tags: combine(test(line, tags) for test in tests)
    if kind == "Not":
        test = read_filter(check_structure(expression, "Not"), allowed)
        return lambda line, tags: not test(line, tags)
    return _read_leaf(kind, check_structure(expression, kind), allowed)


def _read_leaf(kind: str, leaf: dict[str, Any], allowed: Mapping[str, Callable[[Line], str]]) -> Test:
    key = check_text(leaf, "Key", required=True) or ""
    values = set(check_texts(leaf, "Values", most=MAX_VALUES))
    options = check_texts(leaf, "MatchOptions", most=len(_MATCHES))
    if not set(options) <= set(_MATCHES):
        raise refuse(f"MatchOptions {', '.join(options)} are not supported.")
    if "ABSENT" in options:
        values = {""}
    if kind == "Dimensions":
        read = find_dimension(key, allowed)
        return lambda line, tags: read(line) in values
    if kind == "Tags":
        return lambda line, tags: tags[key] in values
    raise refuse(f"The sandbox cannot filter by {kind}.")
