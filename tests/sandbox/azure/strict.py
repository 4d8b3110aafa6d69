"""Checks raw answers against the SDKs' own models: nothing unknown, nothing missing, no strange word.

There are two generations of generated models. The older maps attributes to paths in the JSON
(`_attribute_map`), the newer has one field for each member (`_attr_to_rest_field`).
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from enum import Enum
from typing import Any

OPEN = ("vmSize",)
"""Enumerations that the SDKs know the oldest words of only."""


class NotTheModel(AssertionError):
    """The sandbox said something that the real service cannot say."""


def check_answer(model: Any, raw: Any, where: str) -> None:
    """`model` is what the SDK made of `raw`. Raises NotTheModel, naming the place."""
    if isinstance(model, list):
        _demand(isinstance(raw, list) and len(raw) == len(model), where, "is not the same list")
        for number, (one, inner) in enumerate(zip(model, raw, strict=True)):
            check_answer(one, inner, f"{where}[{number}]")
    elif hasattr(type(model), "_attribute_map"):
        _check_old(model, raw, where)
    elif hasattr(type(model), "_attr_to_rest_field"):
        _check_new(model, raw, where)


def _check_old(model: Any, raw: dict[str, Any], where: str) -> None:
    known = {value["key"].replace("\\.", "\0"): name for name, value in model._attribute_map.items()}
    found = dict(_paths(raw, "", known, where))
    for path, value in found.items():
        if value is not None:
            check_answer(getattr(model, known[path]), value, f"{where}.{path}")
    for path, name in known.items():
        is_required = model._validation.get(name, {}).get("required", False)
        _demand(path in found or not is_required, where, f"lacks {path}")


def _paths(raw: dict[str, Any], prefix: str, known: dict[str, str], where: str) -> Iterator[tuple[str, Any]]:
    """Every member of the JSON that is an attribute, by its path."""
    for name, value in raw.items():
        path = prefix + name
        if path in known:
            yield path, value
        else:
            is_on_the_way = any(one.startswith(f"{path}.") for one in known)
            _demand(is_on_the_way and isinstance(value, dict), where, f"has no member {path}")
            yield from _paths(value, f"{path}.", known, where)


def _check_new(model: Any, raw: dict[str, Any], where: str) -> None:
    fields = {field._rest_name: name for name, field in model._attr_to_rest_field.items()}
    annotations: dict[str, Any] = {}
    for base in reversed(type(model).__mro__):
        annotations |= base.__dict__.get("__annotations__", {})
    for member, value in raw.items():
        _demand(member in fields, where, f"has no member {member}")
        name = fields[member]
        read = getattr(model, name)
        is_word = isinstance(read, str) and not isinstance(read, Enum) and member not in OPEN
        _demand(not (is_word and _is_enum(annotations[name])), where, f"has a strange {member}: {value!r}")
        if value is not None:
            check_answer(read, value, f"{where}.{member}")
    for member, name in fields.items():
        is_required = name in annotations and type(None) not in typing.get_args(annotations[name])
        _demand(member in raw or not is_required, where, f"lacks {member}")


def _is_enum(annotation: Any) -> bool:
    """`Union[str, "_models.SomeEnum"]`, optional or not."""
    arguments = typing.get_args(annotation)
    return str in arguments and any("_models" in str(one) for one in arguments)


def _demand(holds: bool, where: str, complaint: str) -> None:
    if not holds:
        raise NotTheModel(f"{where} {complaint}")
