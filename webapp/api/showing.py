"""From a row to an answer: the schema is the list of what is shown."""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

from marshmallow import Schema

from webapp.api.blueprint import bp

F = TypeVar("F", bound=Callable[..., Any])


def members(kind: type[Schema], row: object, /, **computed: Any) -> dict[str, Any]:
    """Every member that the schema names: as `computed`, else the row's attribute of the same name.

    The schema names them one by one, so a new column slips out by no accident.
    """
    plain = {name: getattr(row, name) for name in _names(kind) if name not in computed}
    return plain | computed


def shown_by_role(*, provider: type[Schema], seeker: type[Schema]) -> Callable[[F], F]:
    """Document that the answer has fewer members for a seeker. Place below `bp.response`."""
    content = {"application/json": {"schema": {"anyOf": [provider, seeker]}}}

    def decorate(view: F) -> F:
        return cast(F, bp.doc(responses={200: {"content": content}})(view))

    return decorate


@cache
def _names(kind: type[Schema]) -> tuple[str, ...]:
    return tuple(kind().dump_fields)
