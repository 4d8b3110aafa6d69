"""The public state is the same in Python and in SQL, for every row that can be."""

from itertools import product
from pathlib import Path

from sqlalchemy import Column, MetaData, String, Table, create_engine, select, text

from webapp.domain.lifecycle import Action, CloudState, Desired, Phase, public_state
from webapp.models.base import enum_column
from webapp.models.public_state import LISTED_STATE, state_of

ASKED = [None, *(action for action in Action if action is not Action.TERMINATE)]
"""Ending is a request of its own, and no action."""
ROWS = list(product(Desired, Phase, [None, *CloudState], ASKED, [None, "code"]))
COLUMNS = ("desired", "phase", "cloud_state", "requested_action", "error_code")


def test_the_state_in_sql_is_the_state_in_python() -> None:
    kinds = (Desired, Phase, CloudState, Action)
    table = Table(
        "rows",
        MetaData(),
        *[Column(name, enum_column(kind)) for name, kind in zip(COLUMNS, kinds, strict=False)],
        Column("error_code", String(8)),
        Column("wanted", String(16)),
    )
    engine = create_engine("sqlite://")
    table.create(engine)
    wanted = [
        dict(zip(COLUMNS, row, strict=True))
        | {
            "wanted": public_state(
                desired=row[0], phase=row[1], cloud_state=row[2], action=row[3], has_failed=row[4] is not None
            ).value
        }
        for row in ROWS
    ]

    with engine.begin() as connection:
        connection.execute(table.insert(), wanted)
        wrong = connection.execute(select(table).where(state_of(table.c) != table.c.wanted)).all()

    assert len(ROWS) > 3000
    assert wrong == []


def test_the_migrated_column_of_lists_says_the_same(migrated_sqlite: Path) -> None:
    engine = create_engine(f"sqlite:///{migrated_sqlite}")
    with engine.connect() as connection:
        tables = text("SELECT sql FROM sqlite_master WHERE name = 'workspaces'")
        made = " ".join(str(connection.scalar(tables)).split())

    assert f"GENERATED ALWAYS AS ({' '.join(LISTED_STATE.split())})" in made
