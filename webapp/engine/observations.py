"""What follows from seeing a machine. Decides the change; the caller writes it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from webapp.domain import catalogue
from webapp.domain.actor import CLOUD
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import (
    POWER_IN_TRANSITION,
    USABLE,
    Action,
    CloudState,
    Desired,
    Phase,
)
from webapp.domain.observation import Observation
from webapp.engine.context import Engine
from webapp.engine.rows import NO_ACTION, NO_EVIDENCE, Note, error_columns, facts_of, looked
from webapp.models import Level, Workspace

ACTION_LIMIT = timedelta(minutes=20)
"""After this an accepted start, stop or restart counts as failed."""
REBUILD_LIMIT = timedelta(hours=2)
REBUILD_UNSEEN = timedelta(minutes=10)
"""A rebuild that was never seen in progress, and left no trace, counts as not done: it takes half an hour."""
RESTART_UNSEEN_POLLS = 3
"""A restart that was never seen in progress counts as done after so many looks."""

HELD_UP = "held_up"
PASSES_WHEN_UNSEEN = frozenset({"assigned_to_other"})
"""Errors of a desktop that is being made, which are over as soon as the cloud does not show them."""

_DONE = {
    Action.START: "Started.",
    Action.STOP: "Stopped.",
    Action.RESTART: "Restarted.",
    Action.REBUILD: "Rebuilt.",
}

WAITS_FOR_RIGHT = "waiting_for_credential"
"""The event of a failed launch that is begun again when the credential is repaired."""

Decision = tuple[dict[str, Any], Note | None]


def observed(engine: Engine, row: Workspace, observation: Observation, now: datetime) -> Decision:
    """The machine of this row is there, in this state."""
    if observation.state is CloudState.UNKNOWN and not observation.word and row.cloud_state is not None:
        # The cloud says nothing about its state just now: it counts as unchanged.
        observation = replace(observation, state=row.cloud_state, word=row.cloud_word or "", follow_ups=())
    common: dict[str, Any] = {
        **looked(now),
        "cloud_state": observation.state,
        "cloud_word": observation.word,
        "cloud_workspace_id": observation.cloud_workspace_id,
        "computer_name": observation.computer_name or row.computer_name,
        "ip_address": observation.ip_address or row.ip_address,
        **NO_EVIDENCE,
    }
    if row.phase is Phase.TERMINATING:
        return common | {"due_at": now + engine.poll}, None
    if observation.state is CloudState.TERMINATING:
        changes, note = _ended_elsewhere(row, now)
    elif row.phase in (Phase.CREATING, Phase.STALLED):
        changes, note = _while_creating(engine, row, observation, now)
    elif row.phase is Phase.LOST:
        changes, note = _found_again(row, observation)
    else:
        changes, note = _in_use(engine, row, observation, now)
    is_restless = observation.state in POWER_IN_TRANSITION or changes.get(
        "requested_action", row.requested_action
    )
    pace = engine.poll if is_restless else engine.rest
    return common | {"due_at": now + pace} | changes, note


def _ended_elsewhere(row: Workspace, now: datetime) -> Decision:
    if row.desired is Desired.ABSENT:
        return {"phase": Phase.TERMINATING}, None
    failure = Failure("terminated_outside", Trouble.PERMANENT)
    return (
        {"phase": Phase.TERMINATING, **error_columns(failure, now), **NO_ACTION},
        Note("terminated_outside", "The desktop is being ended outside Berth.", Level.WARNING, CLOUD),
    )


def _while_creating(engine: Engine, row: Workspace, observation: Observation, now: datetime) -> Decision:
    if observation.state is CloudState.ERROR:
        return (
            _kept(observation, now)
            if observation.was_in_use
            else _failed_launch(engine, row, observation, now)
        )
    if observation.state in USABLE:
        is_late = row.phase is Phase.STALLED
        return (
            {"phase": Phase.READY, "available_at": row.available_at or now, **error_columns(None, now)},
            Note(
                "available",
                "Available, later than usual." if is_late else "Available.",
                actor=CLOUD,
                details={"cloud_workspace_id": observation.cloud_workspace_id},
            ),
        )
    if row.phase is Phase.CREATING and now > row.deadline_at:
        failure = Failure("provisioning_timeout", Trouble.PERMANENT, cloud_code=observation.word)
        return (
            {"phase": Phase.STALLED, "due_at": now + engine.rest, **error_columns(failure, now)},
            Note("stalled", "Not ready in time; Berth keeps watching.", Level.ERROR),
        )
    pace = engine.rest if row.phase is Phase.STALLED else engine.poll
    changes, note = _held_up(row, observation, now)
    return {"due_at": now + pace} | changes, note


def _held_up(row: Workspace, observation: Observation, now: datetime) -> Decision:
    """What keeps a desktop from becoming usable and does not pass by itself, told once."""
    if observation.failure is not None and row.error_code != observation.failure.code:
        words = catalogue.entry(observation.failure.code)
        message = f"{words.message} {words.remedy}"
        note = Note(HELD_UP, message, Level.ERROR, CLOUD, facts_of(observation.failure))
        return error_columns(observation.failure, now), note
    if observation.failure is None and row.error_code in PASSES_WHEN_UNSEEN:
        return error_columns(None, now), None
    return {}, None


def _kept(observation: Observation, now: datetime) -> Decision:
    """A desktop that is broken although nobody ever saw it usable, and that somebody has used: our record is
    older than the desktop (a database that was restored), so nothing is cleaned up.
    """
    failure = _error_state(observation)
    note = Note(
        "kept",
        "The desktop is in trouble. It was in use before, so Berth keeps it as it is.",
        Level.ERROR,
        CLOUD,
        facts_of(failure),
    )
    return {"phase": Phase.READY, **error_columns(failure, now)}, note


def _error_state(observation: Observation) -> Failure:
    said = observation.failure
    return Failure(
        "cloud_error_state",
        Trouble.PERMANENT,
        cloud_code=said.cloud_code if said else "",
        detail=said.detail if said else "",
    )


def _failed_launch(engine: Engine, row: Workspace, observation: Observation, now: datetime) -> Decision:
    """A failed launch still holds the slot and the quota: clean up, so that another try can work.

    After passing trouble the order begins again by itself, with a machine of the next generation, as often as
    retries are left and make sense; after a missing right as soon as it is there, and no attempt is used up.
    """
    failure = observation.failure or Failure("launch_failed", Trouble.PERMANENT)
    changes = {"phase": Phase.TERMINATING, "due_at": now, **error_columns(failure, now)}
    if failure.holds_only_orders and row.desired is Desired.PRESENT:
        words = catalogue.entry(failure.code)
        message = f"{words.message} Berth removes what was made, and the order waits until that is repaired."
        return (
            changes | {"requested_action": Action.RETRY, "action_requested_at": now},
            Note(WAITS_FOR_RIGHT, message, Level.WARNING, CLOUD, facts_of(failure)),
        )
    most = len(engine.retry.delays_s) if failure.retries is None else failure.retries
    if failure.trouble.is_transient and row.desired is Desired.PRESENT and row.attempt <= most:
        words = catalogue.entry(failure.code)
        changes |= {
            "requested_action": Action.RETRY,
            "action_requested_at": now,
            "attempt": row.attempt + 1,
        }
        message = f"{words.message} Berth removes what was made, and then tries again by itself."
        return changes, Note("retry_scheduled", message, Level.WARNING, CLOUD, facts_of(failure))
    return changes, Note(
        "launch_failed", "The cloud could not start the new desktop.", Level.ERROR, CLOUD, facts_of(failure)
    )


def _found_again(row: Workspace, observation: Observation) -> Decision:
    phase = Phase.READY if row.available_at or observation.state in USABLE else Phase.CREATING
    changes: dict[str, Any] = {"phase": phase, "error_code": None, "error_detail": None, "error_at": None}
    return changes, Note("found_again", "The cloud lists the desktop again.", actor=CLOUD)


def _in_use(engine: Engine, row: Workspace, observation: Observation, now: datetime) -> Decision:
    changes: dict[str, Any] = {}
    if observation.state is CloudState.AVAILABLE and row.available_at is None:
        changes["available_at"] = now  # it was adopted
    if observation.state is CloudState.ERROR:
        if row.error_code != "cloud_error_state":
            changes |= error_columns(_error_state(observation), now)
    elif row.error_code == "cloud_error_state":
        changes |= error_columns(None, now)
    note = None
    if row.requested_action is not None and row.action_sent_at is not None:
        outcome, note = _power_outcome(engine, row, observation, now)
        changes |= outcome
    # While an action is under way the public state does not follow the cloud's steps.
    if note is None and observation.state is not row.cloud_state and row.requested_action is None:
        note = Note("state_seen", f"The cloud says {observation.word}.", actor=CLOUD)
    return changes, note


def _power_outcome(engine: Engine, row: Workspace, observation: Observation, now: datetime) -> Decision:
    """Has the start, stop or restart that the cloud accepted come to its end?"""
    sent_at, action = row.action_sent_at, row.requested_action
    if sent_at is None or action is None:
        return {}, None
    if _is_done(engine, row, observation, action, now - sent_at):
        return {**NO_ACTION}, Note(f"{action}_done", _DONE[action], actor=CLOUD)
    if action is Action.REBUILD:
        return _unfinished_rebuild(row, observation, now, since_sent=now - sent_at)
    if action is Action.START and observation.state is CloudState.STOPPED and observation.failure is not None:
        words = catalogue.entry(observation.failure.code)
        note = Note("start_failed", words.message, Level.ERROR, CLOUD, facts_of(observation.failure))
        return NO_ACTION | error_columns(observation.failure, now), note
    if now - sent_at > ACTION_LIMIT:
        failure = Failure("action_timeout", Trouble.PERMANENT, cloud_code=observation.word)
        return (
            NO_ACTION | error_columns(failure, now),
            Note(f"{action}_failed", f"The {action} did not come to its end.", Level.ERROR),
        )
    return {}, None


def _unfinished_rebuild(
    row: Workspace, observation: Observation, now: datetime, *, since_sent: timedelta
) -> Decision:
    was_seen = row.cloud_state is CloudState.MAINTENANCE
    if was_seen and observation.state is CloudState.ERROR:
        # What the cloud says of it stands on the row already.
        return {**NO_ACTION}, Note("rebuild_failed", "The cloud could not rebuild the desktop.", Level.ERROR)
    is_unseen = not was_seen and observation.state not in POWER_IN_TRANSITION and since_sent > REBUILD_UNSEEN
    if not is_unseen and since_sent <= REBUILD_LIMIT:
        return {}, None
    code = "action_unseen" if is_unseen else "action_timeout"
    failure = Failure(code, Trouble.PERMANENT, cloud_code=observation.word)
    message = "The cloud never showed the rebuild." if is_unseen else "The rebuild did not come to its end."
    return NO_ACTION | error_columns(failure, now), Note("rebuild_failed", message, Level.ERROR)


def _is_done(
    engine: Engine, row: Workspace, observation: Observation, action: Action, since_sent: timedelta
) -> bool:
    if action is Action.STOP:
        return observation.state is CloudState.STOPPED
    if action is Action.REBUILD:
        return _is_rebuilt(row, observation)
    is_up = observation.state in (CloudState.AVAILABLE, CloudState.UNHEALTHY)
    if action is Action.START:
        return is_up
    was_seen = row.cloud_state is CloudState.RESTARTING
    # A sign of life from before the restart says nothing about after it.
    is_fresh = observation.silent_s is None or observation.silent_s < since_sent.total_seconds()
    return is_up and is_fresh and (was_seen or since_sent >= engine.poll * RESTART_UNSEEN_POLLS)


def _is_rebuilt(row: Workspace, observation: Observation) -> bool:
    """Settled again after it was seen in progress, or with the new address that every rebuild brings."""
    is_settled = observation.state in (CloudState.AVAILABLE, CloudState.UNHEALTHY, CloudState.STOPPED)
    has_moved = row.ip_address and observation.ip_address and row.ip_address != observation.ip_address
    return is_settled and (row.cloud_state is CloudState.MAINTENANCE or bool(has_moved))
