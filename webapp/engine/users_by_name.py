"""Which users that Berth made are to be disabled or enabled: by the desktops that have their name."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, update

from webapp.domain.usernames import username_key
from webapp.engine.desktops import in_use
from webapp.engine.rows import hold_lease
from webapp.engine.run import Run
from webapp.models import Application, DirectoryUser, DirectoryUserState, Workspace
from webapp.queries.directory_users import is_unfinished, is_user_left

MOST = 100
"""So many are read at once."""

_IS_DISABLED = and_(
    DirectoryUser.state == DirectoryUserState.MADE,
    or_(DirectoryUser.disabled_at.is_not(None), DirectoryUser.disabling_at.is_not(None)),
)
"""By us, or perhaps by us."""


def users_named(run: Run, row: Workspace) -> list[DirectoryUser]:
    """Perhaps made with another desktop of the same directory, by another account of the company's."""
    return _read(run, _has_name_of([row]), is_unfinished(run.credential, now=run.engine.clock.now()))


def users_left(run: Run) -> Iterator[DirectoryUser]:
    """Of orders that are over, or closed."""
    is_left, last_id = is_user_left(run.credential, now=run.engine.clock.now()), 0
    while found := _read(run, is_left, DirectoryUser.id > last_id):
        yield from found
        last_id = found[-1].id


def _has_name_of(rows: Sequence[Workspace]) -> ColumnElement[bool]:
    """Whose user it is in the end, its mark says."""
    return and_(
        DirectoryUser.company_id.in_({row.company_id for row in rows}),
        DirectoryUser.username_key.in_({username_key(row.username) for row in rows}),
    )


def disabled_users(run: Run, rows: Sequence[Workspace]) -> dict[int, list[DirectoryUser]]:
    """By row: those with its name, made for its very person, whom it finds disabled."""
    if not rows:
        return {}
    users = _read(run, _has_name_of(rows), _IS_DISABLED)
    if not users:
        return {}
    with run.engine.sessions.begin() as session:
        persons = session.execute(
            select(Workspace.id, Application.seeker_id)
            .join(Application, Application.id == Workspace.application_id)
            .where(Workspace.id.in_([row.id for row in rows]))
        )
        person_of = {row_id: person_id for row_id, person_id in persons}
    found = {row.id: [one for one in users if _may_use(run, one, row, person_of[row.id])] for row in rows}
    return {row_id: them for row_id, them in found.items() if them}


def rows_shut_out(run: Run) -> Iterator[list[Workspace]]:
    """Usable desktops of the account that are open, and whose name has a user who may be disabled by us."""
    is_disabled = exists().where(
        DirectoryUser.company_id == Workspace.company_id,
        DirectoryUser.username_key == Workspace.username_key,
        _IS_DISABLED,
    )
    query = select(Workspace).where(
        *in_use(run),
        Workspace.suspended_at.is_(None),
        Workspace.access_cut_at.is_(None),
        is_disabled,
    )
    last_id = 0
    while True:
        with run.engine.sessions.begin() as session:
            found = session.scalars(
                query.where(Workspace.id > last_id).order_by(Workspace.id).limit(MOST)
            ).all()
            session.expunge_all()
        if not found:
            return
        yield list(found)
        last_id = found[-1].id


def _may_use(run: Run, user: DirectoryUser, row: Workspace, person_id: int | None) -> bool:
    """Is it the row's user? Where drivers disable users, the directory is a part of the slot."""
    suspends = run.driver.suspends
    is_of_slot = user.slot == row.slot or suspends is None or not suspends.disables_users
    is_same = user.username_key == username_key(row.username) and user.company_id == row.company_id
    return is_same and is_of_slot and user.person_id is not None and user.person_id == person_id


def _read(run: Run, *conditions: ColumnElement[bool]) -> list[DirectoryUser]:
    with run.engine.sessions.begin() as session:
        query = select(DirectoryUser).where(*conditions).order_by(DirectoryUser.id).limit(MOST)
        users = session.scalars(query).all()
        session.expunge_all()
    return list(users)


def expect_enabled(run: Run, user: DirectoryUser) -> None:
    """Before each call that enables: a worker that dies after it must not hide the user from the next end.

    `disabling_at` stays: Berth had disabled it. Raises LeaseLost.
    """
    note_user(run, user, {"disabled_at": None})


def note_user(run: Run, user: DirectoryUser, values: dict[str, datetime | str | None]) -> None:
    """Raises LeaseLost."""
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        changed: dict[str, Any] = {**values, "updated_at": run.engine.clock.now()}
        session.execute(
            update(DirectoryUser)
            .where(DirectoryUser.id == user.id)
            .values(**changed)
            .execution_options(synchronize_session=False)
        )
