"""The defences of backups and restores, and how to take each away (`tests/simulator/defences.py`)."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any
from unittest.mock import patch

from tests.simulator.database import Database
from tests.simulator.restores import play
from webapp.clouds.disk_restores import RestoresDisks
from webapp.domain.decisions import power, promises
from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.decision import Decision
from webapp.domain.disk_snapshots import Held, SnapshotKind, is_due, name_of
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import BRINGS_BACK, Action
from webapp.domain.snapshots import Snapshots
from webapp.engine import powering
from webapp.engine.disk_snapshots import (
    comparing,
    ending,
    left_disks,
    restore_rows,
    restoring,
    return_rows,
    rows,
    taking,
)
from webapp.engine.run import Run
from webapp.models import DiskRestore, DiskSnapshot, Workspace


def _same_promise(stack: ExitStack, _database: Database) -> None:
    """A restore is sent whatever the cloud's newest snapshot is by then."""
    kept = promises.kept

    def keep_any(
        action: Action, found: Snapshots, *, promised_at: datetime | None, now: datetime
    ) -> Decision | Failure:
        return kept(action, found, promised_at=None, now=now)

    stack.enter_context(patch.object(promises, "kept", keep_any))


def _back_once(stack: ExitStack, _database: Database) -> None:
    """A restore or rebuild whose answer was lost is sent again."""
    judge = power.refused

    def send_again(
        row: Any, action: Action, failure: Failure, *, pace: Any, now: Any, **more: Any
    ) -> Decision:
        if failure.trouble is Trouble.UNKNOWN and action in BRINGS_BACK:
            return Decision(RowChange(action_sent_at=None, due_at=now + pace.poll))
        return judge(row, action, failure, pace=pace, now=now, **more)

    stack.enter_context(patch.object(power, "refused", send_again))


def _back_noted(stack: ExitStack, _database: Database) -> None:
    """A restore or rebuild is sent without having been written down."""

    def keep_in_mind(_run: Run, row: Workspace, _action: Action) -> list[Workspace]:
        return [row]

    stack.enter_context(patch.object(powering, "_promised", keep_in_mind))


def _read_again(stack: ExitStack, _database: Database) -> None:
    """What has the snapshot's name is taken for it, whoever made it."""

    def begin(work: Any) -> Failure | None:
        snapshot = restore_rows.find_promised(work.run, work.row)
        if snapshot is None:
            return restoring.CHANGED
        work.restore = restore_rows.begin(work.run, work.row, snapshot)
        return None

    stack.enter_context(patch.object(restoring, "_begin", begin))


def _snapshot_intent(stack: ExitStack, _database: Database) -> None:
    """A snapshot is taken without having been written down."""
    intend = taking._intend  # pyright: ignore[reportPrivateUsage]

    def send(_run: Run, keeper: Any, snapshot: DiskSnapshot) -> None:
        keeper.take_disk_snapshot(snapshot.cloud_workspace_id, name=snapshot.name, claim=snapshot.claim)

    def keep_in_mind(run: Run, candidate: Any) -> DiskSnapshot | None:
        with patch.object(rows, "add", lambda *_: None):
            return intend(run, candidate)

    stack.enter_context(patch.object(taking, "_intend", keep_in_mind))
    stack.enter_context(patch.object(taking, "_send", send))


def _one_a_day(stack: ExitStack, _database: Database) -> None:
    """A snapshot is due in each round, and each has its own name."""

    def due(desktop: Any, *, newest: Any, tried_at: Any, now: datetime) -> bool:
        return is_due(desktop, newest=newest, tried_at=None, now=now)

    def name(machine: str, at: datetime, kind: SnapshotKind) -> str:
        return f"{name_of(machine, at, kind)}{at:%H%M%S}"

    stack.enter_context(patch.object(taking, "is_due", due))
    stack.enter_context(patch.object(taking, "name_of", name))


def _at_once(stack: ExitStack, _database: Database) -> None:
    """As many snapshots at once as are due."""
    stack.enter_context(patch.object(play, "AT_ONCE", 100))


def _kept_number(stack: ExitStack, _database: Database) -> None:
    """Of a desktop that is there only the newest snapshot is kept, whatever the policy."""

    def all_but_one(held: Sequence[Held], *_: Any, **__: Any) -> set[int]:
        newest = max(held, key=lambda one: (one.at, one.id), default=None)
        return {one.id for one in held if one is not newest}

    stack.enter_context(patch.object(ending, "over", all_but_one))


def _last_kept(stack: ExitStack, _database: Database) -> None:
    """The last snapshot goes with its desktop."""

    def everything(held: Sequence[Held], *_: Any, **__: Any) -> set[int]:
        return {one.id for one in held}

    stack.enter_context(patch.object(ending, "over_after_end", everything))


def _last_goes(stack: ExitStack, _database: Database) -> None:
    """The last snapshot of a desktop that is gone stays."""
    stack.enter_context(patch.object(ending, "over_after_end", lambda *_, **__: set()))


def _needed(stack: ExitStack, _database: Database) -> None:
    """A snapshot is deleted also while a restore or a return is about to use it."""
    stack.enter_context(patch.object(restore_rows, "ids_in_use", lambda _run: set()))
    stack.enter_context(patch.object(return_rows, "snapshots_in_use", lambda _run: set()))


def _gone_proven(stack: ExitStack, _database: Database) -> None:
    """What one listing lacks is gone."""

    def believe(run: Run, _keeper: Any, row: DiskSnapshot) -> None:
        comparing.write_gone(run, row)

    stack.enter_context(patch.object(comparing, "_confirm_gone", believe))


def _left_disks(stack: ExitStack, _database: Database) -> None:
    """The disks that restores leave stay."""
    stack.enter_context(patch.object(left_disks, "tidied", lambda *_: iter(())))


def _which_disk(stack: ExitStack, _database: Database) -> None:
    """Of a restore that was given up the new disk goes, without a look at which one the machine has."""
    end = left_disks._end  # pyright: ignore[reportPrivateUsage]

    def end_new(run: Run, restorer: RestoresDisks, restore: DiskRestore) -> None:
        end(run, restorer, restore, restore.disk)

    stack.enter_context(patch.object(left_disks, "_end_new", end_new))


def _seen_back(stack: ExitStack, _database: Database) -> None:
    """The disk from before goes as soon as the machine has the new one."""
    stack.enter_context(patch.object(left_disks, "_is_back", lambda *_: True))


def _given_up(stack: ExitStack, _database: Database) -> None:
    """A restore that nobody asks for any more is not ended."""
    stack.enter_context(patch.object(left_disks, "_is_asked_for", lambda *_: True))
    stack.enter_context(patch.object(restoring, "_refused", _never_ending(restoring._refused)))  # pyright: ignore[reportPrivateUsage]


def _never_ending(refused: Callable[..., None]) -> Callable[..., None]:
    def keep_open(work: Any, failure: Failure, *, at_least_s: float) -> None:
        write = restoring._write  # pyright: ignore[reportPrivateUsage]
        with patch.object(restoring, "_write", lambda work, decision, _columns: write(work, decision, {})):
            refused(work, failure, at_least_s=at_least_s)

    return keep_open


OF_RESTORES: dict[str, Callable[[ExitStack, Database], None]] = {
    "same-promise": _same_promise,
    "back-once": _back_once,
    "back-noted": _back_noted,
    "read-again": _read_again,
    "snapshot-intent": _snapshot_intent,
    "one-a-day": _one_a_day,
    "at-once": _at_once,
    "kept-number": _kept_number,
    "last-kept": _last_kept,
    "last-goes": _last_goes,
    "needed": _needed,
    "gone-proven": _gone_proven,
    "left-disks": _left_disks,
    "which-disk": _which_disk,
    "seen-back": _seen_back,
    "given-up": _given_up,
}
