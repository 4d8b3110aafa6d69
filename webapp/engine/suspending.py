"""The end of access and its return: the turns of time in the row, and the calls that a look owes."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from webapp.clouds.base import CloudDriver
from webapp.domain.decisions import invitations, suspensions
from webapp.domain.decisions.change import NO_CHANGE, RowChange
from webapp.domain.decisions.note import Note
from webapp.domain.decisions.power import SIGNED_IN
from webapp.domain.decisions.suspensions import Owed, Turn
from webapp.domain.errors import CloudError
from webapp.domain.lifecycle import Action, CloudState
from webapp.domain.observation import MachineRef, Observation
from webapp.engine.account import raise_if_account
from webapp.engine.contract_notices import contract_ends
from webapp.engine.rows import Stale, change, change_in, is_reported, row_state
from webapp.engine.run import Run, machine_ref
from webapp.models import Company, Workspace
from webapp.providers.registry import get_provider


def turn(run: Run, row: Workspace) -> None:
    """The contract has ended, or the grace: into the row only, so that the next step follows from it."""
    now = run.engine.clock.now()
    match suspensions.turn_of(row_state(row), now):
        case Turn.END_ACCESS:
            grace = _contract_grace(run, row)
            _write(run, row, *suspensions.contract_ended(grace=grace, now=now))
        case Turn.DESTROY:
            _write(run, row, *suspensions.grace_over(now))
        case Turn.NOTICE:
            _write_notice(run, row)
        case None:
            return


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
    for row, observation in seen:
        owed = suspensions.owed(row_state(row), observation.state, run.engine.clock.now())
        if owed is not None:
            _do(run, row, observation, owed)
        if observation.state is CloudState.STOPPED:
            _invite(run, row)


def _do(run: Run, row: Workspace, observation: Observation, owed: Owed) -> None:
    """The intent is committed before the first call; each call may be repeated."""
    engine = run.engine
    if row.access_cut_at is None and not _write(run, row, suspensions.cut(engine.clock.now())):
        return
    machine = replace(machine_ref(row, engine.clock.now()), state=observation.state)
    needs_password = False
    try:
        if owed is Owed.KEEP_OUT:
            _keep_out(run, machine)
        else:
            needs_password = _give_back(run, machine)
    except CloudError as error:
        _report(run, row, owed, error)
        raise_if_account(error)
        return
    pace, now = engine.pace, engine.clock.now()
    if owed is Owed.GIVE_BACK:
        _write(run, row, *suspensions.given_back(needs_password=needs_password, pace=pace, now=now))
        engine.crashpoint("opened")
    else:
        _write(run, row, *suspensions.kept_out(row_state(row), observation.state, pace=pace, now=now))


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
        _write(run, row, changed, note)


def _keep_out(run: Run, machine: MachineRef) -> None:
    """Raises CloudError. Where the cloud has no other way, the machine is stopped, and stopped again."""
    run.engine.crashpoint("suspending")
    suspends = run.driver.suspends
    if suspends is not None:
        suspends.suspend(machine)
    if suspends is None or not suspends.stops:
        _stop(run.driver, machine)
    run.engine.crashpoint("suspended")


def _stop(driver: CloudDriver, machine: MachineRef) -> None:
    if machine.state not in SIGNED_IN:
        return
    if driver.signs_out is not None:
        driver.signs_out.sign_out(machine.cloud_workspace_id)
    acted = driver.act(Action.STOP, [machine.cloud_workspace_id])
    for failure in acted.refused.values():
        raise CloudError(failure)
    if acted.stopped_by is not None:
        raise acted.stopped_by


def _give_back(run: Run, machine: MachineRef) -> bool:
    """Does the person need a new password? Raises CloudError."""
    run.engine.crashpoint("resuming")
    needs_password = run.driver.suspends is not None and run.driver.suspends.resume(machine)
    run.engine.crashpoint("resumed")
    return needs_password


def _report(run: Run, row: Workspace, owed: Owed, error: CloudError) -> None:
    """It may be refused for long: the log has each cause once."""
    now, failure = run.engine.clock.now(), error.failure
    changed, note = suspensions.not_done(
        owed, failure, at_least_s=error.retry_after_s or 0, pace=run.engine.pace, now=now
    )
    is_known = note is not None and is_reported(run.engine, row, event=note.event, code=failure.code)
    _write(run, row, changed, None if is_known else note)


def _contract_grace(run: Run, row: Workspace) -> timedelta:
    with run.engine.sessions.begin() as session:
        days = session.scalar(select(Company.contract_grace_days).where(Company.id == row.company_id))
    return timedelta(days=days or 0)


def _write(run: Run, row: Workspace, changed: RowChange, note: Note | None = None) -> bool:
    """False when somebody changed the row meanwhile, such as by an extension: it is read again."""
    try:
        change(run.engine, run.lease, row, changed, note)
    except Stale:
        return False
    return True
