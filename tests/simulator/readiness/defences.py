"""The defences of pools, hours, changes of size and moves, and how to take each away (`defences.py`)."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any
from unittest.mock import patch

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.simulator.database import Database
from webapp.domain import pools as rules
from webapp.domain.decisions import moves, resizes, spares
from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.decision import Decision
from webapp.domain.errors import Failure, Trouble
from webapp.domain.pools import PoolState
from webapp.engine import working_hours
from webapp.engine.context import Engine
from webapp.engine.duties import pools as duty
from webapp.engine.pools import claiming, making
from webapp.engine.pools import drift as pool_drift
from webapp.engine.run import Run
from webapp.models import PoolDesktop, WarmPool, Workspace
from webapp.services import moves as move_service
from webapp.services import resize_choices
from webapp.services import resizes as resize_service


def _pool_claim(stack: ExitStack, _database: Database) -> None:
    """A desktop that is given away goes on waiting in its pool."""

    def take(session: Session, _engine: Engine, row: Workspace) -> PoolDesktop | None:
        ready = select(PoolDesktop).where(
            PoolDesktop.credential_id == row.credential_id, PoolDesktop.state == PoolState.READY
        )
        return session.scalars(ready.order_by(PoolDesktop.id).limit(1)).one_or_none()

    stack.enter_context(patch.object(claiming, "take", take))


def _used_desktop(stack: ExitStack, _database: Database) -> None:
    """A desktop that somebody has got waits in its pool like any other."""
    for module in (spares, pool_drift):
        stack.enter_context(patch.object(module, "is_taken", lambda _observation: False))


def _pool_intent(stack: ExitStack, _database: Database) -> None:
    """A desktop of a pool is ordered without having been written down."""
    new_row = making._new_row  # pyright: ignore[reportPrivateUsage]

    def keep_in_mind(
        run: Run, maker: Any, pool: WarmPool, _again: Sequence[PoolDesktop], *, new: int
    ) -> tuple[list[PoolDesktop], set[int]]:
        return [new_row(run, maker, pool) for _ in range(new)], set()

    stack.enter_context(patch.object(making, "_commit_intents", keep_in_mind))


def _pool_count(stack: ExitStack, _database: Database) -> None:
    """Each round makes what is wanted, whatever stands already."""
    missing = duty._missing  # pyright: ignore[reportPrivateUsage]
    stack.enter_context(patch.object(duty, "_missing", lambda run, pool, _standing: missing(run, pool, 0)))


def _pool_ceiling(stack: ExitStack, _database: Database) -> None:
    """As many as are needed, whatever the ceiling."""
    plan = rules.plan

    def most(_rule: rules.PoolRule, affordable: int | None) -> int:
        return 100 if affordable is None else affordable

    def missing(run: Run, pool: WarmPool, standing: int) -> int:
        return plan(
            pool.rule,
            wanted_now=pool.wanted,
            kept_now=rules.Kept(pool.kept, run.engine.clock.now()),
            standing=standing,
            balance=rules.Balance(),
            now=run.engine.clock.now(),
        ).make

    stack.enter_context(patch.object(rules, "most", most))
    stack.enter_context(patch.object(duty, "_missing", missing))


def _pool_budget(stack: ExitStack, _database: Database) -> None:
    """A pool may cost anything."""
    stack.enter_context(patch.object(duty, "affordable", lambda _run, _pool: None))


def _pool_surplus(stack: ExitStack, _database: Database) -> None:
    """What is not wanted any more goes on waiting."""
    stack.enter_context(patch.object(duty, "_least_needed", lambda _standing: []))


def _pool_absence(stack: ExitStack, _database: Database) -> None:
    """A desktop of a pool that one look does not show is gone."""

    def gone(row: spares.Spare, *, rule: Any, now: datetime) -> spares.Fate:
        fate = unseen(row, rule=rule, now=now)
        return spares.Fate(fate.columns | {"state": PoolState.GONE, "ended_at": now}, fate.failure)

    unseen = spares.unseen
    stack.enter_context(patch.object(spares, "unseen", gone))


def _pool_drift(stack: ExitStack, _database: Database) -> None:
    """The inventory knows no pools: what waits there belongs to nobody."""
    stack.enter_context(patch.object(pool_drift, "is_of_a_pool", lambda *_: False))


def _connected_look(stack: ExitStack, _database: Database) -> None:
    """A stop by the hours is sent without asking once more who is connected."""
    stack.enter_context(patch.object(working_hours, "unused", lambda _run, rows: rows))


def _hours_settle(stack: ExitStack, _database: Database) -> None:
    """A look asks for no start and no stop, whatever the hours say."""
    stack.enter_context(patch.object(working_hours, "settle", lambda _run, _seen: None))


def _change_once(stack: ExitStack, _database: Database) -> None:
    """A change of size whose answer was lost is sent again."""
    judge = resizes.refused

    def send_again(row: Any, failure: Failure, *, pace: Any, now: Any, **more: Any) -> Decision:
        if failure.trouble is Trouble.UNKNOWN:
            return Decision(RowChange(resize_sent_at=None, due_at=now + pace.poll))
        return judge(row, failure, pace=pace, now=now, **more)

    stack.enter_context(patch.object(resizes, "refused", send_again))


def _move_once(stack: ExitStack, _database: Database) -> None:
    """A move whose answer was lost is sent again."""
    judge = moves.refused

    def send_again(asked: Any, failure: Failure, *, pace: Any, now: Any, **more: Any) -> Decision:
        if failure.trouble is Trouble.UNKNOWN:
            return Decision(RowChange(move_sent_at=None, due_at=now + pace.poll))
        return judge(asked, failure, pace=pace, now=now, **more)

    stack.enter_context(patch.object(moves, "refused", send_again))


def _one_change(stack: ExitStack, _database: Database) -> None:
    """A change may be asked for while another one is under way."""
    refusal = resize_choices.refusal

    def not_for_another(context: Any, row: Workspace) -> str | None:
        return None if row.resize_kind is not None else refusal(context, row)

    stack.enter_context(patch.object(resize_choices, "refusal", not_for_another))


def _change_budget(stack: ExitStack, _database: Database) -> None:
    """A change of size or a move may cost anything."""
    for module in (resize_service, move_service):
        stack.enter_context(patch.object(module, "check_becomes", lambda *_: None))


OF_READINESS: dict[str, Callable[[ExitStack, Database], None]] = {
    "pool-claim": _pool_claim,
    "used-desktop": _used_desktop,
    "pool-intent": _pool_intent,
    "pool-count": _pool_count,
    "pool-ceiling": _pool_ceiling,
    "pool-budget": _pool_budget,
    "pool-surplus": _pool_surplus,
    "pool-absence": _pool_absence,
    "pool-drift": _pool_drift,
    "connected-look": _connected_look,
    "hours-settle": _hours_settle,
    "change-once": _change_once,
    "move-once": _move_once,
    "one-change": _one_change,
    "change-budget": _change_budget,
}
