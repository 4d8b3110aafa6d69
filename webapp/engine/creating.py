"""CREATE and FIND: make machines in batches, exactly once in effect.

The order of things is what keeps the promise: look into the slot, commit the intent, send once, record.
Whatever is lost on the way is found by looking into the slot again before anything is sent again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from webapp.clouds.base import Created, Order
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import CloudState, Desired, Phase
from webapp.domain.observation import Observation
from webapp.engine import absences, observations, outcomes
from webapp.engine.account import raise_if_account, unblock
from webapp.engine.holding import hold, why_held
from webapp.engine.leases import SEND_BUDGET_S
from webapp.engine.looking import generation_of, postpone
from webapp.engine.outcomes import Before
from webapp.engine.rows import NO_EVIDENCE, Note, Stale, change, change_in, error_columns, looked, reload
from webapp.engine.run import Run
from webapp.models import Level, Workspace

RECORD_TRIES = 5
INTENT_GRACE_POLLS = 1
"""How soon after an intent the row is looked at when nobody recorded an answer."""


def find(run: Run, rows: Sequence[Workspace]) -> None:
    """Look into the slots of rows that may have a machine: adopt it, give way, or clear for sending."""
    try:
        in_slots = run.slots(list(rows))
        run.engine.crashpoint("found")
        for row in rows:
            _judge_slot(run, row, in_slots[row.id])
    except CloudError as error:
        raise_if_account(error)
        postpone(run, rows, error)


def _judge_slot(run: Run, row: Workspace, machines: list[Observation]) -> None:
    try:
        ours = [(one, generation_of(run, row, one)) for one in machines]
        found = next(((one, number) for one, number in ours if number is not None), None)
        if found is not None:
            adopt(run, row, found[0], generation=found[1])
        elif machines:
            _give_way(run, row, machines[0])
        elif row.phase is Phase.REQUESTED:
            run.cleared.add(row.id)
        else:
            _still_empty(run, row)
    except Stale:
        return


def adopt(run: Run, row: Workspace, machine: Observation, *, generation: int) -> None:
    """Take over a machine that carries our claim: an answer was lost, or it arrived late."""
    now = run.engine.clock.now()
    changes: dict[str, Any] = {
        "phase": Phase.CREATING,
        "cloud_workspace_id": machine.cloud_workspace_id,
        "cloud_state": CloudState.PENDING,
        "issued_at": row.issued_at or now,
        # Never back: the names of the generations between have been used.
        "generation": max(row.generation, generation),
        "due_at": now,
        **NO_EVIDENCE,
        **error_columns(None, now),
    }
    note = Note(
        "adopted",
        "Found the desktop that was already made, and took it over.",
        details={"cloud_workspace_id": machine.cloud_workspace_id},
    )
    change(run.engine, run.lease, row, changes, note)
    if row.desired is Desired.PRESENT:
        then, news = observations.observed(run.engine, row, machine, now)
        change(run.engine, run.lease, row, then, news)


def _give_way(run: Run, row: Workspace, machine: Observation) -> None:
    """Someone else's machine is in the slot; it is never touched."""
    now = run.engine.clock.now()
    settles_at = run.engine.absence.settles_at(row.issued_at)
    if row.has_unknown_outcome and settles_at is not None and now < settles_at:
        # It may be ours: a machine can be listed before its claim can be read.
        change(run.engine, run.lease, row, {**looked(now), "due_at": now + run.engine.poll})
        return
    if row.desired is Desired.ABSENT:
        # The slot holds one machine at a time: while it is theirs, ours is not there.
        changes = {"phase": Phase.GONE, "terminated_at": now, "due_at": None}
        note = Note("terminated", "Nothing was made; the order is closed.")
    else:
        failure = Failure("username_taken", Trouble.EXISTS, detail=machine.cloud_workspace_id)
        changes = {"phase": Phase.CONFLICT, "due_at": None, **error_columns(failure, now)}
        note = Note(
            "conflict", "Another desktop that Berth did not make already uses this user name.", Level.ERROR
        )
    change(run.engine, run.lease, row, {**looked(now), **changes}, note)


def _still_empty(run: Run, row: Workspace) -> None:
    """Nothing in the slot: no proof yet that nothing will come, but a repeat is safe after this look."""
    now = run.engine.clock.now()
    if row.desired is Desired.ABSENT and not row.has_unknown_outcome:
        changes = {"phase": Phase.GONE, "terminated_at": now, "due_at": None, **looked(now)}
        change(
            run.engine, run.lease, row, changes, Note("terminated", "Nothing was made; the order is closed.")
        )
        return
    is_wanted = row.desired is Desired.PRESENT and row.error_code is None
    changes, note = absences.absent(run.engine, row, now)
    if is_wanted:
        changes["due_at"] = repeat_at = _repeat_at(run, row, now)
        is_wanted = repeat_at <= now
    change(run.engine, run.lease, row, changes, note)
    if is_wanted:
        run.cleared.add(row.id)


def _repeat_at(run: Run, row: Workspace, now: datetime) -> datetime:
    """When the create may be sent again: now, unless it is only a person's look that comes early."""
    if row.look_requested_at is None or row.issued_at is None:
        return now
    return max(now, row.issued_at + run.engine.retry.wait_before(row.attempt))


def create(run: Run, rows: Sequence[Workspace]) -> None:
    """Order a batch: every slot was seen empty in this run. A row that may not be sent now stays as it is."""
    before = {row.id: Before(row.has_unknown_outcome, row.issued_at is None) for row in rows}
    run.cleared.difference_update(row.id for row in rows)
    if (held := why_held(run)) is not None:
        hold(run, rows, held)
        return
    batch = _commit_intent(run, rows)
    if batch:
        _send(run, batch, before)


def _commit_intent(run: Run, rows: Sequence[Workspace]) -> list[Workspace]:
    """Write down that a create is about to be sent, for all rows together; those that were really taken."""
    engine = run.engine
    taken = []
    run.lease.confirm()
    with engine.sessions.begin() as session:
        for row in rows:
            now = engine.clock.now()
            is_first = row.issued_at is None
            changes = {
                "phase": Phase.CREATE_INTENT,
                "issued_at": now,
                "has_unknown_outcome": True,
                "due_at": now + engine.poll * INTENT_GRACE_POLLS,
                **looked(now),
                **NO_EVIDENCE,
            }
            if row.phase is Phase.REQUESTED:
                # Also when an earlier create was refused for want of a right: that wait is not the cloud's.
                changes["deadline_at"] = now + engine.deadline_of(run.credential)
            # An order that waits for its credential is tried every minute: its log says so once.
            is_news = is_first or row.phase is Phase.CREATE_INTENT
            note = Note("create_sent", "Sent the order to the cloud.", details={"generation": row.generation})
            try:
                change_in(session, engine, run.lease, row, changes, note if is_news else None)
            except Stale:
                continue
            taken.append(row)
    engine.crashpoint("intent")
    return taken


def _send(run: Run, batch: list[Workspace], before: dict[int, Before]) -> None:
    """Send once; the guard keeps a worker that slept from sending what may have changed since."""
    if run.lease.age_s > SEND_BUDGET_S:
        return  # the rows are due soon and will be looked at first
    orders = [_order(run, row) for row in batch]
    try:
        created = run.driver.create(orders)
    except CloudError as error:
        run.engine.crashpoint("refused")
        _call_failed(run, batch, before, error)
        return
    run.engine.crashpoint("created")
    run.forget_listing()
    unblock(run.engine, run.lease, run.credential)
    for row, order in zip(batch, orders, strict=True):
        _record(run, row, order.claim, created, before[row.id])
    run.engine.crashpoint("recorded")


def _order(run: Run, row: Workspace) -> Order:
    return Order(
        claim=run.claim_of(row),
        username=row.username,
        bundle_id=row.bundle_id,
        running_mode=row.running_mode,
        labels={"berth-workspace": str(row.id)},
    )


def _record(run: Run, row: Workspace, claim: str, created: Created, before: Before) -> None:
    """Write the cloud's answer to one order down."""
    accepted, refused = created.accepted.get(claim), created.refused.get(claim)
    asked_s = created.retry_after_s

    def write(row: Workspace) -> None:
        if accepted is not None:
            _record_machine(run, row, accepted)
        elif refused is not None:
            outcomes.item_refused(run, row, refused, before=before, at_least_s=asked_s)
        elif claim in created.unsent:
            outcomes.not_sent(run, row, before=before, at_least_s=asked_s)
        else:
            outcomes.try_later(run, row, Failure("answer_lost", Trouble.UNKNOWN), at_least_s=asked_s)

    _insist(run, row, write)


def _insist(run: Run, row: Workspace, write: Callable[[Workspace], None]) -> None:
    """Somebody may change the row during the call; what the cloud answered is still true and is written."""
    for _ in range(RECORD_TRIES):
        try:
            write(row)
            return
        except Stale:
            row = reload(run.engine, row)


def _record_machine(run: Run, row: Workspace, accepted: Observation) -> None:
    now = run.engine.clock.now()
    is_wanted = row.desired is Desired.PRESENT
    changes = {
        "phase": Phase.CREATING,
        "cloud_workspace_id": accepted.cloud_workspace_id,
        "cloud_state": CloudState.PENDING,
        "cloud_word": accepted.word,
        "due_at": now + run.engine.poll if is_wanted else now,
        **error_columns(None, now),
    }
    note = Note(
        "create_accepted",
        "The cloud is making the desktop.",
        details={"cloud_workspace_id": accepted.cloud_workspace_id},
    )
    change(run.engine, run.lease, row, changes, note)


def _call_failed(run: Run, batch: list[Workspace], before: dict[int, Before], error: CloudError) -> None:
    failure = error.failure
    is_definite = failure.trouble is not Trouble.UNKNOWN
    if (
        is_definite
        and len(batch) > 1
        and failure.trouble in (Trouble.PERMANENT, Trouble.ABSENT, Trouble.QUOTA)
    ):
        # One bad order spoils the whole call, and the answer does not say which: halve until it shows.
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            if taken := _commit_intent(run, half):
                _send(run, taken, before)
        return
    if not is_definite:
        run.forget_listing()
    for row in batch:
        was = before[row.id]

        def write(row: Workspace, was: Before = was) -> None:
            outcomes.call_failed(run, row, failure, before=was, at_least_s=error.retry_after_s)

        _insist(run, row, write)
    raise_if_account(error)
