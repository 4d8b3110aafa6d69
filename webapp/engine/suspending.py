"""The end of access and its return: the turns of time in the row, and the calls that a look owes."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.domain.access import AFTER_RESTORE
from webapp.domain.decisions import invitations, suspensions
from webapp.domain.decisions.change import NO_CHANGE
from webapp.domain.decisions.suspensions import Owed, Turn
from webapp.domain.errors import CloudError
from webapp.domain.lifecycle import CloudState
from webapp.domain.observation import Observation
from webapp.engine import working_hours
from webapp.engine.account import raise_if_account
from webapp.engine.contract_notices import access_ended, contract_ends
from webapp.engine.keeping_out import keep_out, report_not_done
from webapp.engine.rows import Stale, change_in, row_state, write_row
from webapp.engine.run import Run, machine_ref
from webapp.engine.user_ends import expect_resumed, resume_others, resume_users
from webapp.models import Company, Installation, Workspace
from webapp.providers.registry import get_provider


def turn(run: Run, row: Workspace) -> None:
    """The contract has ended, or the grace: into the row only, so that the next step follows from it."""
    now = run.engine.clock.now()
    match suspensions.turn_of(row_state(row), now):
        case Turn.END_ACCESS:
            _write_end(run, row)
        case Turn.DESTROY:
            write_row(run, row, *suspensions.grace_over(now))
        case Turn.NOTICE:
            _write_notice(run, row)
        case Turn.HOURS:
            working_hours.turn(run, row)
        case None:
            return


def _write_end(run: Run, row: Workspace) -> None:
    """The row, and the mail that says until when the desktop is kept, in one transaction."""
    engine, now = run.engine, run.engine.clock.now()
    changed, note = suspensions.contract_ended(grace=_contract_grace(run, row, now), now=now)
    with suppress(Stale), engine.sessions.begin() as session:
        change_in(session, engine, run.lease, row, changed, note)
        access_ended(session, engine, row)


def _write_notice(run: Run, row: Workspace) -> None:
    """Once: the row and the mails in one transaction."""
    engine = run.engine
    changed, note = suspensions.noticed(row_state(row), engine.clock.now())
    with suppress(Stale), engine.sessions.begin() as session:
        change_in(session, engine, run.lease, row, changed, note)
        if row.ends_at is not None:
            contract_ends(session, engine, row, ends_at=row.ends_at)


def settle(run: Run, seen: Sequence[tuple[Workspace, Observation]]) -> None:
    """After a look: keep out whom the contract keeps out, let in again, invite. Raises AccountTrouble."""
    now = run.engine.clock.now()
    owed = [(row, one, suspensions.owed(row_state(row), one.state, now)) for row, one in seen]
    keep_out(run, [(row, one) for row, one, what in owed if what is Owed.KEEP_OUT])
    for row, observation, what in owed:
        if what is Owed.GIVE_BACK:
            _give_back(run, row, observation)
        if observation.state is CloudState.STOPPED:
            _invite(run, row)
    resume_others(run, [row for row, _, what in owed if what is None])


def _give_back(run: Run, row: Workspace, observation: Observation) -> None:
    """It may be repeated until it is recorded."""
    engine, suspends = run.engine, run.driver.suspends
    if row.access_ended_at is not None and not write_row(run, row, suspensions.giving_back()):
        return
    machine = replace(machine_ref(row, engine.clock.now()), state=observation.state)
    engine.crashpoint("resuming")
    if suspends is not None and suspends.disables_users:
        expect_resumed(run, row)
    try:
        needs_password = suspends is not None and suspends.resume(machine)
    except CloudError as error:
        report_not_done(run, row, Owed.GIVE_BACK, error)
        raise_if_account(error)
        return
    try:
        resume_users(run, row)
    except CloudError as error:  # the machine is given back; a limit of the directory is not the account's
        report_not_done(run, row, Owed.GIVE_BACK, error)
        return
    engine.crashpoint("resumed")
    pace, now = engine.pace, engine.clock.now()
    write_row(run, row, *suspensions.given_back(needs_password=needs_password, pace=pace, now=now))
    engine.crashpoint("opened")


def _invite(run: Run, row: Workspace) -> None:
    """Of a machine that is off: start it first, if it does not start when its person connects."""
    engine, provider = run.engine, get_provider(row.cloud_provider)
    changed, note = invitations.while_off(
        row_state(row),
        starts_on_connect=provider.starts_on_connect(run.credential.observed, running_mode=row.running_mode),
        now=engine.clock.now(),
    )
    if changed != NO_CHANGE:
        engine.crashpoint("inviting")
        write_row(run, row, changed, note)


def _contract_grace(run: Run, row: Workspace, now: datetime) -> timedelta:
    """Longer right after a restore: the contract may have been extended since the backup."""
    with run.engine.sessions.begin() as session:
        days = session.scalar(select(Company.contract_grace_days).where(Company.id == row.company_id))
        restored_at = session.scalar(select(Installation.restored_at))
    grace = timedelta(days=days or 0)
    return grace if restored_at is None else max(grace, restored_at + AFTER_RESTORE - now)
