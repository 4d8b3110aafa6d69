"""LOOK: read known machines by id, many at a time; check the slot for those that are missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from webapp.domain import catalogue
from webapp.domain.access import Access
from webapp.domain.decisions.change import NO_CHANGE, RowChange, error_columns, looked
from webapp.domain.decisions.launches import WAITS_FOR_RIGHT
from webapp.domain.decisions.note import Level, Note, facts_of
from webapp.domain.errors import CloudError, Failure
from webapp.domain.lifecycle import CloudState, Desired, Phase
from webapp.domain.observation import FollowUp, MachineRef, Observation
from webapp.engine import breaker, former_machines, observations, suspending, working_hours
from webapp.engine.account import hold_orders, raise_if_account
from webapp.engine.quiet import is_quiet, write_quietly
from webapp.engine.rows import Stale, change, last_line
from webapp.engine.run import Run, machine_ref
from webapp.models import Workspace

LOOK_FAILED = "look_failed"
UPKEEP = "upkeep"
MOST_UNTIDY = 500
"""Maximum values in one IN (…), as everywhere."""
_DONE = {
    FollowUp.ASSIGN: "The desktop is assigned to {}.",
    FollowUp.SWITCH_ON: "It was switched off before it was ready; Berth started it.",
    FollowUp.SWITCH_OFF: "It was shut down from inside Windows and still billed; Berth deallocated it.",
}
_FORBIDDEN = {
    Access.OPEN: frozenset[FollowUp](),
    Access.NOT_YET: frozenset({FollowUp.ASSIGN}),
    Access.SUSPENDED: frozenset({FollowUp.ASSIGN, FollowUp.SWITCH_ON}),
}


@dataclass(frozen=True, slots=True)
class _Needy:
    """A row whose machine needs a follow-up, as it was when its machine was read."""

    row: Workspace
    machine: MachineRef
    follow_ups: tuple[FollowUp, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """A row, and what follows from what was observed of it, if anything was."""

    row: Workspace
    asked_by: MachineRef
    observation: Observation | None
    changed: RowChange
    note: Note | None


def look(run: Run, rows: Sequence[Workspace]) -> None:
    """One read, and a check of the slots of settled rows whose machines it did not find."""
    try:
        now = run.engine.clock.now()
        found = run.driver.look([machine_ref(row, now) for row in rows if row.cloud_workspace_id])
        run.engine.crashpoint("looked")
        missing, needy, seen = _write_observed(run, rows, found)
        _do_follow_ups(run, needy)
        suspending.settle(run, seen)
        working_hours.settle(run, seen)
        in_slots = run.slots(missing) if missing else {}
    except CloudError as error:
        raise_if_account(error)
        postpone(run, rows, error)
        return
    for row in missing:
        try:
            write_slot(run, row, in_slots[row.id])
        except CloudError as error:
            raise_if_account(error)
            postpone(run, [row], error)
    former_machines.settle(run, rows)


def _write_observed(
    run: Run, rows: Sequence[Workspace], found: dict[str, Observation]
) -> tuple[list[Workspace], list[_Needy], list[tuple[Workspace, Observation]]]:
    """Write what was observed; return rows whose absence must be confirmed, those with a follow-up, and all
    that were seen.
    """
    now = run.engine.clock.now()
    missing: list[Workspace] = []
    judged: list[_Judged] = []
    for row in rows:
        observation = found.get(row.cloud_workspace_id or "")
        if observation is not None:
            changed, note = observations.observed(run.engine, row, observation, now)
        else:
            waiting = observations.unseen_by_id(run.engine, row, now)
            if waiting is None:
                missing.append(row)
                continue
            changed, note = waiting, None
        judged.append(_Judged(row, machine_ref(row, now), observation, changed, note))
    written = list(_written(run, judged))
    needy = [
        _Needy(one.row, one.asked_by, follow_ups)
        for one in written
        if one.observation is not None
        and _may_do_follow_ups(one.row)
        and (follow_ups := _allowed(one.row, one.observation.follow_ups, now))
    ]
    return missing, needy, [(one.row, one.observation) for one in written if one.observation is not None]


def _written(run: Run, judged: Sequence[_Judged]) -> Iterator[_Judged]:
    """Write what was found out: what is nothing new for all rows at once. Those that nobody else changed."""
    quiet, news = list[_Judged](), list[_Judged]()
    for one in judged:
        (quiet if one.note is None and is_quiet(one.row, one.changed) else news).append(one)
    done = write_quietly(run.engine, run.lease, [(one.row, one.changed) for one in quiet])
    ids = {row.id for row in done}
    yield from (one for one in quiet if one.row.id in ids)
    for one in news:
        try:
            change(run.engine, run.lease, one.row, one.changed, one.note)
        except Stale:
            continue
        _hold_after_launch(run, one.observation, one.note)
        yield one


def _hold_after_launch(run: Run, observation: Observation | None, note: Note | None) -> None:
    """A launch failed for a missing permission: record it on the credential; the order waits for it."""
    waits = note is not None and note.event == WAITS_FOR_RIGHT
    if waits and observation is not None and observation.failure is not None:
        hold_orders(run.engine, run.lease, run.credential, observation.failure)


def _may_do_follow_ups(row: Workspace) -> bool:
    """Not for a machine that is being terminated, or that someone has just acted on."""
    is_kept = row.desired is Desired.PRESENT and row.phase in (Phase.CREATING, Phase.READY, Phase.STALLED)
    return is_kept and row.is_idle


def _allowed(row: Workspace, follow_ups: tuple[FollowUp, ...], now: datetime) -> tuple[FollowUp, ...]:
    """While its person is kept out it is not assigned, and after the end not switched on either.

    Before the start it is switched on until it is ready. What only saves money is always done.
    """
    forbidden = _FORBIDDEN[row.access(now)]
    return tuple(one for one in follow_ups if one not in forbidden)


def _do_follow_ups(run: Run, needy: Sequence[_Needy]) -> None:
    """Send machines their follow-ups. The next check sees what failed and tries again."""
    for one in needy:
        run.engine.crashpoint("follow_up")
        try:
            failure = run.driver.do_follow_ups(one.machine, one.follow_ups)
        except CloudError as error:
            raise_if_account(error)
            if error.failure.holds_only_orders:
                hold_orders(run.engine, run.lease, run.credential, error.failure)
            failure = error.failure
        run.engine.crashpoint("follow_ups_done")
        _report_follow_ups(run, one, failure)


def tidy(run: Run, machines: Sequence[Observation]) -> None:
    """An inventory shows what a check of a desktop in use does not read: the record of its deployment.

    At most a batch at a time: the next inventory shows the rest. Raises AccountTrouble.
    """
    untidy = [one.cloud_workspace_id for one in machines if FollowUp.TIDY in one.follow_ups]
    if not untidy:
        return
    with run.engine.sessions.begin() as session:
        rows = session.scalars(
            select(Workspace)
            .where(
                Workspace.credential_id == run.credential.id,
                Workspace.phase == Phase.READY,
                Workspace.cloud_workspace_id.in_(untidy[:MOST_UNTIDY]),
            )
            .order_by(Workspace.id)
            .limit(run.driver.batch_size)
        ).all()
        session.expunge_all()
    now = run.engine.clock.now()
    _do_follow_ups(
        run, [_Needy(row, machine_ref(row, now), (FollowUp.TIDY,)) for row in rows if _may_do_follow_ups(row)]
    )


def _report_follow_ups(run: Run, one: _Needy, failure: Failure | None) -> None:
    row, now = one.row, run.engine.clock.now()
    if failure is None:
        message = " ".join(
            _DONE[follow_up].format(row.username) for follow_up in one.follow_ups if follow_up in _DONE
        )
        # The cloud may be slow to show it: the same is then sent again, but not logged again.
        is_news = message and last_line(run.engine, row)[:2] != (UPKEEP, message)
        changed = RowChange(due_at=now + run.engine.poll) if row.phase is not Phase.READY else NO_CHANGE
        note = Note(UPKEEP, message) if is_news else None
    elif failure.trouble.is_transient or row.error_code == failure.code:
        return
    else:
        words = catalogue.entry(failure.code)
        changed = error_columns(failure, now)
        note = Note("upkeep_failed", words.message, Level.ERROR, details=facts_of(failure))
    if changed != NO_CHANGE or note:
        try:
            change(run.engine, run.lease, row, changed, note)
        except Stale:
            return


def write_slot(run: Run, row: Workspace, machines: list[Observation]) -> None:
    """Check a slot completely: our machine is in it, or it is absent."""
    now = run.engine.clock.now()
    # Its own first; before one that is ending the one that may take its place.
    alive_first = sorted(machines, key=lambda one: one.state is CloudState.TERMINATING)
    own_first = sorted(alive_first, key=lambda one: one.cloud_workspace_id != row.cloud_workspace_id)
    ours = next((one for one in own_first if generation_of(run, row, one) is not None), None)
    if ours is not None:
        changed, note = observations.in_slot(run.engine, row, ours, now)
    else:
        changed, note = observations.absent(run.engine, row, now)
        if changed.phase is Phase.LOST and breaker.refuses_loss(run, row):
            changed, note = observations.still_missing(run.engine, row, now), None
    try:
        change(run.engine, run.lease, row, changed, note)
    except Stale:
        return
    _hold_after_launch(run, ours, note)


def generation_of(run: Run, row: Workspace, machine: Observation) -> int | None:
    """The machine's generation of this row, by its claim; None if it is not ours. Raises CloudError."""
    if machine.cloud_workspace_id == row.cloud_workspace_id:
        return row.generation
    claim = run.driver.claim_of(machine.cloud_workspace_id) or ""
    owner, _, generation = claim.rpartition("/")
    is_ours = owner == f"{run.installation_uid}/{row.uid}" and generation.isdigit()
    return int(generation) if is_ours else None


def postpone(run: Run, rows: Sequence[Workspace], error: CloudError) -> None:
    """A failed check proves nothing: repeat it a little later; it is no evidence and uses no attempt.

    An order that cannot be sent because of it says so in its log, once.
    """
    delay = run.engine.pace.retry.delay_after(
        1, jitter=run.engine.draw_jitter(), at_least_s=error.retry_after_s or 0
    )
    failure = error.failure
    if failure.holds_only_orders:
        hold_orders(run.engine, run.lease, run.credential, failure)
    words = catalogue.entry(failure.code)
    note = Note(LOOK_FAILED, f"{words.message} {words.remedy}", Level.WARNING, details=facts_of(failure))
    later = RowChange(due_at=run.engine.clock.now() + (delay or run.engine.poll))
    quiet: list[tuple[Workspace, RowChange]] = []
    for row in rows:
        is_order = row.phase in (Phase.REQUESTED, Phase.CREATE_INTENT)
        if not is_order or last_line(run.engine, row).event == LOOK_FAILED:
            quiet.append((row, later))
            continue
        try:
            change(run.engine, run.lease, row, later, note)
        except Stale:
            continue
    write_quietly(run.engine, run.lease, quiet)


def rest(run: Run, row: Workspace) -> None:
    """Nothing more to do for this row."""
    try:
        change(run.engine, run.lease, row, looked(run.engine.clock.now()) | RowChange(due_at=None))
    except Stale:
        return
