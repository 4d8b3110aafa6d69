"""The end of the users that Berth made: disabled with their desktops or their access, and never deleted."""

from datetime import datetime

from sqlalchemy import Select, exists, select, update

from webapp.clouds.people import ManagesPeople
from webapp.domain import catalogue
from webapp.domain.decisions.change import NO_CHANGE
from webapp.domain.decisions.note import Level, Note, facts_of
from webapp.domain.errors import CloudError, Failure
from webapp.domain.usernames import username_key
from webapp.engine.rows import Stale, change, hold_lease
from webapp.engine.run import Run
from webapp.models import DirectoryUser, DirectoryUserState, Event, Workspace
from webapp.models.workspace import IS_LIVE

NOT_DISABLED = "user_not_disabled"


def disable_users(run: Run, row: Workspace) -> None:
    """Those that the row's order made. Safe to repeat; what the directory refuses is noted once, and goes by.

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
        users = session.scalars(_made_for(row).where(DirectoryUser.disabled_at.is_not(None))).all()
        session.expunge_all()
    for user in users:
        found = people.find_user(user.username)
        if found is not None and found.mark == user.mark and not found.is_enabled:
            people.enable_user(found)
        run.engine.crashpoint("user_enabled")
        _write_disabled(run, user, None)


def _made_for(row: Workspace) -> Select[tuple[DirectoryUser]]:
    return select(DirectoryUser).where(
        DirectoryUser.workspace_id == row.id,
        DirectoryUser.credential_id == row.credential_id,
        DirectoryUser.state == DirectoryUserState.MADE,
    )


def _users_of(run: Run, row: Workspace) -> list[DirectoryUser]:
    """Without those who have another desktop, perhaps in another pool of the same directory."""
    with run.engine.sessions.begin() as session:
        users = session.scalars(_made_for(row).where(DirectoryUser.disabled_at.is_(None))).all()
        names = session.scalars(
            select(Workspace.username_key).where(
                Workspace.company_id == row.company_id,
                Workspace.username_key.in_([username_key(user.username) for user in users]),
                Workspace.cloud_provider == row.cloud_provider,
                Workspace.id != row.id,
                IS_LIVE,
            )
        ).all()
        session.expunge_all()
    return [user for user in users if username_key(user.username) not in names]


def _disable(run: Run, people: ManagesPeople, user: DirectoryUser) -> None:
    """Only with the mark of this very row. Raises CloudError, LeaseLost."""
    found = people.find_user(user.username)
    if found is None or found.mark != user.mark:
        return
    if found.is_enabled:
        people.disable_user(found)
    run.engine.crashpoint("user_disabled")
    _write_disabled(run, user, run.engine.clock.now())


def _write_disabled(run: Run, user: DirectoryUser, at: datetime | None) -> None:
    """Raises LeaseLost."""
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        session.execute(
            update(DirectoryUser)
            .where(DirectoryUser.id == user.id)
            .values(disabled_at=at)
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
