"""A machine that is not shown: when that is evidence, when it is proof, and what the proof means."""

from dataclasses import replace
from datetime import datetime

import pytest

from tests.cases import each_case
from tests.domain.decisions.rows import HEALTHY, NEW, NOW, PACE, ago, columns, due_of, event_of, later
from webapp.domain.decisions.absences import absent, evidence_now, still_missing, unseen_by_id
from webapp.domain.decisions.change import NO_ACTION
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.row import RowState
from webapp.domain.lifecycle import Action, Desired, Phase

SETTLE_S, LOST_SPAN_S = 1200, 900
GONE = Desired.ABSENT


def decide(row: RowState) -> Decision:
    return absent(row, evidence_now(row, pace=PACE, now=NOW), pace=PACE, now=NOW)


def missed(row: RowState, count: int, *, for_s: float = LOST_SPAN_S) -> RowState:
    """Not shown so often, the first time so long ago."""
    return replace(
        row, absent_count=count, absent_first_at=ago(seconds=for_s), absent_last_at=ago(seconds=61)
    )


@pytest.mark.parametrize(
    ("issued_at", "due_at"),
    [
        (None, None),
        (ago(seconds=SETTLE_S), None),
        (ago(seconds=SETTLE_S - 10), later(10)),
        (ago(seconds=60), later(30)),
    ],
)
def test_a_new_machine_may_be_invisible_for_a_while(
    issued_at: datetime | None, due_at: datetime | None
) -> None:
    change = unseen_by_id(replace(NEW, issued_at=issued_at), pace=PACE, now=NOW)

    assert (None if change is None else change.columns()) == (
        None if due_at is None else {"observed_at": NOW, "look_requested_at": None, "due_at": due_at}
    )


INTENT = replace(NEW, phase=Phase.CREATE_INTENT, cloud_state=None)
TERMINATING = replace(HEALTHY, phase=Phase.TERMINATING, desired=GONE)
FAILED_LAUNCH = replace(NEW, phase=Phase.TERMINATING, error_code="launch_failed")
LOST = replace(HEALTHY, phase=Phase.LOST, error_code="workspace_lost")
PROVEN = [
    # The row; with the third absence: its phase, the event, and when it is due.
    (TERMINATING, Phase.GONE, "terminated", "never"),
    (replace(TERMINATING, error_code="launch_failed"), Phase.GONE, "terminated", "never"),
    (FAILED_LAUNCH, Phase.CREATE_FAILED, "cleaned_up", "never"),
    (replace(FAILED_LAUNCH, requested_action=Action.RETRY), Phase.CREATE_FAILED, "cleaned_up", "now"),
    (replace(FAILED_LAUNCH, error_code="terminated_outside"), Phase.GONE, "terminated", "never"),
    (
        replace(FAILED_LAUNCH, error_code="terminated_outside", requested_action=Action.RETRY),
        Phase.CREATE_FAILED,
        "cleaned_up",
        "now",
    ),
    (INTENT, None, None, "gap"),
    (replace(INTENT, error_code="answer_lost"), Phase.CREATE_FAILED, "create_failed", "never"),
    (replace(INTENT, desired=GONE), Phase.GONE, "terminated", "never"),
    (replace(INTENT, desired=GONE, error_code="answer_lost"), Phase.GONE, "terminated", "never"),
    (NEW, Phase.LOST, "lost", "rest"),
    (replace(NEW, phase=Phase.STALLED), Phase.LOST, "lost", "rest"),
    (HEALTHY, Phase.LOST, "lost", "rest"),
    (LOST, None, None, "rest"),
]


@each_case(("row", "phase", "event", "due"), PROVEN)
def test_three_absences_are_proof(row: RowState, phase: Phase | None, event: str | None, due: str) -> None:
    decision = decide(missed(row, 2))

    assert decision.change.columns().get("phase") == phase
    assert (event_of(decision), due_of(decision.change)) == (event, due)
    assert decision.change.absent_count == 3
    assert ("terminated_at" in decision.change.columns()) is (phase is Phase.GONE)


@each_case("row", [row for row, *_ in PROVEN])
@each_case("count", [0, 1])
def test_fewer_are_only_counted(row: RowState, count: int) -> None:
    before = missed(row, count) if count else row

    decision = decide(before)

    assert decision.note is None
    assert decision.change.columns() == {
        "observed_at": NOW,
        "look_requested_at": None,
        "absent_count": count + 1,
        "absent_first_at": before.absent_first_at or NOW,
        "absent_last_at": NOW,
        "due_at": later(60),
    }


@pytest.mark.parametrize(
    ("last_s", "issued_s", "count", "due_s"),
    [(59, 7200, 2, 60), (60, 7200, 3, 60), (61, SETTLE_S - 100, 2, 100), (61, SETTLE_S, 3, 60)],
)
def test_what_comes_too_early_adds_nothing(last_s: float, issued_s: float, count: int, due_s: float) -> None:
    row = replace(missed(INTENT, 2), absent_last_at=ago(seconds=last_s), issued_at=ago(seconds=issued_s))

    change = decide(row).change

    assert (change.absent_count, change.due_at) == (count, later(due_s))


@each_case(("for_s", "event"), [(LOST_SPAN_S - 1, None), (LOST_SPAN_S, "lost")])
@each_case("phase", [Phase.CREATING, Phase.READY, Phase.STALLED])
def test_a_machine_in_use_is_lost_only_after_a_quarter_of_an_hour(
    phase: Phase, for_s: float, event: str | None
) -> None:
    row = replace(HEALTHY, phase=phase, requested_action=Action.STOP)

    decision = decide(missed(row, 5, for_s=for_s))

    assert event_of(decision) == event
    lost = {"phase": Phase.LOST, "error_code": "workspace_lost", **NO_ACTION.columns()}
    written = decision.change.columns()
    assert (written.items() >= lost.items()) if event else not lost.keys() & written.keys()


def test_what_may_not_be_called_lost_is_watched_on() -> None:
    change = still_missing(missed(HEALTHY, 2), pace=PACE, now=NOW)

    assert columns(change, "phase", "absent_count", "absent_last_at") == {
        "absent_count": 3,
        "absent_last_at": NOW,
    }
    assert due_of(change) == "rest"


def test_an_end_that_is_proven_leaves_no_action_behind() -> None:
    written = decide(missed(replace(TERMINATING, requested_action=Action.STOP), 2)).change.columns()

    assert written.items() >= {"terminated_at": NOW, **NO_ACTION.columns()}.items()
