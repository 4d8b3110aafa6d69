"""The decisions about an observation, and about none, asked with what the engine has in hand."""

from datetime import datetime

from webapp.domain.decisions import absences, moves, observations
from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.decision import Decision
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.observation import Observation
from webapp.engine.context import Engine
from webapp.engine.rows import row_state
from webapp.models import Workspace


def observed(engine: Engine, row: Workspace, observation: Observation, now: datetime) -> Decision:
    """The machine of this row is there."""
    return observations.observed(row_state(row), observation, pace=engine.pace, now=now)


def in_slot(engine: Engine, row: Workspace, machine: Observation, now: datetime) -> Decision:
    """A machine of ours is in its slot: the row's own, or another one, by a move."""
    state, before, found_id = row_state(row), row.moved_from or {}, machine.cloud_workspace_id
    is_other, is_wanted = found_id != row.cloud_workspace_id, row.desired is Desired.PRESENT
    if is_other and is_wanted and found_id == before.get("machine"):
        return moves.given_up(state, before, machine, pace=engine.pace, now=now)
    if is_other and is_wanted and row.phase is Phase.TERMINATING:
        return moves.moved_outside(state, machine, pace=engine.pace, now=now)
    return observations.observed(state, machine, pace=engine.pace, now=now)


def unseen_by_id(engine: Engine, row: Workspace, now: datetime) -> RowChange | None:
    """A look by id did not show it; None when only a look into the slot can say more."""
    return absences.unseen_by_id(row_state(row), pace=engine.pace, now=now)


def absent(engine: Engine, row: Workspace, now: datetime) -> Decision:
    """A complete listing of the slot does not contain our machine."""
    state, pace = row_state(row), engine.pace
    evidence = absences.evidence_now(state, pace=pace, now=now)
    if evidence.is_proof():
        engine.crashpoint("proven")
    return absences.absent(state, evidence, pace=pace, now=now)


def still_missing(engine: Engine, row: Workspace, now: datetime) -> RowChange:
    """The same, when it is not to be called lost now."""
    return absences.still_missing(row_state(row), pace=engine.pace, now=now)
