"""The dimensions of a cost, and a query's filter: `and`, `or`, `dimensions` and `tags`, operator `In`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sandbox.azure.bill import Line
from sandbox.azure.errors import Json, QueryError

Test = Callable[[Line], bool]
DIMENSIONS: Mapping[str, Callable[[Line], str]] = {
    "ResourceId": lambda line: line.resource_id,
    "ResourceGroupName": lambda line: line.resource_group,
    "ResourceGroup": lambda line: line.resource_group,
    "ResourceType": lambda line: line.resource_type,
    "ServiceName": lambda line: line.service,
    "MeterCategory": lambda line: line.meter_category,
}
_LIKE = {name.lower(): name for name in DIMENSIONS}


def bad_query(reason: str) -> QueryError:
    return QueryError("BadRequest", f"Invalid query definition: {reason}")


def dimension_named(name: object) -> str:
    """The dimension as Azure writes it. Raises QueryError."""
    found = _LIKE.get(str(name).lower())
    if found is None:
        raise bad_query(f"Invalid dimension {name}; valid dimensions: {', '.join(sorted(DIMENSIONS))}.")
    return found


@lru_cache(maxsize=4096)
def _tags(text: str) -> dict[str, str]:
    """Keys in lower case: tags are found in any case."""
    return {str(key).lower(): str(value) for key, value in json.loads(text).items()}


def tag_of(line: Line, name: str) -> str | None:
    return _tags(line.tags).get(name.lower())


def read_filter(given: Json | None) -> Test:
    """Raises QueryError."""
    if not given:
        return lambda line: True
    if len(given) != 1:
        raise bad_query("A filter has exactly one of and, or, dimensions, tags.")
    [(kind, inner)] = given.items()
    if kind.lower() in ("and", "or"):
        if not isinstance(inner, list) or len(inner) < 2:
            raise bad_query(f"'{kind}' must have at least 2 items.")
        tests = [read_filter(one) for one in inner]
        if kind.lower() == "and":
            return lambda line: all(test(line) for test in tests)
        return lambda line: any(test(line) for test in tests)
    if kind.lower() not in ("dimensions", "tags"):
        raise bad_query(f"Invalid filter {kind}.")
    return _comparison(inner, is_tag=kind.lower() == "tags")


def _comparison(given: Any, *, is_tag: bool) -> Test:
    """Values of dimensions are compared in any case, those of tags exactly."""
    if not isinstance(given, dict) or str(given.get("operator")).lower() != "in":
        raise bad_query("The operator must be In.")
    values = given.get("values")
    if not isinstance(values, list) or not values:
        raise bad_query("A comparison has at least one value.")
    if is_tag:
        name, exact = str(given.get("name")), {str(one) for one in values}
        return lambda line: tag_of(line, name) in exact
    value_of = DIMENSIONS[dimension_named(given.get("name"))]
    wanted = {str(one).lower() for one in values}
    return lambda line: value_of(line).lower() in wanted
