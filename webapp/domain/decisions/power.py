"""Start, stop, restart, rebuild and restore: what the cloud's response means, and when the action is done."""

from datetime import datetime, timedelta

from webapp.domain import catalogue
from webapp.domain.actor import CLOUD
from webapp.domain.decisions.change import NO_ACTION, NO_CHANGE, RowChange, error_columns
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.hours import stop_over
from webapp.domain.decisions.note import Level, Note, facts_of
from webapp.domain.decisions.pace import Pace
from webapp.domain.decisions.promises import done_said, times_of
from webapp.domain.decisions.row import RowState
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import BRINGS_BACK, POWER_IN_TRANSITION, SENT_ONCE, Action, CloudState
from webapp.domain.observation import Observation

ACTION_LIMIT = timedelta(minutes=20)
"""After this, an accepted start, stop or restart counts as failed."""
REBUILD_LIMIT = timedelta(hours=2)
"""Also of a restore."""
REBUILD_UNSEEN = timedelta(minutes=10)
"""A rebuild never observed in progress that left no trace counts as not done: it takes half an hour. A
restore leaves none, so it is then not known."""
RESTART_UNSEEN_POLLS = 3
"""A restart never observed in progress counts as done after this many checks."""
SIGN_OUT_LIMIT = timedelta(minutes=3)
"""A stop waits no longer than this for people to be signed out."""
SIGN_OUT_POLL = timedelta(seconds=15)
SIGNING_OUT = "signing_out"
START_DONE, TOOK_S = "start_done", "took_s"
"""The event of a start, and in its details how long it took."""
SIGNED_IN = frozenset({CloudState.AVAILABLE, CloudState.UNHEALTHY})
"""Somebody may be signed in to a desktop in these states."""

_SENT = {
    Action.START: "The cloud is starting the desktop.",
    Action.STOP: "The cloud is stopping the desktop.",
    Action.RESTART: "The cloud is restarting the desktop.",
    Action.REBUILD: "The cloud is rebuilding the desktop.",
    Action.RESTORE: "The cloud is restoring the desktop.",
}
_DONE = {
    Action.START: "Started.",
    Action.STOP: "Stopped.",
    Action.RESTART: "Restarted.",
}
_UNSEEN = {Action.REBUILD: "action_unseen", Action.RESTORE: "restore_unseen"}


def accepted(action: Action, *, pace: Pace, now: datetime) -> Decision:
    """The cloud accepted the action."""
    return Decision(
        RowChange(action_sent_at=now, due_at=now + pace.poll), Note(f"{action}_sent", _SENT[action])
    )


def signing_out(counted: int, *, requested_at: datetime | None, now: datetime) -> Decision | None:
    """A stop was asked for, and the cloud counted so many sessions; None: stop it now."""
    if not counted or requested_at is None or now - requested_at >= SIGN_OUT_LIMIT:
        return None
    return Decision(
        RowChange(due_at=now + SIGN_OUT_POLL),
        Note(SIGNING_OUT, "Signing people out before the desktop is stopped."),
    )


def unsent(*, at_least_s: float, pace: Pace, now: datetime) -> Decision:
    """The call was never sent, because an earlier one hit an error that affects all."""
    wait = max(pace.poll, timedelta(seconds=at_least_s))
    return Decision(
        RowChange(action_sent_at=None, due_at=now + wait),
        Note("action_postponed", "Another desktop's request failed first. Berth sends this one soon."),
    )


def refused(
    row: RowState,
    action: Action,
    failure: Failure,
    *,
    at_least_s: float,
    jitter: float,
    pace: Pace,
    now: datetime,
) -> Decision:
    """Retry after a temporary failure; any other failure ends the action with its reason."""
    words, facts = catalogue.entry(failure.code), facts_of(failure)
    if action in SENT_ONCE and failure.trouble is Trouble.UNKNOWN:
        # It may have happened: the checks will tell, and it is not sent again.
        return Decision(RowChange(due_at=now + pace.poll))
    delay = pace.retry.delay_after(1, jitter=jitter, at_least_s=at_least_s)
    waits_for_key = failure.trouble is Trouble.CREDENTIAL and not failure.holds_only_orders
    if (failure.trouble.is_transient or waits_for_key) and delay is not None:
        message = f"{words.message} Berth tries again."
        return Decision(
            RowChange(action_sent_at=None, due_at=now + delay),
            Note("action_postponed", message, Level.WARNING, details=facts),
        )
    # Check at once: the cloud may refuse because it is already in that state.
    return Decision(
        NO_ACTION | _over(row, action, now) | error_columns(failure, now) | RowChange(due_at=now),
        Note(f"{action}_failed", words.message, Level.ERROR, details=facts),
    )


def outcome_of(row: RowState, observation: Observation, *, pace: Pace, now: datetime) -> Decision:
    """Has the accepted action finished?"""
    sent_at, action = row.action_sent_at, row.requested_action
    if sent_at is None or action is None:
        return Decision(NO_CHANGE)
    if _is_done(row, observation, action, since_sent=now - sent_at, pace=pace):
        note = _done(row, action, took_s=int((now - sent_at).total_seconds()))
        return Decision(NO_ACTION | _over(row, action, now, is_done=True), note)
    if action in BRINGS_BACK and not _is_by_disk(row, action):
        return _unfinished(row, observation, action, since_sent=now - sent_at, now=now)
    failure = observation.failure
    if (
        (action is Action.START or _is_by_disk(row, action))
        and observation.state is CloudState.STOPPED
        and failure is not None
    ):
        words = catalogue.entry(failure.code)
        note = Note(f"{action}_failed", words.message, Level.ERROR, CLOUD, facts_of(failure))
        return Decision(NO_ACTION | error_columns(failure, now), note)
    if now - sent_at > ACTION_LIMIT:
        failure = Failure("action_timeout", Trouble.PERMANENT, cloud_code=observation.word)
        return Decision(
            NO_ACTION | _over(row, action, now) | error_columns(failure, now),
            Note(f"{action}_failed", f"The {action} did not finish in time.", Level.ERROR),
        )
    return Decision(NO_CHANGE)


def _over(row: RowState, action: Action, now: datetime, *, is_done: bool = False) -> RowChange:
    """What the end of the action leaves to the hours."""
    return stop_over(row, is_done=is_done, now=now) if action is Action.STOP else NO_CHANGE


def _done(row: RowState, action: Action, *, took_s: int) -> Note:
    if action in BRINGS_BACK:
        return Note(
            f"{action}_done", done_said(action, row), actor=CLOUD, details=times_of(row) | {TOOK_S: took_s}
        )
    took = {TOOK_S: took_s} if action is Action.START else None
    return Note(f"{action}_done", _DONE[action], actor=CLOUD, details=took)


def _unfinished(
    row: RowState, observation: Observation, action: Action, *, since_sent: timedelta, now: datetime
) -> Decision:
    """A rebuild or restore that is not done."""
    event = f"{action}_failed"
    was_seen = row.cloud_state is CloudState.MAINTENANCE
    if was_seen and observation.state is CloudState.ERROR:
        # The row already has what the cloud reported about it.
        return Decision(NO_ACTION, Note(event, f"The cloud could not {action} the desktop.", Level.ERROR))
    is_unseen = not was_seen and observation.state not in POWER_IN_TRANSITION and since_sent > REBUILD_UNSEEN
    if not is_unseen and since_sent <= REBUILD_LIMIT:
        return Decision(NO_CHANGE)
    code = _UNSEEN[action] if is_unseen else "action_timeout"
    failure = Failure(code, Trouble.PERMANENT, cloud_code=observation.word)
    message = catalogue.entry(code).message if is_unseen else f"The {action} did not finish in time."
    return Decision(NO_ACTION | error_columns(failure, now), Note(event, message, Level.ERROR))


def _is_done(
    row: RowState, observation: Observation, action: Action, *, since_sent: timedelta, pace: Pace
) -> bool:
    if action is Action.STOP:
        return observation.state is CloudState.STOPPED
    if action in BRINGS_BACK and not _is_by_disk(row, action):
        return _is_back(row, observation, action)
    is_up = observation.state in (CloudState.AVAILABLE, CloudState.UNHEALTHY)
    if action is not Action.RESTART:
        return is_up
    was_seen = row.cloud_state is CloudState.RESTARTING
    is_over = was_seen or since_sent >= pace.poll * RESTART_UNSEEN_POLLS
    return is_up and is_over and not observation.is_busy


def _is_by_disk(row: RowState, action: Action) -> bool:
    """Berth has given the machine another disk itself: what is left of the restore is its start."""
    return action is Action.RESTORE and row.disk_used_at is not None


def _is_back(row: RowState, observation: Observation, action: Action) -> bool:
    """Settled again after it was observed in progress, or with the new address that every rebuild assigns."""
    is_settled = observation.state in (CloudState.AVAILABLE, CloudState.UNHEALTHY, CloudState.STOPPED)
    has_moved = row.ip_address and observation.ip_address and row.ip_address != observation.ip_address
    is_known = action is Action.REBUILD and bool(has_moved)
    return is_settled and (row.cloud_state is CloudState.MAINTENANCE or is_known)
