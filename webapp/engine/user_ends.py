"""The end of the users that Berth made: disabled while no desktop of their name is open, and never deleted.

Only what Berth has switched off is switched on again: `DirectoryUser.disabling_at` is committed before the
call. Whatever the directory answers, no machine waits for it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update

from webapp.clouds.people import DirectoryUser as CloudUser
from webapp.clouds.people import ManagesPeople
from webapp.domain import catalogue
from webapp.domain.access import Access
from webapp.domain.decisions.change import NO_CHANGE
from webapp.domain.decisions.note import Level, Note, facts_of
from webapp.domain.decisions.users import user_enabled, user_left_disabled
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import Phase
from webapp.engine.directory_users import may_arrive
from webapp.engine.first_passwords import KEPT_OUT
from webapp.engine.rows import Stale, change, hold_lease
from webapp.engine.run import Run
from webapp.engine.users_by_name import (
    disabled_users,
    expect_enabled,
    note_user,
    rows_shut_out,
    users_left,
    users_named,
)
from webapp.models import DirectoryUser, DirectoryUserState, Event, Workspace
from webapp.queries.directory_users import HAS_PASSWORD_IN_DOUBT

NOT_DISABLED, NOT_ENABLED = "user_not_disabled", "user_not_enabled"
PASSWORD_ARRIVES_IN = timedelta(minutes=10)
"""A call of a worker that is dead has arrived by then."""


def disable_users(run: Run, row: Workspace) -> None:
    """Those with the name of a row that ends. Safe to repeat; what the directory refuses is noted once, and
    is done by the duty `end_users`.

    Raises LeaseLost.
    """
    people = run.driver.people
    if people is None:
        return
    for user in users_named(run, row):
        try:
            _disable(run, people, user)
        except CloudError as error:  # also of the whole account: the termination will meet it by itself
            _report(run, row, user, NOT_DISABLED, error.failure)


def suspend_users(run: Run, row: Workspace) -> None:
    """The same when access ends and the desktop is kept: what passes is tried again with the next look.

    A right that is missing keeps nobody in: the desktop itself has no person any more. Raises CloudError of
    what passes, LeaseLost.
    """
    people = run.driver.people
    if people is None:
        return
    for user in users_named(run, row):
        try:
            _disable(run, people, user)
        except CloudError as error:
            if error.failure.trouble.is_transient:
                raise
            _report(run, row, user, NOT_DISABLED, error.failure)


def resume_users(run: Run, row: Workspace) -> None:
    """Enable those whom Berth has disabled, as the row is open to them. Safe to repeat.

    Raises CloudError of what passes, LeaseLost.
    """
    _resume(run, row, disabled_users(run, [row]).get(row.id, ()))


def _resume(run: Run, row: Workspace, users: Sequence[DirectoryUser]) -> None:
    people = run.driver.people
    if people is None:
        return
    for user in users:
        try:
            _enable(run, people, row, user)
        except CloudError as error:
            if error.failure.trouble.is_transient:
                raise
            _report(run, row, user, NOT_ENABLED, error.failure)


def expect_resumed(run: Run, row: Workspace) -> None:
    """The driver is about to enable them by itself. Raises LeaseLost."""
    for user in disabled_users(run, [row]).get(row.id, ()):
        expect_enabled(run, user)


def resume_others(run: Run, rows: Sequence[Workspace]) -> None:
    """Those who are disabled since another desktop of their name ended, and have one of these, which are
    ready. What the directory refuses is tried again with the next look. Raises LeaseLost.
    """
    if run.driver.people is None:
        return
    now = run.engine.clock.now()
    is_open = [row for row in rows if row.phase is Phase.READY and row.access(now) is Access.OPEN]
    disabled = disabled_users(run, is_open)
    for row in is_open:
        try:
            _resume(run, row, disabled.get(row.id, ()))
        except CloudError as error:
            _report(run, row, disabled[row.id][0], NOT_ENABLED, error.failure)
            if error.failure.trouble is Trouble.THROTTLED:
                return


def end_users(run: Run) -> Iterator[None]:
    """The duty: those whose end the directory had refused, or whose create had no answer when it came; and
    those who may come in again, where the one look that let them in failed or was cut off.

    What is refused for one keeps nobody else, and a rate limit of the directory holds no machines. Raises
    CloudError, LeaseLost.
    """
    people, refused = run.driver.people, None
    if people is None:
        return
    for rows in rows_shut_out(run):
        resume_others(run, rows)
        yield
    for user in users_left(run):
        try:
            _disable(run, people, user)
        except CloudError as error:
            refused = error
            if error.failure.trouble is Trouble.THROTTLED:
                break
        yield
    if refused is None:
        return
    if refused.failure.trouble is Trouble.THROTTLED:
        failure = replace(refused.failure, trouble=Trouble.TRANSIENT)
        raise CloudError(failure, retry_after_s=refused.retry_after_s)
    raise refused


def _disable(run: Run, people: ManagesPeople, user: DirectoryUser) -> None:
    """Only with the mark of this very row. Raises CloudError, LeaseLost."""
    found = people.find_user(user.username)
    if found is None or found.mark != user.mark:
        _note_other(run, user, found)
        return
    suspends, disabling_at = run.driver.suspends, user.disabling_at
    if found.is_enabled and disabling_at is None:
        disabling_at = run.engine.clock.now()
        note_user(run, user, {"disabling_at": disabling_at})
        run.engine.crashpoint("user_disabling")
    if found.is_enabled or (disabling_at is not None and user.disabled_at is None):
        # Also if it is disabled by now: the call may have done only a part of what it does.
        people.disable_user(found)
    run.engine.crashpoint("user_disabled")
    now = run.engine.clock.now()
    if disabling_at is None and suspends is not None and suspends.disables_users:
        disabling_at = now  # the driver did it, as access ended
    values = {"cloud_user_id": found.user_id[:200], "made_at": user.made_at or now, "disabled_at": now}
    note_user(run, user, {"state": DirectoryUserState.MADE, "disabling_at": disabling_at, **values})
    _close_password(run, user, now)


def _close_password(run: Run, user: DirectoryUser, now: datetime) -> None:
    """Nobody has answered it, and it enables nobody any more. Raises LeaseLost."""
    if (user.password_asked_at or now) > now - PASSWORD_ARRIVES_IN:
        return
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        session.execute(
            update(DirectoryUser)
            .where(
                DirectoryUser.id == user.id,
                DirectoryUser.password_asked_at == user.password_asked_at,
                HAS_PASSWORD_IN_DOUBT,
            )
            .values(password_failure=KEPT_OUT)
            .execution_options(synchronize_session=False)
        )


def _note_other(run: Run, user: DirectoryUser, found: CloudUser | None) -> None:
    """Our user is not there; perhaps not yet, or in another directory than this account's."""
    if user.credential_id != run.credential.id:
        return
    now = run.engine.clock.now()
    if found is not None:
        note_user(run, user, {"state": DirectoryUserState.FOUND, "made_at": None})
    elif user.state is DirectoryUserState.MADE:
        note_user(run, user, {"disabled_at": now})
        _close_password(run, user, now)
    elif not may_arrive(run, user):
        note_user(run, user, {"state": DirectoryUserState.FAILED})


def _enable(run: Run, people: ManagesPeople, row: Workspace, user: DirectoryUser) -> None:
    """Only with the mark of this very row, and only whom Berth has disabled. Raises CloudError, LeaseLost."""
    found = people.find_user(user.username)
    is_ours = found is not None and found.mark == user.mark
    if not is_ours and user.credential_id != run.credential.id:
        return
    if found is not None and is_ours and not found.is_enabled:
        if user.disabling_at is None:
            _say(run, row, user_left_disabled(row.username).note)
        else:
            expect_enabled(run, user)
            people.enable_user(found)
            _say(run, row, user_enabled(row.username, needs_password=run.driver.passwords is not None).note)
    run.engine.crashpoint("user_enabled")
    note_user(run, user, {"disabled_at": None, "disabling_at": None})


def _report(run: Run, row: Workspace, user: DirectoryUser, event: str, failure: Failure) -> None:
    """Once."""
    with run.engine.sessions.begin() as session:
        if session.scalar(select(exists().where(Event.workspace_id == row.id, Event.event == event))):
            return
    switched = "disabled" if event == NOT_DISABLED else "enabled"
    words = catalogue.entry(failure.code).message
    message = f"The user {user.username} could not be {switched}. {words}"
    _say(run, row, Note(event, message, Level.WARNING, details=facts_of(failure)))


def _say(run: Run, row: Workspace, note: Note | None) -> None:
    try:
        change(run.engine, run.lease, row, NO_CHANGE, note)
    except Stale:
        return  # read again, and done again
