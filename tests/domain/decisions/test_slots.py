"""What stands in the slot of a row without a known machine, and what follows."""

from dataclasses import replace
from datetime import datetime

import pytest

from tests.cases import each_case
from tests.domain.decisions.rows import NEW, NOW, PACE, ago, columns, due_of, event_of, later, seen
from webapp.domain.decisions import slots
from webapp.domain.decisions.change import NO_ERROR, NO_EVIDENCE
from webapp.domain.lifecycle import CloudState, Desired, Phase

INTENT = replace(NEW, phase=Phase.CREATE_INTENT, cloud_state=None, has_unknown_outcome=True)
MACHINE = seen(CloudState.AVAILABLE)


@pytest.mark.parametrize(("own", "claimed", "generation"), [(1, 1, 1), (3, 2, 3), (1, 2, 2)])
def test_ours_is_adopted_and_generations_never_go_back(own: int, claimed: int, generation: int) -> None:
    row = replace(INTENT, generation=own, issued_at=None)

    decision = slots.adopted(row, MACHINE, generation=claimed, now=NOW)

    assert decision.change.columns() == {
        "phase": Phase.CREATING,
        "cloud_workspace_id": "ws-1",
        "cloud_state": CloudState.PENDING,
        "issued_at": NOW,
        "generation": generation,
        "due_at": NOW,
        **NO_EVIDENCE.columns(),
        **NO_ERROR.columns(),
    }
    assert event_of(decision) == "adopted"


def test_the_time_of_the_create_is_kept() -> None:
    issued_at = ago(minutes=5)

    assert (
        slots.adopted(replace(INTENT, issued_at=issued_at), MACHINE, generation=1, now=NOW).change.issued_at
        == issued_at
    )


def test_a_machine_that_came_after_its_order_had_failed_is_taken_as_it_is() -> None:
    row = replace(INTENT, phase=Phase.CREATE_FAILED, generation=1)

    decision = slots.adopted_late(row, MACHINE, generation=2, deadline_at=later(3600), now=NOW)

    assert columns(decision.change, "phase", "cloud_state", "cloud_word", "deadline_at", "generation") == {
        "phase": Phase.CREATING,
        "cloud_state": CloudState.AVAILABLE,
        "cloud_word": "AVAILABLE",
        "deadline_at": later(3600),
        "generation": 2,
    }
    assert decision.note is not None and "after its order had failed" in decision.note.message


@each_case(
    ("issued_at", "is_in_doubt", "desired", "phase", "event", "due"),
    [
        (ago(seconds=1199), True, "present", None, None, "poll"),
        (ago(seconds=1199), True, "absent", None, None, "poll"),
        (ago(seconds=1200), True, "present", Phase.CONFLICT, "conflict", "never"),
        (ago(seconds=1200), True, "absent", Phase.GONE, "terminated", "never"),
        (ago(seconds=1), False, "present", Phase.CONFLICT, "conflict", "never"),
        (None, True, "present", Phase.CONFLICT, "conflict", "never"),
        (None, False, "absent", Phase.GONE, "terminated", "never"),
    ],
)
def test_someone_elses_machine_ends_the_order_once_it_cannot_be_ours(
    issued_at: datetime | None,
    is_in_doubt: bool,
    desired: str,
    phase: Phase | None,
    event: str | None,
    due: str,
) -> None:
    row = replace(INTENT, issued_at=issued_at, has_unknown_outcome=is_in_doubt, desired=Desired(desired))

    decision = slots.taken(row, MACHINE, pace=PACE, now=NOW)

    assert (decision.change.columns().get("phase"), event_of(decision)) == (phase, event)
    assert due_of(decision.change) == due
    assert decision.change.observed_at == NOW
    if phase is Phase.CONFLICT:
        assert (decision.change.error_code, decision.change.error_detail) == ("username_taken", "ws-1")


@each_case(
    ("look_at", "issued_at", "attempt", "repeat_at"),
    [
        (None, ago(seconds=1), 2, NOW),
        (NOW, None, 2, NOW),
        (NOW, ago(seconds=10), 1, NOW),
        (NOW, ago(seconds=10), 2, later(20)),
        (NOW, ago(seconds=10), 4, later(110)),
        (NOW, ago(seconds=200), 4, NOW),
    ],
)
def test_a_persons_look_does_not_bring_the_next_try_forward(
    look_at: datetime | None, issued_at: datetime | None, attempt: int, repeat_at: datetime
) -> None:
    row = replace(INTENT, look_requested_at=look_at, issued_at=issued_at, attempt=attempt)

    assert slots.repeat_at(row, pace=PACE, now=NOW) == repeat_at
