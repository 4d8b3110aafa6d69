"""What the trail shows of a changed row: by column, what was there and what is there now. Never a secret."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.engine import Result

from webapp.database import changed_rows
from webapp.models import Base

PASSING = {"last_seen_at", "last_used_at", "succeeded_at", "updated_at", "version"}
"""Columns that alone are no change."""
_HIDDEN = re.compile(r"hash|sealed|secret|token|password|link|key$")
_SHOWN_DICTS = ("public_fields",)
NAMING = {"name", "email"}
LONGEST_VALUE = 200
_OWN_WORDS = ("message", "note")
"""What people have written about themselves: it is emptied when they are removed."""


def difference(row: Base, *, is_new: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """By column, what was there and what is there now, where that differs."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for column in inspect(row).mapper.column_attrs:
        history = inspect(row).attrs[column.key].history
        if not history.has_changes():
            continue
        if history.added:
            after[column.key] = history.added[0]
        if history.deleted and not is_new:
            before[column.key] = history.deleted[0]
    if not is_new and not ((before.keys() | after.keys()) - PASSING):
        return {}, {}
    if "removed_at" in after:  # who is removed is not named here either
        before = {name: value for name, value in before.items() if name not in NAMING}
    return plain(before), plain(after)


def values_of(row: Base) -> dict[str, Any]:
    loaded = inspect(row).dict
    return {one.key: loaded[one.key] for one in inspect(row).mapper.column_attrs if one.key in loaded}


def id_of(row: Base) -> Any:
    identity_of = inspect(row).mapper.primary_key_from_instance(row)
    return identity_of[0] if len(identity_of) == 1 else list(identity_of)


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """What may be shown of them: of a secret only that it changed."""
    return {
        name: "•••" if _HIDDEN.search(name) and value is not None else shown(name, value)
        for name, value in values.items()
        if value is not None or name not in PASSING
    }


def shown(name: str, value: Any) -> Any:
    if name in _OWN_WORDS and value:
        return "…"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): shown("", one) for key, one in value.items()} if name in _SHOWN_DICTS else "…"
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [shown("", one) for one in list(value)[:20]]
    return str(value)[:LONGEST_VALUE]


def ids_in(values: Mapping[str, Any]) -> dict[str, Any]:
    """Which rows the statement is about, where it names them."""
    found = [value for name, value in values.items() if re.fullmatch(r"id_[0-9]+", name)]
    return {"id": shown("", found[0])} if found else {}


def counted(done: Result[Any]) -> tuple[Result[Any], int]:
    """The same result, and how many rows the statement hit; one that returns rows is read for that."""
    if hasattr(done, "rowcount"):
        return done, changed_rows(done)
    frozen = done.freeze()
    return frozen(), len(frozen.data)
