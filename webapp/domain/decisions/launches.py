"""What an observation means for a desktop that is being created: usable, held up, late, kept, or failed."""

from datetime import datetime

from webapp.domain import catalogue
from webapp.domain.actor import CLOUD
from webapp.domain.decisions.change import NO_CHANGE, NO_ERROR, RowChange, error_columns
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.note import Level, Note, facts_of
from webapp.domain.decisions.pace import Pace
from webapp.domain.decisions.row import RowState
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import USABLE, Action, CloudState, Phase
from webapp.domain.observation import Observation

HELD_UP = "held_up"
WAITS_FOR_RIGHT = "waiting_for_credential"
"""The event of a failed launch that starts again when the credential is fixed."""
PASSES_WHEN_UNSEEN = frozenset({"assigned_to_other"})
"""Errors of a desktop that is being created; they end as soon as the cloud no longer reports them."""


def while_creating(row: RowState, observation: Observation, *, pace: Pace, now: datetime) -> Decision:
    """The machine of a row that is CREATING or STALLED."""
    if observation.state is CloudState.ERROR:
        if observation.was_in_use:
            return _kept(observation, now)
        return _failed_launch(row, observation, pace=pace, now=now)
    if observation.state in USABLE:
        return _available(row, observation, now)
    if row.phase is Phase.CREATING and now > row.deadline_at:
        failure = Failure("provisioning_timeout", Trouble.PERMANENT, cloud_code=observation.word)
        return Decision(
            RowChange(phase=Phase.STALLED, due_at=now + pace.rest) | error_columns(failure, now),
            Note("stalled", "Not ready in time; Berth keeps checking.", Level.ERROR),
        )
    wait = pace.rest if row.phase is Phase.STALLED else pace.poll
    change, note = _held_up(row, observation, now)
    return Decision(RowChange(due_at=now + wait) | change, note)


def _available(row: RowState, observation: Observation, now: datetime) -> Decision:
    is_late = row.phase is Phase.STALLED
    return Decision(
        RowChange(phase=Phase.READY, available_at=row.available_at or now) | NO_ERROR,
        Note(
            "available",
            "Available, later than usual." if is_late else "Available.",
            actor=CLOUD,
            details={"cloud_workspace_id": observation.cloud_workspace_id},
        ),
    )


def _held_up(row: RowState, observation: Observation, now: datetime) -> Decision:
    """What keeps a desktop from becoming usable and does not pass by itself, reported once."""
    failure = observation.failure
    if failure is not None and row.error_code != failure.code:
        words = catalogue.entry(failure.code)
        note = Note(HELD_UP, f"{words.message} {words.remedy}", Level.ERROR, CLOUD, facts_of(failure))
        return Decision(error_columns(failure, now), note)
    if failure is None and row.error_code in PASSES_WHEN_UNSEEN:
        return Decision(NO_ERROR)
    return Decision(NO_CHANGE)


def _kept(observation: Observation, now: datetime) -> Decision:
    """A failed desktop that Berth never observed as usable but that someone has used: our record is
    older than the desktop (a restored database), so nothing is cleaned up.
    """
    failure = observation.as_error()
    note = Note(
        "kept",
        "The desktop has failed. It worked before, so Berth keeps it as it is.",
        Level.ERROR,
        CLOUD,
        facts_of(failure),
    )
    return Decision(RowChange(phase=Phase.READY) | error_columns(failure, now), note)


def _failed_launch(row: RowState, observation: Observation, *, pace: Pace, now: datetime) -> Decision:
    """A failed launch still uses the slot and the quota: clean up, so that another attempt can work.

    After a temporary failure the order starts again by itself, with a machine of the next generation, while
    retries are left and make sense; after a missing permission, once it is there, without using an attempt.
    """
    failure = observation.failure or Failure("launch_failed", Trouble.PERMANENT)
    words, facts = catalogue.entry(failure.code), facts_of(failure)
    cleanup = RowChange(phase=Phase.TERMINATING, due_at=now) | error_columns(failure, now)
    again = RowChange(requested_action=Action.RETRY, action_requested_at=now)
    if failure.holds_only_orders and row.is_wanted:
        message = f"{words.message} Berth removes what was created, and the order waits until this is fixed."
        return Decision(cleanup | again, Note(WAITS_FOR_RIGHT, message, Level.WARNING, CLOUD, facts))
    most = len(pace.retry.delays_s) if failure.retries is None else failure.retries
    if failure.trouble.is_transient and row.is_wanted and row.attempt <= most:
        message = f"{words.message} Berth removes what was created, then tries again by itself."
        return Decision(
            cleanup | again | RowChange(attempt=row.attempt + 1),
            Note("retry_scheduled", message, Level.WARNING, CLOUD, facts),
        )
    message = "The cloud could not start the new desktop."
    return Decision(cleanup, Note("launch_failed", message, Level.ERROR, CLOUD, facts))
