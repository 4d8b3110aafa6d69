"""Reconciling an account: one lease, one bounded run, always the most urgent due work next."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from enum import Enum, auto
from itertools import count
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from webapp import metrics
from webapp.database_trouble import trouble_of
from webapp.domain.access import Access
from webapp.domain.decisions.needs import Need, need_at
from webapp.domain.errors import CloudError
from webapp.domain.lifecycle import Desired
from webapp.engine import (
    clearing,
    creating,
    ending,
    leases,
    looking,
    moving,
    powering,
    resizing,
    suspending,
)
from webapp.engine.account import (
    AccountGate,
    AccountTrouble,
    block,
    load_credential,
    make_driver,
    prove_account,
    raise_if_account,
    unblock,
)
from webapp.engine.context import Engine
from webapp.engine.due import is_any_row_or_orphan_due, what_is_due
from webapp.engine.duties.catalog import DUTIES
from webapp.engine.duties.kinds import DutyKind
from webapp.engine.duties.rows import is_any_due
from webapp.engine.duties.running import Duties
from webapp.engine.gathering import SLICE_S, ripe
from webapp.engine.rows import put_aside, row_state, rows_in_hand
from webapp.engine.run import Run, installation_uid
from webapp.logging import about
from webapp.models import CloudCredential, Workspace
from webapp.queueing import JobName

log = logging.getLogger(__name__)

RUN_S = 25.0
"""A run ends after this, so that a worker that receives a stop signal stops soon."""
ASIDE = timedelta(minutes=5)
JOIN_SHARE = 0.2
"""A check includes what is due within this share of the poll interval: full batches, fewer calls."""
REST_JOIN_SHARE = 0.5
"""Where a check reads everything anyway, it includes what is due within this share of the rest interval:
the checks of a settled pool then coincide and cost one read."""


class Left(Enum):
    """What a run leaves for the next one."""

    NOTHING = auto()
    ROUTINE = auto()
    PRESSED = auto()
    """A person waits for it."""


def reconcile(engine: Engine, credential_id: int, *, duties: Sequence[DutyKind] = DUTIES) -> None:
    """Do everything that is due on this account, if no other worker holds it."""
    lease = leases.claim(engine, credential_id)
    if lease is None:
        return
    started_s, outcome = engine.clock.monotonic_s(), "broken"
    try:
        with about(credential_id=credential_id, run=lease.token):
            engine.crashpoint("leased")
            left = _reconcile_claimed(engine, lease, duties)
        outcome = "done" if left is Left.NOTHING else "unfinished"
    except leases.LeaseLost:
        outcome = "lease_lost"
        log.warning("another worker holds the account", extra={"credential_id": credential_id})
        return
    finally:
        lease.release()
        metrics.observe(metrics.RECONCILE_SECONDS, engine.clock.monotonic_s() - started_s, outcome)
    if left is Left.PRESSED:
        engine.notifier.notify(JobName.RECONCILE, credential_id)
    elif left is Left.ROUTINE:
        engine.notifier.notify_due([(JobName.RECONCILE, credential_id)])


def rehearse(engine: Engine) -> None:
    """Ask everything that an empty run asks, for an account that does not exist."""
    nobody = CloudCredential(id=0, account_id="")
    leases.Lease(engine, nobody.id, token=0).release()
    load_credential(engine, nobody.id)
    _has_work(engine, nobody, DUTIES)


def _reconcile_claimed(engine: Engine, lease: leases.Lease, kinds: Sequence[DutyKind]) -> Left:
    credential = load_credential(engine, lease.credential_id)
    if credential is None:
        ending.settle_without_key(engine, lease)
        return Left.NOTHING
    if not _has_work(engine, credential, kinds):
        return Left.NOTHING
    if credential.blocked_until is not None and credential.blocked_until > engine.clock.now():
        return Left.NOTHING
    try:
        gate = AccountGate(engine, credential, lease)
        installation = installation_uid(engine)
        driver = make_driver(engine, credential, gate, installation=installation)
        try:
            prove_account(engine, lease, credential, driver)
        except CloudError as error:
            raise_if_account(error)
            raise AccountTrouble(error.failure, retry_after_s=error.retry_after_s) from None
        run = Run(engine, lease, credential, driver, installation)
        left = _work(run, Duties(run, kinds, gate, has_urgent=lambda: _has_urgent(run)))
    except AccountTrouble as trouble:
        block(engine, lease, credential, trouble)
        return Left.NOTHING
    if credential.blocked_until is not None:
        unblock(engine, lease, credential)
    return left


def _has_work(engine: Engine, credential: CloudCredential, kinds: Sequence[DutyKind]) -> bool:
    now = engine.clock.now()
    with engine.sessions.begin() as session:
        return is_any_row_or_orphan_due(session, credential.id, now) or is_any_due(
            session, credential, kinds, now
        )


def _work(run: Run, duties: Duties) -> Left:
    """Step after step until nothing is due, the time is used up, or another account's turn has come."""
    clock = run.engine.clock
    end_s = clock.monotonic_s() + RUN_S
    for steps in count():
        is_turn_over = clock.monotonic_s() >= end_s or (steps > 0 and _is_other_pressed(run))
        if is_turn_over and not duties.must_finish and not _must_send(run):
            break
        need, rows, has_orphans = _most_urgent(run)
        if has_orphans and _clear_orphans(run, need):
            continue
        duty = duties.turn_of(need, rows, left_s=end_s - clock.monotonic_s())
        if duty is not None:
            duties.step(duty)
            continue
        if need is None:
            return Left.ROUTINE if duties.is_any_left() else Left.NOTHING
        taken = _take(run, need, rows)
        if not taken:
            clock.pause(SLICE_S)
            continue
        in_hand = [row.id for row in taken]
        try:
            with about(**rows_in_hand(taken)):
                _step(run, need, taken)
            in_hand = []
        except (AccountTrouble, leases.LeaseLost, SQLAlchemyError) as error:
            if not isinstance(error, SQLAlchemyError) or trouble_of(error) is not None:
                in_hand = []  # it says nothing about these rows
            raise
        finally:
            # Only an unexpected error leaves rows unfinished; the job reports its traceback.
            if in_hand:
                log.error("rows are put aside", extra={"need": need.name.lower()} | rows_in_hand(taken))
                put_aside(run.engine, run.lease, in_hand, until=clock.now() + ASIDE)
    duties.give_up()
    return _left(run, duties)


def _is_other_pressed(run: Run) -> bool:
    """Does a person wait for another account? Then this one goes on later, after at least one step."""
    return run.engine.notifier.is_other_pressed(JobName.RECONCILE, run.credential.id)


def _left(run: Run, duties: Duties) -> Left:
    """What is due when the run's turn is over; an unknown machine is a person's order too."""
    need = _most_urgent(run).need
    if need in (None, Need.LOOK, Need.REST):
        return Left.NOTHING if need is None and not duties.is_any_left() else Left.ROUTINE
    return Left.PRESSED


def _must_send(run: Run) -> bool:
    """Knowledge about slots ends with the run, so the orders whose slots were checked are sent first.

    Otherwise an account whose checks and listings fill every run would never get another desktop.
    """
    return bool(run.cleared) and _most_urgent(run).need is Need.CREATE


def _has_urgent(run: Run) -> bool:
    """Is something due that a person waits for?"""
    need, _, has_orphans = _most_urgent(run)
    return has_orphans or (need is not None and need < Need.LOOK)


def _clear_orphans(run: Run, need: Need | None) -> bool:
    """Terminate due orphans, as urgently as rows; True if there were any."""
    if need is not None and need < Need.TERMINATE:
        return False
    batch = clearing.due_orphans(run.engine, run.credential.id, limit=run.driver.batch_size)
    if batch:
        clearing.end(run, batch)
    return bool(batch)


class Urgent(NamedTuple):
    need: Need | None
    """None: no row is due."""
    rows: list[Workspace]
    """The rows that have it."""
    has_orphans: bool


def _most_urgent(run: Run) -> Urgent:
    """The most urgent need of what is due, and the rows that have it; no more looks than one step takes."""
    now = run.engine.clock.now()
    engine, looks_at_all = run.engine, run.driver.looks_at_all
    ahead = engine.rest * REST_JOIN_SHARE if looks_at_all else engine.poll * JOIN_SHARE
    due = what_is_due(engine, run.credential.id, until=now + ahead, looks=run.driver.look_size)
    needs = [(row, _need(run, row), row.due_at is not None and row.due_at <= now) for row in due.rows]
    need = min((need for _, need, is_due in needs if is_due), default=None)
    # A check includes what is nearly due; everything else keeps its time.
    rows = [row for row, its, is_due in needs if its is need and (is_due or need is Need.LOOK)]
    return Urgent(need, rows, due.has_orphans)


def _need(run: Run, row: Workspace) -> Need:
    """By the table; a row whose slot was just found empty may be sent."""
    now = run.engine.clock.now()
    need = need_at(row_state(row), now)
    is_wanted = row.desired is Desired.PRESENT and row.access(now) is not Access.SUSPENDED
    if need is Need.FIND and row.id in run.cleared and is_wanted:
        return Need.CREATE
    if need is Need.CREATE and row.id not in run.cleared:
        return Need.FIND
    return need


def _take(run: Run, need: Need, rows: list[Workspace]) -> list[Workspace]:
    """The rows that one step handles; none while more orders are expected."""
    if need is Need.FIND:
        return ripe(run, rows)  # one listing of the directory serves them all
    if need is Need.MOVE:
        return rows[:1]
    return rows[: run.driver.look_size if need in (Need.LOOK, Need.LOOK_ASKED) else run.driver.batch_size]


def _step(run: Run, need: Need, rows: Sequence[Workspace]) -> None:
    """`rows` are no more than one step handles."""
    batch = list(rows)
    match need:
        case Need.TERMINATE:
            ending.terminate(run, batch)
        case Need.POWER:
            powering.power(run, batch)
        case Need.MOVE:
            moving.move(run, batch)
        case Need.LOOK_ASKED | Need.LOOK:
            looking.look(run, batch)
        case Need.FIND:
            creating.find(run, batch)
        case Need.CREATE:
            creating.create(run, batch)
        case _:
            for row in batch:
                _ONE_BY_ONE[need](run, row)


_ONE_BY_ONE = {
    Need.CLOSE: ending.close,
    Need.REOPEN: ending.reopen,
    Need.TURN: suspending.turn,
    Need.RESIZE: resizing.resize,
    Need.REST: looking.rest,
}
