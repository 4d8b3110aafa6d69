"""The users that orders ask for: made once in effect, before their machines.

The steps are those of a machine: look for the name, commit the intent, send once, record. The mark in the
user says whose it is; one without our mark for this very row is never changed, and no order gets it.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from webapp.clouds.people import DirectoryUser as CloudUser
from webapp.clouds.people import ManagesPeople, NewDirectoryUser
from webapp.domain.decisions.users import (
    ELSEWHERE,
    SPREADING,
    TAKEN,
    user_enabled,
    user_left_disabled,
    user_made,
    user_refused,
)
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import Phase
from webapp.domain.person_names import name_parts
from webapp.domain.usernames import username_key
from webapp.engine.account import raise_if_account
from webapp.engine.leases import SEND_BUDGET_S
from webapp.engine.rows import Stale, change, hold_lease, row_state
from webapp.engine.run import Run
from webapp.engine.users_by_name import expect_enabled
from webapp.models import Application, DirectoryUser, DirectoryUserState, User, Workspace

SPREADS_FOR = timedelta(minutes=30)
"""So long a new user may be unknown to some of a directory's controllers."""


def with_users(run: Run, rows: Sequence[Workspace]) -> list[Workspace]:
    """The rows whose create may be sent now: of those that ask for a user, the user is there."""
    return [row for row in rows if not _needs_user(row) or _has_user(run, row)]


def _needs_user(row: Workspace) -> bool:
    """A create that may have been sent had its user, unless the cloud says by now that it has none."""
    return row.creates_user and (row.phase is Phase.REQUESTED or row.waiting_code is not None)


def _has_user(run: Run, row: Workspace) -> bool:
    try:
        made_at = _user_of(run, row)
    except CloudError as error:
        raise_if_account(error)
        _refused(run, row, error)
        return False
    except Stale:
        return False
    if made_at is not None:
        run.users_made[row.id] = made_at
    return made_at is not None


def _user_of(run: Run, row: Workspace) -> datetime | None:
    """When our user was made; it is there now. None: this worker was too slow to send anything.

    Raises CloudError when it is not there, Stale.
    """
    known, person = _known(run, row)
    was_made = known is not None and known.state is DirectoryUserState.MADE
    if known is not None and was_made:
        if not _is_for(known, row, person):
            raise CloudError(TAKEN)
        if _is_just_made(run, row, known):
            return known.made_at
    if (people := run.driver.people) is None:
        raise CloudError(ELSEWHERE)
    found = people.find_user(row.username)
    if known is not None and was_made and found is not None and found.mark == known.mark:
        return _use_again(run, row, people, known, found)
    was_lost = found is not None
    if found is None:
        if known is not None and not _is_for(known, row, person) and may_arrive(run, known):
            raise CloudError(SPREADING)
        may_be_made = known is not None and known.state is DirectoryUserState.INTENT
        known = _commit_intent(run, row, known, person)
        if run.lease.age_s > SEND_BUDGET_S:
            return None  # the row is due soon, and the name is looked for first
        found = _send(run, row, people, known.mark, person, may_be_made=may_be_made)
    if known is None or found.mark != known.mark or not _is_for(known, row, person):
        is_ours = known is not None and found.mark == known.mark
        _note(run, row, DirectoryUserState.MADE if is_ours else DirectoryUserState.FOUND, found)
        raise CloudError(TAKEN)
    people.admit_user(found)
    _let_in(run, row, people, known, found)
    _note(run, row, DirectoryUserState.MADE, found)
    run.engine.crashpoint("user_recorded")
    now = run.engine.clock.now()
    change(run.engine, run.lease, row, *user_made(row.username, was_lost=was_lost))
    return now


def _is_for(known: DirectoryUser, row: Workspace, person: User) -> bool:
    """A user that was made for somebody is nobody else's."""
    return known.person_id == person.id and known.company_id == row.company_id


def may_arrive(run: Run, known: DirectoryUser) -> bool:
    """A create that had no answer: with another mark in its row, nobody would know it."""
    since = run.engine.clock.now() - SPREADS_FOR
    return known.state is DirectoryUserState.INTENT and (known.intent_at or since) > since


def _is_just_made(run: Run, row: Workspace, known: DirectoryUser) -> bool:
    """By this order: the directory may not show it everywhere yet."""
    is_own = known.workspace_id == row.id
    return is_own and known.made_at is not None and known.made_at > run.engine.clock.now() - SPREADS_FOR


def _use_again(
    run: Run, row: Workspace, people: ManagesPeople, known: DirectoryUser, found: CloudUser
) -> datetime | None:
    """Its person has a new order, and may have been kept out since the former. Raises CloudError, Stale."""
    people.admit_user(found)
    _let_in(run, row, people, known, found)
    if known.workspace_id != row.id:
        _hand_on(run, row)
    return known.made_at


def _let_in(run: Run, row: Workspace, people: ManagesPeople, known: DirectoryUser, found: CloudUser) -> None:
    """Whom Berth has disabled, and nobody else. Raises CloudError, Stale."""
    if not found.is_enabled and known.disabling_at is not None:
        expect_enabled(run, known)
        people.enable_user(found)
        needs_password = run.driver.passwords is not None
        change(run.engine, run.lease, row, *user_enabled(row.username, needs_password=needs_password))
    elif not found.is_enabled and known.disabled_at is not None:
        change(run.engine, run.lease, row, *user_left_disabled(row.username))
    run.engine.crashpoint("user_enabled")


def _hand_on(run: Run, row: Workspace) -> None:
    """The former order's first password may not be good any more."""
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        session.execute(
            update(DirectoryUser)
            .where(DirectoryUser.slot == row.slot, DirectoryUser.workspace_id != row.id)
            .values(
                workspace_id=row.id,
                password_asked_at=None,
                password_set_at=None,
                password_failure=None,
                disabled_at=None,
                disabling_at=None,
                updated_at=run.engine.clock.now(),
            )
            .execution_options(synchronize_session=False)
        )


def _known(run: Run, row: Workspace) -> tuple[DirectoryUser | None, User]:
    with run.engine.sessions.begin() as session:
        known = session.scalar(select(DirectoryUser).where(DirectoryUser.slot == row.slot))
        person = session.scalars(
            select(User)
            .join(Application, Application.seeker_id == User.id)
            .where(Application.id == row.application_id)
        ).one()
        session.expunge_all()
    return known, person


def _commit_intent(run: Run, row: Workspace, known: DirectoryUser | None, person: User) -> DirectoryUser:
    """A create is about to be sent. Nobody has the name, so what we knew of it before is over.

    Who was made and is gone gets another mark: with the former, the call would be a repeat that makes nobody.
    """
    engine, now = run.engine, run.engine.clock.now()
    run.lease.confirm()
    is_same = known is not None and _is_for(known, row, person)
    with engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        if known is not None and (not is_same or known.state is DirectoryUserState.MADE):
            session.delete(known)
            session.flush()
            known = None
        if known is None:
            known = DirectoryUser(
                slot=row.slot, mark=f"{run.installation_uid}/user/{uuid.uuid4().hex}", created_at=now
            )
        known.company_id, known.credential_id = row.company_id, row.credential_id
        known.workspace_id, known.person_id, known.username = row.id, person.id, row.username
        known.username_key = username_key(row.username)
        known.state, known.intent_at, known.updated_at = DirectoryUserState.INTENT, now, now
        session.add(known)
        session.flush()
        session.expunge_all()
    engine.crashpoint("user_intent")
    return known


def _send(
    run: Run, row: Workspace, people: ManagesPeople, mark: str, person: User, *, may_be_made: bool
) -> CloudUser:
    """Send it once. The mark makes a repeat harmless, and says whose a name is that was taken meanwhile.

    `may_be_made`: by an earlier call that had no answer, whatever is said to this one. Raises CloudError.
    """
    given_name, surname = name_parts(person.name or "", email=person.email)
    wanted = NewDirectoryUser(row.username, given_name, surname, person.email, mark)
    try:
        made = people.create_user(wanted)
    except CloudError as error:
        run.engine.crashpoint("user_refused")
        if error.failure.trouble is not Trouble.EXISTS:
            if _is_final(error.failure) and not may_be_made:
                _note(run, row, DirectoryUserState.FAILED, None)
            raise
        found = people.find_user(row.username)
        if found is None:
            raise CloudError(SPREADING) from None
        return found
    run.engine.crashpoint("user_made")
    return made


def _note(run: Run, row: Workspace, state: DirectoryUserState, found: CloudUser | None) -> None:
    """What is known of the name now; a row of it exists only where a create was intended."""
    now = run.engine.clock.now()
    values = {"state": state, "updated_at": now, "made_at": None}
    if found is not None:
        values |= {"cloud_user_id": found.user_id[:200]}
    if state is DirectoryUserState.MADE:
        values |= {"made_at": now, "disabled_at": None, "disabling_at": None}
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        session.execute(
            update(DirectoryUser)
            .where(DirectoryUser.slot == row.slot)
            .values(**values)
            .execution_options(synchronize_session=False)
        )


def _refused(run: Run, row: Workspace, error: CloudError) -> None:
    decision = user_refused(
        row_state(row),
        error.failure,
        now=run.engine.clock.now(),
        at_least_s=error.retry_after_s or 0.0,
    )
    try:
        change(run.engine, run.lease, row, *decision)
    except Stale:
        return  # read again, and looked at again


def _is_final(failure: Failure) -> bool:
    """The directory said no: nothing was made."""
    return not failure.trouble.is_transient
