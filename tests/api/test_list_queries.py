"""A page of a long list costs as many queries as one of a short list."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event, insert, select

from tests.api.world import Callers
from webapp.extensions import db
from webapp.models import Application, Workspace


def add_workspaces(api_app: Flask, api: Callers, number: int) -> None:
    """Ended ones of one application: everything but their place is as in life."""
    with api_app.app_context():
        columns = [one for one in Workspace.__table__.columns if one.computed is None]
        row = (
            db.session.execute(select(*columns).where(Workspace.id == api.world.workspace_id))
            .mappings()
            .one()
        )
        over = {"phase": "gone", "is_deleted": False, "cloud_workspace_id": None}
        db.session.execute(
            insert(Workspace.__table__),
            [{**row, **over, "id": 1000 + place, "uid": f"{place:032}"} for place in range(number)],
        )
        db.session.commit()
        assert db.session.get(Application, row["application_id"]) is not None


@contextmanager
def counted(api_app: Flask) -> Iterator[list[str]]:
    statements: list[str] = []
    with api_app.app_context():
        engine = db.engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("by", ["provider", "seeker"])
def test_the_number_of_queries_does_not_grow_with_the_list(api_app: Flask, api: Callers, by: str):
    paths = [f"/workspaces/?limit=200{more}" for more in ("", "&state=TERMINATED", "&q=sam")]
    api("GET", "/workspaces/", by=by)  # the use of the token is written down once a minute

    def count() -> list[int]:
        counts = []
        for path in paths:
            with counted(api_app) as statements:
                assert api("GET", path, by=by).status_code == 200
            counts.append(len([one for one in statements if not one.startswith("BEGIN")]))
        return counts

    few = count()
    add_workspaces(api_app, api, 400)
    many = count()

    assert api("GET", paths[0], by=by).json["count"] == 401
    # The token, the page, the count; and SQLite's index for searching: whether there is one, and what it has.
    assert few == many == [3, 3, 5 if by == "provider" else 3]
