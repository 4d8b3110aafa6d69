"""Bring workspaces into a state as a worker would: by their columns, wherever these are stored."""

from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session, scoped_session

from webapp.engine.rows import SCHEDULED
from webapp.models import Workspace
from webapp.models.schedule import reschedule


def set_rows(
    session: Session | scoped_session[Session], which: ColumnElement[bool], /, **columns: Any
) -> None:
    """The caller commits."""
    scheduled = {name: columns.pop(name) for name in SCHEDULED if name in columns}
    ids = session.scalars(select(Workspace.id).where(which)).all()
    reschedule(session, ids, **scheduled)
    if columns:
        session.execute(update(Workspace).where(Workspace.id.in_(ids)).values(**columns))
