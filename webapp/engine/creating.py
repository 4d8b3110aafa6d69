"""CREATE and FIND: create machines in batches, exactly once in effect.

The order of steps guarantees this: check the slot, commit the intent, send once, record.
Whatever gets lost on the way is found by checking the slot again before anything is sent again.
"""

import secrets
from collections.abc import Callable, Sequence

from webapp import metrics
from webapp.clouds.base import Created, Order
from webapp.domain.access import Access
from webapp.domain.decisions import creates, slots
from webapp.domain.decisions.change import UNCHANGED, RowChange
from webapp.domain.decisions.creates import LOST, Before, SentCreate
from webapp.domain.decisions.decision import Decision
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.observation import Observation
from webapp.engine import observations
from webapp.engine.account import hold_orders, raise_if_account, unblock
from webapp.engine.directory_users import with_users
from webapp.engine.holding import hold, why_held
from webapp.engine.leases import SEND_BUDGET_S
from webapp.engine.looking import generation_of, postpone
from webapp.engine.pools.claiming import give_spares
from webapp.engine.rows import Stale, change, change_in, reload, row_state
from webapp.engine.run import Run
from webapp.models import Workspace

RECORD_TRIES = 5
SEED_BYTES = 32


def find(run: Run, rows: Sequence[Workspace]) -> None:
    """Check the slots of rows that may have a machine: adopt it, give up, or clear the row for sending."""
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
    """Adopt a machine that has our claim: a response was lost or late."""
    now = run.engine.clock.now()
    change(
        run.engine, run.lease, row, *slots.adopted(row_state(row), machine, generation=generation, now=now)
    )
    if row.desired is Desired.PRESENT:
        change(run.engine, run.lease, row, *observations.observed(run.engine, row, machine, now))


def _give_way(run: Run, row: Workspace, machine: Observation) -> None:
    """Someone else's machine is in the slot."""
    pace, now = run.engine.pace, run.engine.clock.now()
    change(run.engine, run.lease, row, *slots.taken(row_state(row), machine, pace=pace, now=now))


def _still_empty(run: Run, row: Workspace) -> None:
    """The slot is empty: no proof that nothing will appear, but a repeat is safe after this check."""
    now = run.engine.clock.now()
    if row.desired is Desired.ABSENT and not row.has_unknown_outcome:
        change(run.engine, run.lease, row, *slots.closed_unmade(now))
        return
    is_wanted = (
        row.desired is Desired.PRESENT
        and row.error_code is None
        and row.access(now) is not Access.SUSPENDED  # else it is only looked for
    )
    changed, note = observations.absent(run.engine, row, now)
    if is_wanted:
        repeat_at = slots.repeat_at(row_state(row), pace=run.engine.pace, now=now)
        changed |= RowChange(due_at=repeat_at)
        is_wanted = repeat_at <= now
    change(run.engine, run.lease, row, changed, note)
    if is_wanted:
        run.cleared.add(row.id)


def create(run: Run, rows: Sequence[Workspace]) -> None:
    """Order a batch: every slot was empty in this run. A row that may not be sent now stays as it is."""
    before = {row.id: Before(row.has_unknown_outcome, row.issued_at) for row in rows}
    run.cleared.difference_update(row.id for row in rows)
    if (held := why_held(run)) is not None:
        hold(run, rows, held)
        return
    batch = _commit_intent(run, give_spares(run, with_users(run, rows)))
    if batch:
        _send(run, batch, before)


def _commit_intent(run: Run, rows: Sequence[Workspace]) -> list[Workspace]:
    """Record for all rows together that a create is about to be sent; return the rows actually claimed."""
    engine = run.engine
    taken = []
    run.lease.confirm()
    with engine.sessions.begin() as session:
        for row in rows:
            decision = creates.intended(
                row_state(row),
                seed=secrets.token_hex(SEED_BYTES),
                deadline=engine.deadline_of(run.credential),
                pace=engine.pace,
                now=engine.clock.now(),
            )
            try:
                change_in(session, engine, run.lease, row, *decision)
            except Stale:
                continue
            taken.append(row)
    engine.crashpoint("intent")
    return taken


def _send(run: Run, batch: list[Workspace], before: dict[int, Before]) -> None:
    """Send once; the guard keeps a worker that was paused from sending an outdated order."""
    if run.lease.age_s > SEND_BUDGET_S:
        return  # the rows are due soon and will be checked first
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
    raise_if_account(created.stopped_by)


def _order(run: Run, row: Workspace) -> Order:
    return Order(
        claim=run.claim_of(row),
        username=row.username,
        bundle_id=row.bundle_id,
        running_mode=row.running_mode,
        password_seed=row.password_seed,
        labels={"berth-workspace": str(row.id)},
    )


def _record(run: Run, row: Workspace, claim: str, created: Created, before: Before) -> None:
    """Record the cloud's response to one order."""
    machine, asked_s = created.accepted.get(claim), created.retry_after_s or 0.0
    if machine is not None:
        _insist(run, row, before, lambda sent: sent.accepted(machine))
    elif (failure := created.refused.get(claim)) is not None:
        _insist(run, row, before, lambda sent: sent.refused(failure, at_least_s=asked_s), failure=failure)
    elif claim in created.unsent:
        _insist(run, row, before, lambda sent: sent.unsent(at_least_s=asked_s))
    else:
        _insist(run, row, before, lambda sent: sent.failed(LOST, at_least_s=asked_s), failure=LOST)


def _insist(
    run: Run,
    row: Workspace,
    before: Before,
    judge: Callable[[SentCreate], Decision],
    *,
    failure: Failure | None = None,
) -> None:
    """Someone may change the row during the call; the cloud's response is still true and is written."""
    engine = run.engine
    for _ in range(RECORD_TRIES):
        sent = SentCreate(
            row_state(row),
            before,
            engine.pace,
            engine.clock.now(),
            jitter=engine.draw_jitter(),
            blocked_code=run.credential.blocked_code,
            user_made_at=run.users_made.get(row.id),
        )
        decision = judge(sent)
        try:
            change(engine, run.lease, row, *decision)
        except Stale:
            row = reload(engine, row)
            continue
        if failure is not None:
            _after_failure(run, failure, is_retried=decision.change.attempt is not UNCHANGED)
        return


def _after_failure(run: Run, failure: Failure, *, is_retried: bool) -> None:
    """What a create that failed means beside its row."""
    if is_retried:
        metrics.count(metrics.RETRIES, failure.code)
    if failure.holds_only_orders:
        hold_orders(run.engine, run.lease, run.credential, failure)


def _call_failed(run: Run, batch: list[Workspace], before: dict[int, Before], error: CloudError) -> None:
    failure = error.failure
    is_definite = failure.trouble is not Trouble.UNKNOWN
    if (
        is_definite
        and len(batch) > 1
        and failure.trouble in (Trouble.PERMANENT, Trouble.ABSENT, Trouble.QUOTA)
    ):
        # One bad order fails the whole call, and the response does not say which: halve the batch.
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            if taken := _commit_intent(run, half):
                _send(run, taken, before)
        return
    if not is_definite:
        run.forget_listing()
    asked_s = error.retry_after_s or 0.0
    for row in batch:
        _insist(
            run,
            row,
            before[row.id],
            lambda sent: sent.failed(failure, at_least_s=asked_s),
            failure=failure,
        )
    raise_if_account(error)
