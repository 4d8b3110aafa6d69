"""From a row to an answer: the schema is the list of what is shown."""

from functools import cache
from typing import Any

from marshmallow import Schema


def members(kind: type[Schema], row: object, /, **computed: Any) -> dict[str, Any]:
    """Every member that the schema names: as `computed`, else the row's attribute of the same name.

    The schema names them one by one, so a new column slips out by no accident.
    """
    plain = {name: getattr(row, name) for name in _names(kind) if name not in computed}
    return plain | computed


@cache
def _names(kind: type[Schema]) -> tuple[str, ...]:
    return tuple(kind().dump_fields)
