"""The decisions' values name real columns, of the columns' types; the engine copies each of them."""

from dataclasses import fields
from types import NoneType
from typing import get_args, get_type_hints

from tests.cases import each_case
from webapp.domain.decisions.change import RowChange, Unchanged
from webapp.domain.decisions.row import RowState
from webapp.engine.rows import row_state
from webapp.models import Schedule, Workspace

COLUMNS = {
    name: set(get_args(get_args(mapped)[0]) or get_args(mapped))
    for table in (Schedule, Workspace)
    for name, mapped in get_type_hints(table).items()
    if name in table.__table__.columns
}
"""The types of each column of a workspace and its schedule, with that of None where it may be empty."""


def _types(value: type, name: str) -> set[type]:
    hint = get_type_hints(value)[name]
    return set(get_args(hint) or (hint,))


@each_case("name", [one.name for one in fields(RowState)])
def test_what_the_decisions_read_is_a_column(name: str) -> None:
    assert _types(RowState, name) == COLUMNS[name]


@each_case("name", [one.name for one in fields(RowChange)])
def test_what_the_decisions_write_is_a_column(name: str) -> None:
    written = _types(RowChange, name) - {Unchanged}

    assert written | {NoneType} == COLUMNS[name] | {NoneType}
    assert written <= COLUMNS[name]


def test_the_engine_copies_every_column_that_the_decisions_read() -> None:
    names = [one.name for one in fields(RowState)]
    marks = {name: object() for name in names}

    state = row_state(Workspace(**marks))

    assert {name: getattr(state, name) for name in names} == marks
