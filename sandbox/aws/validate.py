"""The cloud's own parameter checks that botocore does not perform: list sizes, patterns, enumerations."""

from __future__ import annotations

import re
from typing import Any

from sandbox.aws.errors import AwsError

DIRECTORY_ID = r"(d-[0-9a-f]{8,63}|wsd-[0-9a-z]{8,63})"
WORKSPACE_ID = r"ws-[0-9a-z]{8,63}"
BUNDLE_ID = r"wsb-[0-9a-z]{8,63}"
IMAGE_ID = r"wsi-[0-9a-z]{9,63}"
MAX_BATCH = 25


def check_list(
    params: dict[str, Any], name: str, *, most: int, least: int = 0, required: bool = False
) -> list[Any]:
    """The list parameter of this name, [] when absent. Raises ValidationException."""
    value = params.get(name)
    if value is None:
        if required:
            _refuse(name, value, "Member must not be null")
        return []
    if not isinstance(value, list):
        raise AwsError("SerializationException", f"{name} must be a list.")
    if len(value) > most:
        _refuse(name, value, f"Member must have length less than or equal to {most}")
    if len(value) < least:
        _refuse(name, value, f"Member must have length greater than or equal to {least}")
    return value


def check_structures(
    params: dict[str, Any], name: str, *, most: int, least: int = 0, required: bool = False
) -> list[dict[str, Any]]:
    """A list of structures, [] when absent."""
    found = check_list(params, name, most=most, least=least, required=required)
    if not all(isinstance(one, dict) for one in found):
        raise AwsError("SerializationException", f"Each member of {name} must be a structure.")
    return found


def check_texts(params: dict[str, Any], name: str, *, most: int, required: bool = False) -> list[str]:
    """A list of strings, [] when absent."""
    found = check_list(params, name, most=most, required=required)
    if not all(isinstance(one, str) for one in found):
        raise AwsError("SerializationException", f"Each member of {name} must be a string.")
    return found


def check_structure(params: dict[str, Any], name: str) -> dict[str, Any]:
    """The structure of this name, {} when absent."""
    value = params.get(name)
    if value is not None and not isinstance(value, dict):
        raise AwsError("SerializationException", f"{name} must be a structure.")
    return value or {}


def check_text(
    params: dict[str, Any],
    name: str,
    *,
    pattern: str | None = None,
    required: bool = False,
    longest: int | None = None,
) -> str | None:
    """The string of this name. Raises ValidationException."""
    value = params.get(name)
    if value is None:
        if required:
            _refuse(name, value, "Member must not be null")
        return None
    if not isinstance(value, str):
        raise AwsError("SerializationException", f"{name} must be a string.")
    if pattern and not re.fullmatch(pattern, value):
        _refuse(name, value, f"Member must satisfy regular expression pattern: ^{pattern}$")
    if longest is not None and len(value) > longest:
        _refuse(name, value, f"Member must have length less than or equal to {longest}")
    return value


def check_flag(params: dict[str, Any], name: str) -> None:
    if not isinstance(params.get(name), bool | None):
        raise AwsError("SerializationException", f"{name} must be true or false.")


def check_enum(params: dict[str, Any], name: str, allowed: tuple[str, ...]) -> str | None:
    value = check_text(params, name)
    if value is not None and value not in allowed:
        _refuse(name, value, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
    return value


def check_number(params: dict[str, Any], name: str, *, least: int, most: int) -> int | None:
    value = params.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise AwsError("SerializationException", f"{name} must be a number.")
    if value > most:
        _refuse(name, value, f"Member must have value less than or equal to {most}")
    if value < least:
        _refuse(name, value, f"Member must have value greater than or equal to {least}")
    return value


def check_ids(params: dict[str, Any], name: str, pattern: str, *, most: int = MAX_BATCH) -> list[str]:
    """A list of well-formed ids, possibly empty."""
    ids = check_list(params, name, most=most)
    for index, one in enumerate(ids):
        check_text({f"{name}.{index + 1}.member": one}, f"{name}.{index + 1}.member", pattern=pattern)
    return ids


def _refuse(name: str, value: object, rule: str) -> None:
    shown = "null" if value is None else f"'{value}'"
    where = name[:1].lower() + name[1:]
    raise AwsError(
        "ValidationException",
        f"1 validation error detected: Value {shown} at '{where}' failed to satisfy constraint: {rule}",
    )
