"""Closing rows, ending machines, and beginning again."""

from dataclasses import replace

import pytest

from tests.domain.decisions.rows import HEALTHY, NEW, NOW, PACE, due_of, event_of, later
from webapp.domain.decisions import ends
from webapp.domain.decisions.change import NO_ACTION, NO_ERROR, NO_EVIDENCE
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import CloudState, Desired, Phase

FAILED = replace(NEW, phase=Phase.CREATE_FAILED, error_code="quota_reached", generation=2)
FORGOTTEN = {
    "cloud_workspace_id": None,
    "cloud_state": None,
    "cloud_word": None,
    "computer_name": None,
    "ip_address": None,
    "heartbeat_at": None,
    "password_seed": None,
    "waiting_code": None,
}


@pytest.mark.parametrize(
    ("phase", "after", "more"),
    [
        (
            Phase.CREATE_FAILED,
            Phase.REQUESTED,
            {"generation": 3, "has_unknown_outcome": False, "issued_at": None, **FORGOTTEN},
        ),
        (Phase.CONFLICT, Phase.REQUESTED, {"issued_at": None}),
        (Phase.CREATE_INTENT, Phase.CREATE_INTENT, {}),
    ],
)
def test_a_retry_is_a_new_generation_only_where_the_old_is_proven_empty(
    phase: Phase, after: Phase, more: dict[str, object]
) -> None:
    decision = ends.reopened(replace(FAILED, phase=phase), deadline=later(3600) - NOW, now=NOW)

    assert decision.change.columns() == {
        "phase": after,
        "deadline_at": later(3600),
        "due_at": NOW,
        **NO_ERROR.columns(),
        **NO_ACTION.columns(),
        **NO_EVIDENCE.columns(),
        **more,
    }
    assert event_of(decision) == "retry"


def test_a_retry_where_the_name_was_taken_takes_the_next_name() -> None:
    row = replace(FAILED, phase=Phase.CONFLICT, error_code="machine_name_taken")

    decision = ends.reopened(row, deadline=later(3600) - NOW, now=NOW)

    assert decision.change.columns()["generation"] == row.generation + 1
    assert decision.change.columns()["phase"] is Phase.REQUESTED


@pytest.mark.parametrize(
    ("phase", "desired", "is_over"),
    [
        (Phase.CREATE_FAILED, Desired.ABSENT, True),
        (Phase.CREATE_FAILED, Desired.PRESENT, False),
        (Phase.GONE, Desired.ABSENT, False),
        (Phase.CONFLICT, Desired.ABSENT, False),
    ],
)
def test_without_a_credential_a_row_is_ended_or_left(phase: Phase, desired: Desired, is_over: bool) -> None:
    decision = ends.settled_without_key(replace(FAILED, phase=phase, desired=desired), NOW)

    ended = {"phase": Phase.GONE, "terminated_at": NOW, "password_seed": None, "waiting_code": None}
    over = ended | {"move": None, "move_sent_at": None} if is_over else {}
    assert decision.change.columns() == {"due_at": None, **NO_ACTION.columns(), **over}
    assert event_of(decision) == ("terminated" if is_over else None)


def test_a_row_without_a_machine_is_closed() -> None:
    decision = ends.closed(NOW)

    assert decision.change.columns() == {
        "phase": Phase.GONE,
        "terminated_at": NOW,
        "due_at": None,
        "observed_at": NOW,
        "look_requested_at": None,
        "password_seed": None,
        "waiting_code": None,
        "move": None,
        "move_sent_at": None,
        **NO_ACTION.columns(),
    }


def test_the_intent_to_end_comes_before_the_call_and_is_watched_after_it() -> None:
    begun = ends.begun(NOW)

    assert begun.change.columns() == {
        "phase": Phase.TERMINATING,
        "due_at": NOW,
        **NO_ACTION.columns(),
        **NO_EVIDENCE.columns(),
    }
    assert event_of(begun) == "terminating"
    assert ends.sent(pace=PACE, now=NOW).columns() == {
        "cloud_state": CloudState.TERMINATING,
        "due_at": later(30),
    }


@pytest.mark.parametrize(("asked_s", "due"), [(0, "gap"), (59, "gap"), (600, "600")])
def test_a_refused_end_is_sent_again(asked_s: float, due: str) -> None:
    decision = ends.refused(Failure("throttled", Trouble.THROTTLED), at_least_s=asked_s, now=NOW)

    assert (event_of(decision), due_of(decision.change)) == ("terminate_refused", due)
    assert decision.note is not None and decision.note.message.endswith(f"in {max(60, round(asked_s))} s.")


def test_wanted_is_what_is_to_be_present() -> None:
    assert HEALTHY.is_wanted
    assert not replace(HEALTHY, desired=Desired.ABSENT).is_wanted
