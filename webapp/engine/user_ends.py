"""The end of the users that Berth made: disabled with their desktops or their access, and never deleted."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select, true, update

from webapp.clouds.people import ManagesPeople
from webapp.domain import catalogue
from webapp.domain.decisions.change import NO_CHANGE
from webapp.domain.decisions.note import Level, Note, facts_of
from webapp.domain.errors import CloudError, Failure
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.usernames import username_key
from webapp.engine.directory_users import SPREADS_FOR
from webapp.engine.rows import Stale, change, hold_lease
from webapp.engine.run import Run
from webapp.models import DirectoryUser, DirectoryUserState, Event, Workspace
from webapp.models.workspace import IS_LIVE

NOT_DISABLED = "user_not_disabled"
MOST = 100
"""So many in one run of the duty."""


def disable_users(run: Run, row: Workspace) -> None:
    """Those that the row's order made. Safe to repeat; what the directory refuses is noted once, and is
    done by the duty `end_users`.

    Raises LeaseLost.
    """
    people = run.driver.people
    if not row.creates_user or people is None:
        return
    for user in _users_of(run, row):
        try:
            _disable(run, people, user)
        except CloudError as error:  # also of the whole account: the termination will meet it by itself
            _report(run, row, user, error.failure)


def suspend_users(run: Run, row: Workspace) -> None:
    """The same when access ends and the desktop is kept: what passes is tried again with the next look.

    A right that is missing keeps nobody in: the desktop itself has no person any more. Raises CloudError of
    what passes, LeaseLost.
    """
    people = run.driver.people
    if not row.creates_user or people is None:
        return
    for user in _users_of(run, row):
        try:
            _disable(run, people, user)
        except CloudError as error:
            if error.failure.trouble.is_transient:
                raise
            _report(run, row, user, error.failure)


def resume_users(run: Run, row: Workspace) -> None:
    """Enable those whom `suspend_users` has disabled. Safe to repeat. Raises CloudError, LeaseLost."""
    people = run.driver.people
    if not row.creates_user or people is None:
        return
    with run.engine.sessions.begin() as session:
        users = session.scalars(
            select(DirectoryUser).where(
                DirectoryUser.workspace_id == row.id,
                DirectoryUser.credential_id == row.credential_id,
                DirectoryUser.state == DirectoryUserState.MADE,
                DirectoryUser.disabled_at.is_not(None),
            )
        ).all()
        session.expunge_all()
    for user in users:
        found = people.find_user(user.username)
        if found is not None and found.mark == user.mark and not found.is_enabled:
            people.enable_user(found)
        run.engine.crashpoint("user_enabled")
        _note(run, user, {"disabled_at": None})


def end_users(run: Run) -> Iterator[None]:
    """The duty: those whose end the directory had refused, or whose create had no answer when it came.

    What is refused for one keeps nobody else. Raises CloudError, LeaseLost.
    """
    people, refused = run.driver.people, None
    if people is None:
        return
    for user in _users_left(run):
        try:
            _disable(run, people, user)
        except CloudError as error:
            refused = error
        yield
    if refused is not None:
        raise refused


def _users_of(run: Run, row: Workspace) -> list[DirectoryUser]:
    return _without_desktop(run, DirectoryUser.workspace_id == row.id, but=row.id)


def _users_left(run: Run) -> list[DirectoryUser]:
    """Of orders that are over."""
    is_over = or_(Workspace.phase == Phase.GONE, Workspace.desired == Desired.ABSENT)
    ended = exists().where(Workspace.id == DirectoryUser.workspace_id, is_over)
    return _without_desktop(run, ended, but=None)


def _without_desktop(run: Run, condition: ColumnElement[bool], *, but: int | None) -> list[DirectoryUser]:
    """Those who may be enabled, and have no other desktop, perhaps in another pool of the same directory."""
    with run.engine.sessions.begin() as session:
        users = session.scalars(
            select(DirectoryUser)
            .where(
                condition,
                DirectoryUser.credential_id == run.credential.id,
                DirectoryUser.state.in_((DirectoryUserState.INTENT, DirectoryUserState.MADE)),
                DirectoryUser.disabled_at.is_(None),
            )
            .order_by(DirectoryUser.id)
            .limit(MOST)
        ).all()
        names = session.scalars(
            select(Workspace.username_key).where(
                Workspace.company_id == run.credential.company_id,
                Workspace.username_key.in_([username_key(user.username) for user in users]),
                Workspace.cloud_provider == run.credential.cloud_provider,
                Workspace.id != but if but is not None else true(),
                IS_LIVE,
            )
        ).all()
        session.expunge_all()
    return [user for user in users if username_key(user.username) not in names]


def _disable(run: Run, people: ManagesPeople, user: DirectoryUser) -> None:
    """Only with the mark of this very row. Raises CloudError, LeaseLost."""
    now = run.engine.clock.now()
    found = people.find_user(user.username)
    if found is None:
        # A create without an answer may still arrive, or be there and not be shown.
        if user.state is DirectoryUserState.INTENT and (user.intent_at or now) > now - SPREADS_FOR:
            return
        is_made = user.state is DirectoryUserState.MADE
        _note(run, user, {"disabled_at": now} if is_made else {"state": DirectoryUserState.FAILED})
        return
    if found.mark != user.mark:
        _note(run, user, {"state": DirectoryUserState.FOUND, "made_at": None})
        return
    if found.is_enabled:
        people.disable_user(found)
    run.engine.crashpoint("user_disabled")
    now = run.engine.clock.now()
    values = {"cloud_user_id": found.user_id[:200], "made_at": user.made_at or now, "disabled_at": now}
    _note(run, user, {"state": DirectoryUserState.MADE, **values})


def _note(run: Run, user: DirectoryUser, values: dict[str, Any]) -> None:
    """Raises LeaseLost."""
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        session.execute(
            update(DirectoryUser)
            .where(DirectoryUser.id == user.id)
            .values(**values, updated_at=run.engine.clock.now())
            .execution_options(synchronize_session=False)
        )


def _report(run: Run, row: Workspace, user: DirectoryUser, failure: Failure) -> None:
    with run.engine.sessions.begin() as session:
        is_known = session.scalar(
            select(exists().where(Event.workspace_id == row.id, Event.event == NOT_DISABLED))
        )
    if is_known:
        return
    message = f"The user {user.username} could not be disabled. {catalogue.entry(failure.code).message}"
    try:
        change(
            run.engine,
            run.lease,
            row,
            NO_CHANGE,
            Note(NOT_DISABLED, message, Level.WARNING, details=facts_of(failure)),
        )
    except Stale:
        return  # read again, and done again
