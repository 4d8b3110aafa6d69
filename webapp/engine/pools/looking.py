"""Looking at the desktops of pools, switching them as they should wait, and ending what is to end."""

from collections.abc import Callable, Iterator, Sequence

from webapp.clouds.base import Acted, CoreAction
from webapp.domain.decisions import spares
from webapp.domain.decisions.change import error_values
from webapp.domain.decisions.spares import Fate
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import Action, CloudState
from webapp.domain.observation import FollowUp, Observation
from webapp.domain.pools import PoolState
from webapp.engine.account import raise_if_account
from webapp.engine.pools import rows
from webapp.engine.rows import write_detached
from webapp.engine.run import Run
from webapp.models import PoolDesktop, WarmPool

NAME_TAKEN = Failure("machine_name_taken", Trouble.EXISTS)
_HARMLESS = frozenset({FollowUp.SWITCH_ON, FollowUp.SWITCH_OFF, FollowUp.TIDY})
"""A desktop of a pool is given to nobody by a look."""


def look(run: Run) -> Iterator[None]:
    """All desktops of the account's pools, many in one read. Raises CloudError."""
    desktops, size = rows.list_desktops(run), run.driver.look_size
    for start in range(0, len(desktops), size):
        batch, now = desktops[start : start + size], run.engine.clock.now()
        found = run.driver.look([rows.ref_of(one, now) for one in batch])
        run.engine.crashpoint("pool_looked")
        for desktop in batch:
            _judge(run, desktop, found.get(desktop.cloud_workspace_id))
        yield


def _judge(run: Run, desktop: PoolDesktop, observation: Observation | None) -> None:
    now = run.engine.clock.now()
    if observation is None:
        absence = run.engine.pace.absence
        rows.write_fate(run, desktop, spares.unseen(rows.spare_of(desktop), rule=absence, now=now))
        return
    if desktop.state is PoolState.INTENT and not _is_ours(run, desktop):
        gone = {"state": PoolState.GONE, "ended_at": now} | error_values(NAME_TAKEN, now)
        rows.write_fate(run, desktop, Fate(gone, NAME_TAKEN))
        return
    deadline = run.engine.deadline_of(run.credential)
    fate = spares.seen(rows.spare_of(desktop), observation, deadline=deadline, now=now)
    is_kept = rows.write_fate(run, desktop, fate) and desktop.state in (PoolState.MAKING, PoolState.READY)
    follow_ups = tuple(one for one in observation.follow_ups if one in _HARMLESS)
    if is_kept and follow_ups:
        _follow_up(run, desktop, follow_ups)


def _is_ours(run: Run, desktop: PoolDesktop) -> bool:
    return run.driver.claim_of(desktop.cloud_workspace_id) == rows.claim_of(run, desktop.uid)


def _follow_up(run: Run, desktop: PoolDesktop, follow_ups: Sequence[FollowUp]) -> None:
    """What fails is seen again by the next look."""
    try:
        run.driver.do_follow_ups(rows.ref_of(desktop, run.engine.clock.now()), follow_ups)
    except CloudError as error:
        raise_if_account(error)


def switch(run: Run, pools: Sequence[WarmPool]) -> None:
    """Start or stop those that do not wait as their pool says. Raises CloudError of the whole account."""
    for action, desktops in wrongly_waiting(run, pools).items():
        _act(run, action, desktops, lambda _desktop, _failure: None)


def wrongly_waiting(run: Run, pools: Sequence[WarmPool]) -> dict[CoreAction, list[PoolDesktop]]:
    """By what is to be done about them: outside the hours of a pool none of its desktops runs."""
    now, found = run.engine.clock.now(), dict[CoreAction, list[PoolDesktop]]()
    runs = {one.id: one.waits_running and one.rule.runs_at(now) for one in pools}
    for desktop in rows.list_desktops(run, states=[PoolState.READY]):
        is_wanted = runs.get(desktop.pool_id, False)
        if desktop.cloud_state is CloudState.AVAILABLE and not is_wanted:
            found.setdefault(Action.STOP, []).append(desktop)
        elif desktop.cloud_state is CloudState.STOPPED and is_wanted:
            found.setdefault(Action.START, []).append(desktop)
    return found


def end(run: Run) -> None:
    """Send the next step of the end of each that is to end; looks show when it is gone. Raises CloudError
    of the whole account."""
    ending = rows.list_desktops(run, states=[PoolState.ENDING])
    there = [one for one in ending if not one.absent_count]
    _act(run, Action.TERMINATE, there, _note_refusal(run))


def _note_refusal(run: Run) -> Callable[[PoolDesktop, Failure], None]:
    """An end that is refused for good is shown, and sent again all the same."""

    def note(desktop: PoolDesktop, failure: Failure) -> None:
        if not failure.trouble.is_transient and failure.trouble is not Trouble.ABSENT:
            write_detached(run, desktop, error_values(failure, run.engine.clock.now()))

    return note


def _act(
    run: Run,
    action: CoreAction,
    desktops: Sequence[PoolDesktop],
    refused: Callable[[PoolDesktop, Failure], None],
) -> None:
    size = run.driver.batch_size
    for start in range(0, len(desktops), size):
        batch = desktops[start : start + size]
        run.engine.crashpoint("pool_acting")
        run.lease.confirm()
        acted = _sent(run, action, batch)
        run.engine.crashpoint("pool_acted")
        for desktop in batch:
            if (failure := acted.refused.get(desktop.cloud_workspace_id)) is not None:
                refused(desktop, failure)
        raise_if_account(acted.stopped_by)


def _sent(run: Run, action: CoreAction, batch: Sequence[PoolDesktop]) -> Acted:
    """Each may be sent again: the next round does, if the cloud does not show it."""
    try:
        return run.driver.act(action, [one.cloud_workspace_id for one in batch])
    except CloudError as error:
        raise_if_account(error)
        return Acted({})
