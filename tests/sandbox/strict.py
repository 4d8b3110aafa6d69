"""Checks raw answers against botocore's own service model: nothing unknown, nothing of a wrong type."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from botocore.model import OperationModel, Shape


class NotTheModel(AssertionError):
    """The sandbox said something that the real service cannot say."""


def check_answer(operation: OperationModel, response: dict[str, Any]) -> bool:
    """Whether there was something to check (errors and scripted rubbish are left to botocore)."""
    content_type = response["headers"].get("content-type", "")
    if response["status_code"] >= 300 or content_type.startswith("text/html"):
        return False
    if content_type.startswith(("application/x-amz-json", "application/json")):
        try:
            value = json.loads(response["body"])
        except ValueError:
            return False  # cut short on purpose: botocore shows what it makes of that
        check_json(operation.output_shape, value, operation.name)
    else:
        check_xml(operation, ElementTree.fromstring(response["body"]))
    return True


def check_json(shape: Shape | None, value: Any, where: str) -> None:
    """Raises NotTheModel, naming the place."""
    if shape is None:
        _demand(value == {}, where, "has no output in the model")
    elif shape.type_name == "structure":
        _demand(isinstance(value, dict), where, "is not a structure")
        for name in shape.required_members:
            _demand(name in value, where, f"lacks {name}")
        for name, inner in value.items():
            _demand(name in shape.members, where, f"has no member {name}")
            check_json(shape.members[name], inner, f"{where}.{name}")
    elif shape.type_name == "list":
        _demand(isinstance(value, list), where, "is not a list")
        for index, inner in enumerate(value):
            check_json(shape.member, inner, f"{where}[{index}]")
    elif shape.type_name == "map":
        _demand(isinstance(value, dict), where, "is not a map")
        for name, inner in value.items():
            check_json(shape.value, inner, f"{where}[{name}]")
    else:
        _check_scalar(shape, value, where)


_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "float": (int, float),
    "timestamp": (int, float),
}


def _check_scalar(shape: Shape, value: Any, where: str) -> None:
    wanted = _SCALARS[shape.type_name]
    is_bool_elsewhere = isinstance(value, bool) and shape.type_name != "boolean"
    _demand(isinstance(value, wanted) and not is_bool_elsewhere, where, f"is no {shape.type_name}: {value!r}")
    if getattr(shape, "enum", None):
        _demand(value in shape.enum, where, f"is none of the enumeration: {value!r}")
    size = len(value) if isinstance(value, str) else None
    if size is not None:
        _demand(
            shape.metadata.get("min", 0) <= size <= shape.metadata.get("max", size),
            where,
            "has a wrong length",
        )
    pattern = shape.metadata.get("pattern")
    if pattern and isinstance(value, str):
        _demand(re.search(pattern, value) is not None, where, f"does not match {pattern}: {value!r}")


def check_xml(operation: OperationModel, root: ElementTree.Element) -> None:
    """The query protocol wraps the result once more than EC2's."""
    shape = operation.output_shape
    wrapper = (shape.serialization or {}).get("resultWrapper") if shape else None
    if wrapper:
        inner = next((one for one in root if _tag(one) == wrapper), None)
        _demand(inner is not None, operation.name, f"lacks {wrapper}")
        _check_element(shape, inner, operation.name)
    else:
        _check_element(shape, root, operation.name, ignore=("requestId",))


def _check_element(shape: Any, element: Any, where: str, ignore: tuple[str, ...] = ()) -> None:
    if shape.type_name == "structure":
        members = {inner.serialization.get("name", name): inner for name, inner in shape.members.items()}
        for child in element:
            if _tag(child) in ignore:
                continue
            _demand(_tag(child) in members, where, f"has no member {_tag(child)}")
            _check_element(members[_tag(child)], child, f"{where}.{_tag(child)}")
    elif shape.type_name == "list":
        for child in element:
            _demand(
                _tag(child) == shape.member.serialization.get("name", "member"), where, "has a strange item"
            )
            _check_element(shape.member, child, f"{where}[]")
    else:
        text = element.text or ""
        read = {
            "integer": int,
            "boolean": {"true": True, "false": False}.__getitem__,
            "timestamp": lambda said: datetime.strptime(said, "%Y-%m-%dT%H:%M:%S%z").timestamp(),
        }.get(shape.type_name, str)
        _check_scalar(shape, read(text), where)


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _demand(holds: bool, where: str, complaint: str) -> None:
    if not holds:
        raise NotTheModel(f"{where} {complaint}")
