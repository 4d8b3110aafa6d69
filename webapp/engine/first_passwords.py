"""Setting a first password that the web made and sealed: once, soon, or never."""

import logging
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from webapp.clouds.passwords import SetsPasswords
from webapp.clouds.people import DirectoryUser as CloudUser
from webapp.clouds.people import ManagesPeople
from webapp.database import changed_rows
from webapp.domain.access import Access
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.secret_binding import first_password_binding
from webapp.engine.account import (
    AccountGate,
    AccountTrouble,
    load_credential,
    make_driver,
    refuse_unproven,
)
from webapp.engine.context import Engine
from webapp.logging import about
from webapp.models import DirectoryUser, DirectoryUserState, Workspace
from webapp.models.schedule import reschedule
from webapp.vault.box import CannotOpen, Secret

KEPT_OUT = "person_kept_out"

log = logging.getLogger(__name__)

LASTS = timedelta(seconds=60)
"""Whoever asked for it sees no later answer, so it is only wiped then."""


def set_password(engine: Engine, directory_user_id: int) -> None:
    """The sealed text is wiped before the call: killed at any moment, no second worker sets it again."""
    user = _take(engine, directory_user_id)
    if user is None:
        return
    with about(credential_id=user.credential_id):
        failure = _set(engine, user)
    now = engine.clock.now()
    values = {"password_failure": failure} if failure else {"password_failure": None, "password_set_at": now}
    with engine.sessions.begin() as session:
        session.execute(
            update(DirectoryUser)
            .where(
                DirectoryUser.id == user.id,
                DirectoryUser.password_asked_at == user.password_asked_at,
                DirectoryUser.sealed_password.is_(None),
            )
            .values(**values)
        )


def _take(engine: Engine, directory_user_id: int) -> DirectoryUser | None:
    """The row with the sealed text, which the database has no longer; None if there is none, or it is old."""
    with engine.sessions.begin() as session:
        user = session.scalar(
            select(DirectoryUser)
            .where(DirectoryUser.id == directory_user_id, DirectoryUser.sealed_password.is_not(None))
            .options(undefer(DirectoryUser.sealed_password))
        )
        if user is None:
            return None
        session.expunge(user)
        done = session.execute(
            update(DirectoryUser)
            .where(
                DirectoryUser.id == user.id,
                DirectoryUser.password_asked_at == user.password_asked_at,
                DirectoryUser.sealed_password.is_not(None),
            )
            .values(sealed_password=None, password_waits=False)
        )
    asked_at = user.password_asked_at
    is_old = asked_at is None or asked_at < engine.clock.now() - LASTS
    return user if changed_rows(done) == 1 and not is_old else None


def _set(engine: Engine, user: DirectoryUser) -> str | None:
    """Our code if it was refused."""
    credential = load_credential(engine, user.credential_id)
    if credential is None or user.state is not DirectoryUserState.MADE:
        return "users_made_elsewhere"
    if _is_kept_out(engine, user):
        return KEPT_OUT
    try:
        password = _open(engine, user)
        driver = make_driver(engine, credential, AccountGate(engine, credential, None))
        if driver.passwords is None or driver.people is None:
            return "users_made_elsewhere"
        refuse_unproven(credential, driver)
        found = _find_ours(driver.people, user)
        if _is_kept_out(engine, user):  # this worker may have slept since
            return KEPT_OUT
        failure = _send(driver.passwords, user, password)
        engine.crashpoint("password_set")
        if _is_kept_out(engine, user):
            _keep_out_again(engine, driver.people, user, found)
            return KEPT_OUT
        return failure
    except CannotOpen:
        log.error("a first password cannot be opened", extra={"credential_id": credential.id})
        return "cannot_open_secret"
    except AccountTrouble as trouble:
        return trouble.failure.code
    except CloudError as error:
        return error.failure.code


def _send(passwords: SetsPasswords, user: DirectoryUser, password: Secret) -> str | None:
    """Our code if its answer is lost: the user may be enabled all the same. Raises CloudError."""
    try:
        passwords.set_password(user.username, password)
    except CloudError as error:
        if not error.failure.trouble.is_transient:
            raise
        return error.failure.code
    return None


def _is_kept_out(engine: Engine, user: DirectoryUser) -> bool:
    """A new password enables the user, so nobody gets one whom Berth keeps out, or is about to."""
    now = engine.clock.now()
    with engine.sessions.begin() as session:
        row = session.scalars(select(Workspace).where(Workspace.id == user.workspace_id)).one()
        is_open = row.desired is Desired.PRESENT and row.access(now) is Access.OPEN
        return not is_open or row.access_cut_at is not None or row.slot != user.slot


def _keep_out_again(engine: Engine, people: ManagesPeople, user: DirectoryUser, found: CloudUser) -> None:
    """Access ended during the call, which has enabled the user. Raises CloudError.

    It is owed again first: if this worker is killed, or is refused, the next look or the duty does it.
    """
    now = engine.clock.now()
    with engine.sessions.begin() as session:
        session.execute(
            update(Workspace)
            .where(Workspace.id == user.workspace_id, Workspace.phase == Phase.READY)
            .values(access_ended_at=None, look_requested_at=now, version=Workspace.version + 1)
        )
        reschedule(session, [user.workspace_id], due_at=now)
        session.execute(
            update(DirectoryUser)
            .where(DirectoryUser.id == user.id)
            .values(disabled_at=None, disabling_at=now)
        )
    people.disable_user(found)


def _find_ours(people: ManagesPeople, user: DirectoryUser) -> CloudUser:
    """A password is set by name, and by now the name may be that of a user of others. Raises CloudError."""
    found = people.find_user(user.username)
    if found is None:
        raise CloudError(Failure("user_not_found", Trouble.PERMANENT))
    if found.mark != user.mark:
        raise CloudError(Failure("directory_user_protected", Trouble.PERMANENT))
    return found


def _open(engine: Engine, user: DirectoryUser) -> Secret:
    binding = first_password_binding(mark=user.mark, company_id=user.company_id, slot=user.slot)
    return engine.opener.open(user.sealed_password or "", bound_to=binding)
