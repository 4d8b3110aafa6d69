"""Each defence of the engine, and how to take it away: the simulator must notice each loss.

A check that cannot fail is worth nothing. Some defences are two lines of code that stand in for each
other; both go together then, and the description says so.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from tests.simulator.contract_defences import OF_CONTRACTS
from tests.simulator.database import Database
from tests.simulator.readiness.defences import OF_READINESS
from tests.simulator.restores.defences import OF_RESTORES
from webapp.clouds.aws_workspaces import client as aws_client
from webapp.clouds.azure_avd import judging
from webapp.clouds.azure_avd.judging import Judgement
from webapp.clouds.azure_avd.parts import HostPart, MachinePart, Parts
from webapp.clouds.azure_avd.survey import Survey
from webapp.domain import absence
from webapp.domain.lifecycle import CloudState, Desired
from webapp.domain.observation import MachineRef
from webapp.engine import creating, leases, looking, quiet, reconcile, rows
from webapp.engine.context import Engine
from webapp.engine.duties import rows as duty_rows
from webapp.engine.leases import Lease
from webapp.engine.run import Run
from webapp.engine.sweep import Sweeper
from webapp.models import CloudCredential, Workspace

Removal = Callable[[ExitStack, Database], None]


def _tick(stack: ExitStack, _database: Database) -> None:
    """Only the notifier calls the workers."""
    stack.enter_context(patch.object(Sweeper, "sweep", lambda _self: 0))


def _intent(stack: ExitStack, _database: Database) -> None:
    """The create is sent without having been written down."""
    stack.enter_context(patch.object(creating, "_commit_intent", lambda _run, batch: list(batch)))


def _unique_slot(_stack: ExitStack, database: Database) -> None:
    """The database lets two live rows into one slot."""
    database.drop_index("uq_workspaces_live_slot")


def _absence_rule(stack: ExitStack, _database: Database) -> None:
    """One listing without the machine proves that it is gone, however soon."""
    stack.enter_context(patch.object(absence, "NEEDED", 1))
    stack.enter_context(patch.object(absence.AbsenceRule, "settles_at", lambda _self, issued_at: issued_at))


def _account_pin(stack: ExitStack, _database: Database) -> None:
    """A changed key is used without asking whose it is."""
    stack.enter_context(patch.object(reconcile, "prove_account", lambda *_: None))


def _safe_cancel(stack: ExitStack, _database: Database) -> None:
    """A cancelled order is closed as soon as its slot looks empty, although a create may be under way."""
    judge = creating._still_empty  # pyright: ignore[reportPrivateUsage]

    def close_at_once(run: Run, row: Workspace) -> None:
        row.has_unknown_outcome &= row.desired is Desired.PRESENT
        judge(run, row)

    stack.enter_context(patch.object(creating, "_still_empty", close_at_once))


def _single_attempt(stack: ExitStack, _database: Database) -> None:
    """The SDK sends a create again by itself, as its own default is."""

    def with_default_retries(**options: Any) -> Any:
        return aws_client_config(**options | {"retries": {"mode": "standard", "total_max_attempts": 3}})

    aws_client_config = aws_client.Config
    stack.enter_context(patch.object(aws_client, "Config", with_default_retries))


def _lease(stack: ExitStack, _database: Database) -> None:
    """Any number of workers reconcile one account, and each writes over what the others wrote."""
    write = rows.change_in

    def write_over(session: Session, engine: Engine, lease: Lease, row: Workspace, *rest: Any) -> None:
        row.version = session.scalars(select(Workspace.version).where(Workspace.id == row.id)).one()
        write(session, engine, lease, row, *rest)

    claim_always = leases._claim_if(true())  # pyright: ignore[reportPrivateUsage]
    stack.enter_context(patch.object(leases, "_CLAIM", claim_always))
    for module in (rows, quiet):
        stack.enter_context(patch.object(module, "is_held", lambda _lease: true()))
    for module in (rows, creating):
        stack.enter_context(patch.object(module, "change_in", write_over))


def _send_guard(stack: ExitStack, _database: Database) -> None:
    """A worker that slept sends all the same: neither its lease's age nor its hold is looked at again."""
    stack.enter_context(patch.object(creating, "SEND_BUDGET_S", float("inf")))
    stack.enter_context(patch.object(leases.Lease, "keep", lambda _self: None))


def _claim(stack: ExitStack, _database: Database) -> None:
    """Whatever stands in the slot passes for ours."""
    for module in (creating, looking):
        stack.enter_context(patch.object(module, "generation_of", lambda _run, row, _machine: row.generation))


def _duty_fence(stack: ExitStack, _database: Database) -> None:
    """What a duty found out is written down also by a worker that has lost the account meanwhile."""

    def of_anybody(_lease: Lease, credential: CloudCredential) -> ColumnElement[bool]:
        return CloudCredential.id == credential.id

    stack.enter_context(patch.object(duty_rows, "is_ours", of_anybody))


def _look_at_the_name(stack: ExitStack, _database: Database) -> None:
    """A name on Azure is deployed to without a look at what stands there."""
    stack.enter_context(patch.object(Survey, "find_stranger", lambda _self, _claim: None))


def _status_decides(stack: ExitStack, _database: Database) -> None:
    """A host without a fresh heartbeat cannot be connected to, whatever its status says."""
    usable = judging._usable  # pyright: ignore[reportPrivateUsage]

    def usable_if_fresh(found: Parts, machine: MachinePart, host: HostPart, ref: MachineRef) -> Judgement:
        beat_at = host.heartbeat_at
        if ref.was_usable and beat_at is not None and _NOW[-1] - beat_at > timedelta(minutes=5):
            return Judgement(CloudState.ERROR, "NoHeartbeat")
        return usable(found, machine, host, ref)

    judge = judging.judge

    def judge_at(found: Parts, ref: MachineRef, now: datetime) -> Judgement:
        _NOW[:] = [now]
        return judge(found, ref, now)

    stack.enter_context(patch.object(judging, "judge", judge_at))
    stack.enter_context(patch.object(judging, "_usable", usable_if_fresh))


_NOW: list[datetime] = []


ON_AZURE = frozenset({"look-at-the-name", "status-decides"})
"""Defences that only schedules on both clouds can notice."""
DEFENCES: dict[str, Removal] = {
    "tick": _tick,
    "intent": _intent,
    "unique-slot": _unique_slot,
    "absence-rule": _absence_rule,
    "account-pin": _account_pin,
    "safe-cancel": _safe_cancel,
    "single-attempt": _single_attempt,
    "lease": _lease,
    "send-guard": _send_guard,
    "claim": _claim,
    "duty-fence": _duty_fence,
    "look-at-the-name": _look_at_the_name,
    "status-decides": _status_decides,
    **OF_CONTRACTS,
    **OF_READINESS,
    **OF_RESTORES,
}


@contextmanager
def without(name: str | None, database: Database) -> Iterator[None]:
    """Inside, this defence is gone; None takes nothing away."""
    with ExitStack() as stack:
        if name is not None:
            DEFENCES[name](stack, database)
        yield
