"""A desktop that is being made: when it is usable, held up, late, kept or failed, and what follows."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.cases import each_case
from tests.domain.decisions.rows import NEW, NOW, PACE, columns, due_of, event_of, seen
from webapp.domain import catalogue
from webapp.domain.decisions.change import NO_ERROR
from webapp.domain.decisions.observations import observed
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import Action, CloudState, Desired, Phase

STALLED = replace(NEW, phase=Phase.STALLED, error_code="provisioning_timeout")
ERROR = CloudState.ERROR
AGAIN = {"requested_action": Action.RETRY, "action_requested_at": NOW}


def decide(row: Any, state: CloudState, **facts: Any) -> Any:
    return observed(row, seen(state, **facts), pace=PACE, now=NOW)


@pytest.mark.parametrize(("row", "message"), [(NEW, "Available."), (STALLED, "Available, later than usual.")])
def test_the_first_usable_word_makes_it_ready(row: Any, message: str) -> None:
    decision = decide(row, CloudState.AVAILABLE)

    assert (decision.change.phase, decision.change.available_at) == (Phase.READY, NOW)
    assert decision.change.columns().items() >= NO_ERROR.columns().items()
    assert decision.note.message == message
    assert decision.note.details == {"cloud_workspace_id": "ws-1"}


def test_the_first_time_is_kept() -> None:
    first = NOW - timedelta(days=1)

    assert decide(replace(NEW, available_at=first), CloudState.AVAILABLE).change.available_at == first


@pytest.mark.parametrize(
    ("left", "phase", "event", "due"),
    [
        (timedelta(seconds=1), None, None, "poll"),
        (timedelta(0), None, None, "poll"),
        (timedelta(seconds=-1), Phase.STALLED, "stalled", "rest"),
    ],
)
def test_what_misses_its_deadline_is_stalled_once(
    left: timedelta, phase: Phase | None, event: str | None, due: str
) -> None:
    decision = decide(replace(NEW, deadline_at=NOW + left), CloudState.PENDING)

    assert (decision.change.columns().get("phase"), event_of(decision)) == (phase, event)
    assert due_of(decision.change) == due
    late = decide(replace(STALLED, deadline_at=NOW + left), CloudState.PENDING)
    assert (event_of(late), due_of(late.change)) == (None, "rest")


TAKEN = Failure("assigned_to_other", Trouble.PERMANENT)
UNJOINED = Failure("assignment_failed", Trouble.PERMANENT)


@each_case(
    ("known", "shown", "written", "event"),
    [
        (None, TAKEN, "assigned_to_other", "held_up"),
        ("assigned_to_other", TAKEN, "unchanged", None),
        ("assigned_to_other", UNJOINED, "assignment_failed", "held_up"),
        ("assigned_to_other", None, None, None),
        ("assignment_failed", None, "unchanged", None),
        (None, None, "unchanged", None),
    ],
)
def test_what_holds_it_up_is_reported_once(
    known: str | None, shown: Failure | None, written: str | None, event: str | None
) -> None:
    decision = decide(replace(NEW, error_code=known), CloudState.PENDING, failure=shown)

    assert decision.change.columns().get("error_code", "unchanged") == written
    assert event_of(decision) == event


def test_a_broken_desktop_that_was_in_use_is_kept() -> None:
    decision = decide(
        NEW, ERROR, was_in_use=True, failure=Failure("launch_failed", Trouble.PERMANENT, "Gone")
    )

    assert columns(decision.change, "phase", "error_code", "error_detail") == {
        "phase": Phase.READY,
        "error_code": "cloud_error_state",
        "error_detail": "Gone",
    }
    assert (decision.note.event, decision.note.level) == ("kept", "error")


DENIED = Failure("access_denied", Trouble.CREDENTIAL)
WRONG_KEY = Failure("invalid_key", Trouble.CREDENTIAL)
BUSY = Failure("resource_unavailable", Trouble.TRANSIENT)
ONCE = replace(BUSY, retries=1)
NEVER = replace(BUSY, retries=0)
FULL = Failure("quota_reached", Trouble.QUOTA)
ABSENT = Desired.ABSENT


@each_case(
    ("failure", "attempt", "desired", "event", "written"),
    [
        (None, 1, "present", "launch_failed", {}),
        (FULL, 1, "present", "launch_failed", {}),
        (WRONG_KEY, 1, "present", "launch_failed", {}),
        (DENIED, 1, "present", "waiting_for_credential", AGAIN),
        (DENIED, 9, "present", "waiting_for_credential", AGAIN),
        (DENIED, 1, ABSENT, "launch_failed", {}),
        (BUSY, 1, "present", "retry_scheduled", AGAIN | {"attempt": 2}),
        (BUSY, 3, "present", "retry_scheduled", AGAIN | {"attempt": 4}),
        (BUSY, 4, "present", "launch_failed", {}),
        (BUSY, 1, ABSENT, "launch_failed", {}),
        (ONCE, 1, "present", "retry_scheduled", AGAIN | {"attempt": 2}),
        (ONCE, 2, "present", "launch_failed", {}),
        (NEVER, 1, "present", "launch_failed", {}),
    ],
)
def test_a_failed_launch_is_removed_and_begun_again_where_that_makes_sense(
    failure: Failure | None, attempt: int, desired: Desired, event: str, written: dict[str, object]
) -> None:
    row = replace(NEW, attempt=attempt, desired=Desired(desired))

    decision = decide(row, ERROR, failure=failure)

    assert event_of(decision) == event
    assert columns(decision.change, "requested_action", "action_requested_at", "attempt") == written
    assert (decision.change.phase, due_of(decision.change)) == (Phase.TERMINATING, "now")
    assert decision.change.error_code == (failure.code if failure else "launch_failed")


@pytest.mark.parametrize(
    ("failure", "end"),
    [
        (DENIED, "Berth removes what was created, and the order waits until this is fixed."),
        (BUSY, "Berth removes what was created, then tries again by itself."),
    ],
)
def test_the_message_says_what_happened_and_what_berth_does(failure: Failure, end: str) -> None:
    note = decide(NEW, ERROR, failure=failure).note

    assert note.message == f"{catalogue.entry(failure.code).message} {end}"
    assert note.details["code"] == failure.code
