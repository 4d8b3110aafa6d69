"""Keeping people out of their desktops: many at a time, in as few calls as the cloud takes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from webapp.domain.access import Access
from webapp.domain.decisions import moves, suspensions
from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.power import SIGNED_IN
from webapp.domain.decisions.suspensions import Owed
from webapp.domain.errors import CloudError, Trouble
from webapp.domain.lifecycle import Action
from webapp.domain.observation import MachineRef, Observation
from webapp.engine.account import is_of_account, raise_if_account
from webapp.engine.rows import is_reported, row_state, write_row
from webapp.engine.run import Run, machine_ref
from webapp.engine.user_ends import suspend_users
from webapp.engine.users_by_name import users_named
from webapp.models import Workspace


@dataclass(slots=True)
class _Kept:
    """A desktop whose person is being kept out, and the first thing that went wrong."""

    row: Workspace
    machine: MachineRef
    error: CloudError | None = None
    user_error: CloudError | None = None
    """Of the directory, which no machine waits for."""
    is_unsent: bool = False
    """Its stop was not sent, because of trouble with another one."""


def keep_out(run: Run, owed: Sequence[tuple[Workspace, Observation]]) -> None:
    """The intent is committed before the first call about a desktop; each call may be repeated.

    What was seen may be the machine from before a move. Whatever the directory of people answers, the machine
    is stopped. Raises AccountTrouble.
    """
    kept = list[_Kept]()
    for row, observation in owed:
        now = run.engine.clock.now()
        if row.access_cut_at is None and not write_row(run, row, suspensions.cut(now)):
            continue
        machine = replace(
            machine_ref(row, now),
            cloud_workspace_id=observation.cloud_workspace_id,
            state=observation.state,
        )
        one = _Kept(row, machine)
        kept.append(one)
        _suspend(run, one)
        if one.error is not None and is_of_account(one.error):
            break  # it is owed to the others still
    running = [one for one in kept if _must_stop(run, one)]
    for start in range(0, len(running), run.driver.batch_size):
        _stop(run, running[start : start + run.driver.batch_size])
    _suspend_users(run, [one for one in kept if one.error is None or not is_of_account(one.error)])
    if kept:
        run.engine.crashpoint("suspended")
    for one in kept:
        _record(run, one)
    for one in kept:
        raise_if_account(one.error)


def _suspend(run: Run, one: _Kept) -> None:
    run.engine.crashpoint("suspending")
    if run.driver.suspends is None:
        return  # the cloud has no other way than the stop
    try:
        run.driver.suspends.suspend(one.machine)
    except CloudError as error:
        one.error = error


def _suspend_users(run: Run, kept: Sequence[_Kept]) -> None:
    """After the machines, and a limit of the directory's rate is none of the account's."""
    suspends, limited = run.driver.suspends, None
    if suspends is not None and suspends.disables_users:
        return
    for one in kept:
        # Before the contract begins a user stays enabled: an invitation may have to be accepted.
        if one.row.access(run.engine.clock.now()) is not Access.SUSPENDED:
            continue
        try:
            if limited is None:
                suspend_users(run, one.row)
            elif users_named(run, one.row):
                one.user_error = limited
        except CloudError as error:
            one.user_error = error
            limited = error if is_of_account(error) else None


def _must_stop(run: Run, one: _Kept) -> bool:
    """Runs, can be stopped, and nobody is signed in any more."""
    suspends, signs_out = run.driver.suspends, run.driver.signs_out
    is_held = suspends is not None and not suspends.leaves_running(one.machine)
    if is_held or one.machine.state not in SIGNED_IN:
        return False
    try:
        if signs_out is not None:
            signs_out.sign_out(one.machine.cloud_workspace_id)
    except CloudError as error:
        one.error = one.error or error
        return False
    return True


def _stop(run: Run, batch: Sequence[_Kept]) -> None:
    """One call. A refusal of all that may be about one of them is looked for by halves."""
    try:
        acted = run.driver.act(Action.STOP, [one.machine.cloud_workspace_id for one in batch])
    except CloudError as error:
        if error.failure.trouble is Trouble.PERMANENT and len(batch) > 1 and not is_of_account(error):
            middle = len(batch) // 2
            _stop(run, batch[:middle])
            _stop(run, batch[middle:])
            return
        for one in batch:
            one.error = one.error or error
        return
    for one in batch:
        failure = acted.refused.get(one.machine.cloud_workspace_id)
        if failure is not None:
            one.error = one.error or CloudError(failure, retry_after_s=acted.retry_after_s)
        one.is_unsent = one.machine.cloud_workspace_id in acted.unsent


def _record(run: Run, one: _Kept) -> None:
    pace, now, row, seen = run.engine.pace, run.engine.clock.now(), one.row, one.machine.state
    if (error := one.error or one.user_error) is not None:
        report_not_done(run, row, Owed.KEEP_OUT, error)
    elif one.is_unsent or seen is None:
        write_row(run, row, RowChange(due_at=now + pace.poll))
    elif one.machine.cloud_workspace_id != row.cloud_workspace_id:
        write_row(run, row, *moves.former_kept_out(pace=pace, now=now))
    else:
        write_row(run, row, *suspensions.kept_out(row_state(row), seen, pace=pace, now=now))


def report_not_done(run: Run, row: Workspace, owed: Owed, error: CloudError) -> None:
    """It may be refused for long: the log has each cause once."""
    now, failure = run.engine.clock.now(), error.failure
    changed, note = suspensions.not_done(
        owed, failure, at_least_s=error.retry_after_s or 0, pace=run.engine.pace, now=now
    )
    is_known = note is not None and is_reported(run.engine, row, event=note.event, code=failure.code)
    write_row(run, row, changed, None if is_known else note)
