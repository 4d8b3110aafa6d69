"""What an observation of its machine means for a row."""

from dataclasses import replace
from datetime import datetime, timedelta

from webapp.domain.actor import CLOUD
from webapp.domain.decisions import hibernating, resizes
from webapp.domain.decisions.change import (
    NO_CHANGE,
    NO_ERROR,
    NO_EVIDENCE,
    NO_SEED,
    NOTHING_ASKED,
    RowChange,
    after,
    error_columns,
    looked,
)
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.invitations import is_uninvited, while_running
from webapp.domain.decisions.launches import while_creating
from webapp.domain.decisions.note import Level, Note
from webapp.domain.decisions.pace import Pace
from webapp.domain.decisions.power import outcome_of
from webapp.domain.decisions.row import RowState
from webapp.domain.decisions.suspensions import WATCH_POLLS, is_watched, owed
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import POWER_IN_TRANSITION, USABLE, CloudState, Phase
from webapp.domain.observation import Observation

SIZE_LENGTH, MODE_LENGTH = 40, 16
"""Of the columns: a cloud may invent longer words."""


def observed(row: RowState, observation: Observation, *, pace: Pace, now: datetime) -> Decision:
    """The machine of this row is there, in this state."""
    if observation.state is CloudState.UNKNOWN and not observation.word and row.cloud_state is not None:
        # The cloud says nothing about its state just now: it counts as unchanged.
        observation = replace(observation, state=row.cloud_state, word=row.cloud_word or "", follow_ups=())
    common = (
        looked(now)
        | RowChange(
            cloud_state=observation.state,
            cloud_word=observation.word,
            cloud_workspace_id=observation.cloud_workspace_id,
            computer_name=observation.computer_name or row.computer_name,
            ip_address=observation.ip_address or row.ip_address,
            compute_type=_short(observation.compute_type, SIZE_LENGTH) or row.compute_type,
            volumes=_short(observation.volumes, SIZE_LENGTH) or row.volumes,
            running_mode=_short(observation.running_mode, MODE_LENGTH) or row.running_mode,
            auto_stop_minutes=_minutes(row, observation),
            operating_system=_short(observation.operating_system, SIZE_LENGTH) or row.operating_system,
            heartbeat_at=observation.heartbeat_at,
        )
        | NO_EVIDENCE
    )
    if row.phase is Phase.TERMINATING:
        return Decision(common | RowChange(due_at=now + pace.poll))
    change, note = _by_phase(row, observation, pace=pace, now=now)
    if row.password_seed is not None and after(row.phase, change.phase) is Phase.READY:
        change |= NO_SEED  # no create of this machine is repeated any more
    shown = replace(
        row,
        phase=after(row.phase, change.phase),
        requested_action=after(row.requested_action, change.requested_action),
        resize_kind=after(row.resize_kind, change.resize_kind),
        available_at=after(row.available_at, change.available_at),
        error_code=after(row.error_code, change.error_code),
    )
    change |= while_running(shown, observation.state, now)
    wait = _wait(shown, observation, pace=pace, now=now)
    return Decision(common | RowChange(due_at=now + wait) | change, note)


def _wait(shown: RowState, observation: Observation, *, pace: Pace, now: datetime) -> timedelta:
    """Until the next look at what the row now shows."""
    is_restless = observation.state in POWER_IN_TRANSITION or shown.requested_action or shown.resize
    is_off = observation.state is CloudState.STOPPED
    is_awaited = is_off and shown.error_code is None and is_uninvited(shown, now)
    if is_restless or is_awaited or owed(shown, observation.state, now) is not None:
        return pace.poll
    return min(pace.rest, pace.poll * WATCH_POLLS) if is_watched(shown, now) else pace.rest


def _minutes(row: RowState, observation: Observation) -> int | None:
    """With another running mode there may be none."""
    return observation.auto_stop_minutes if observation.running_mode else row.auto_stop_minutes


def _short(word: str | None, length: int) -> str:
    return (word or "")[:length]


def _by_phase(row: RowState, observation: Observation, *, pace: Pace, now: datetime) -> Decision:
    if observation.state is CloudState.TERMINATING:
        return _ended_elsewhere(row, now)
    if row.phase in (Phase.CREATING, Phase.STALLED):
        return while_creating(row, observation, pace=pace, now=now)
    if row.phase is Phase.LOST:
        return _found_again(row, observation)
    return _in_use(row, observation, pace=pace, now=now)


def _ended_elsewhere(row: RowState, now: datetime) -> Decision:
    ending = RowChange(phase=Phase.TERMINATING)
    if not row.is_wanted:
        return Decision(ending)
    failure = Failure("terminated_outside", Trouble.PERMANENT)
    return Decision(
        ending | error_columns(failure, now) | NOTHING_ASKED,
        Note("terminated_outside", "The desktop is being deleted outside Berth.", Level.WARNING, CLOUD),
    )


def _found_again(row: RowState, observation: Observation) -> Decision:
    phase = Phase.READY if row.available_at or observation.state in USABLE else Phase.CREATING
    note = Note("found_again", "The cloud lists the desktop again.", actor=CLOUD)
    return Decision(RowChange(phase=phase) | NO_ERROR, note)


def _in_use(row: RowState, observation: Observation, *, pace: Pace, now: datetime) -> Decision:
    change = NO_CHANGE
    if observation.state is CloudState.AVAILABLE and row.available_at is None:
        change |= RowChange(available_at=now)  # it was adopted
    if observation.state is CloudState.ERROR:
        if row.error_code != "cloud_error_state":
            change |= error_columns(observation.as_error(), now)
    elif row.error_code == "cloud_error_state":
        change |= NO_ERROR
    change |= hibernating.while_running(row, observation)
    fallen_back = hibernating.outcome_of(row, observation, pace=pace, now=now)
    outcome, note = fallen_back or outcome_of(row, observation, pace=pace, now=now)
    if row.requested_action is None:
        outcome, note = resizes.outcome_of(row, observation, pace=pace, now=now)
    # While an action is in progress the public state does not follow the cloud's steps.
    if note is None and observation.state is not row.cloud_state and row.requested_action is None:
        note = Note("state_seen", f"The cloud reports {observation.word}.", actor=CLOUD)
    return Decision(change | outcome, note)
