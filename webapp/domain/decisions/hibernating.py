"""A stop by the hours that keeps what is open: when it is one, and when an ordinary stop takes its place.

An ordinary stop is what was asked for, so whatever goes wrong leads to one, once.
"""

from datetime import datetime, timedelta

from webapp.domain import catalogue
from webapp.domain.decisions.change import NO_ACTION, RowChange
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.hours import HOURS_CALL, is_stop_by_hours
from webapp.domain.decisions.note import Level, Note, facts_of
from webapp.domain.decisions.pace import Pace
from webapp.domain.decisions.row import RowState
from webapp.domain.decisions.suspensions import RUNNING
from webapp.domain.errors import Failure, Trouble
from webapp.domain.hours.duty import Hibernation, HoursDuty
from webapp.domain.lifecycle import Action
from webapp.domain.observation import Observation

UNSEEN = timedelta(minutes=10)
"""One that was accepted and of which nothing is seen after this was not done."""
LONGEST = timedelta(minutes=20)
"""After so long it is stopped, whatever a hibernation waits for."""
SENT = Note(
    "hibernation_sent",
    "The cloud is hibernating the desktop: what is open comes back.",
    details={"by": HOURS_CALL},
)


def may_hibernate(row: RowState) -> bool:
    """What a person stops is stopped; and so is what the cloud could not hibernate this time."""
    is_tried = row.hibernation is Hibernation.FAILED
    return not is_tried and is_stop_by_hours(row.requested_action, row.hours_duty)


def accepted(*, pace: Pace, now: datetime) -> Decision:
    return Decision(RowChange(action_sent_at=now, due_at=now + pace.poll), SENT)


def is_tried_again(failure: Failure, *, requested_at: datetime | None, now: datetime) -> bool:
    """After a refusal: what passes by itself, for a while, and what is wrong with the key."""
    is_new = requested_at is not None and now - requested_at < LONGEST
    return failure.trouble is Trouble.CREDENTIAL or (failure.trouble.is_transient and is_new)


def not_hibernated(row: RowState, failure: Failure, *, now: datetime) -> Decision:
    """The ordinary stop follows, unless the hours want it on meanwhile."""
    change = RowChange(hibernation=Hibernation.FAILED, due_at=now)
    if row.hours_duty is HoursDuty.START:
        change |= NO_ACTION
    else:
        change |= RowChange(action_sent_at=None, action_requested_at=now)
    words = catalogue.entry(failure.code).message
    message = f"{words} Berth stops it, without what was open."
    details = facts_of(failure) | {"by": HOURS_CALL}
    return Decision(change, Note("hibernation_failed", message, Level.WARNING, details=details))


def outcome_of(row: RowState, observation: Observation, *, pace: Pace, now: datetime) -> Decision | None:
    """Of one that is under way; None: it is none, it is done, or nothing is known of it yet."""
    sent_at = row.action_sent_at
    is_under_way = row.requested_action is Action.STOP and row.hibernation is Hibernation.ASKED
    if sent_at is None or not is_under_way:
        return None
    since, is_up = now - sent_at, observation.state in RUNNING and not observation.is_busy
    has_failed = is_up and observation.resize_failure is not None and since >= 2 * pace.poll
    if has_failed or (is_up and since >= UNSEEN) or since >= LONGEST:
        failure = observation.resize_failure if has_failed else None
        code = failure.cloud_code if failure is not None else observation.word
        detail = failure.detail if failure is not None else ""
        return not_hibernated(row, Failure("hibernation_failed", Trouble.PERMANENT, code, detail), now=now)
    return None


def while_running(row: RowState, observation: Observation) -> RowChange:
    """Nothing is kept any more: it runs, and nothing is asked of it."""
    is_over = row.hibernation is not None and row.requested_action is None and observation.state in RUNNING
    return RowChange(hibernation=None) if is_over else RowChange()
