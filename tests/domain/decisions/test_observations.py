"""A row's state and an observation of its machine: what is written, and what is said."""

from dataclasses import replace
from itertools import product

import pytest

from tests.cases import each_case
from tests.domain.decisions.rows import HEALTHY, NEW, NOW, PACE, columns, due_of, event_of, seen
from webapp.domain.decisions.change import NO_ERROR, NO_EVIDENCE
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.observations import observed
from webapp.domain.decisions.row import RowState
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import TRANSITIONS, Action, CloudState, Desired, Phase
from webapp.domain.observation import FollowUp, Observation

ROWS = {
    "creating": NEW,
    "stalled": replace(NEW, phase=Phase.STALLED, error_code="provisioning_timeout"),
    "ready": HEALTHY,
    "lost": replace(HEALTHY, phase=Phase.LOST, error_code="workspace_lost"),
    "terminating": replace(HEALTHY, phase=Phase.TERMINATING, desired=Desired.ABSENT),
}
_USABLE = {
    "ready available rest": "available unhealthy",
    "ready available poll": "stopped starting stopping restarting maintenance suspended",  # off: uninvited
    "terminating launch_failed now": "error",
    "terminating terminated_outside rest": "terminating",
}
TABLE: dict[str, dict[str, str]] = {
    "creating": {"- - poll": "pending unknown", **_USABLE},
    "stalled": {"- - rest": "pending unknown", **_USABLE},
    "ready": {
        "- - rest": "available",
        "- state_seen rest": "stopped unhealthy error unknown",
        "- state_seen poll": "pending starting stopping restarting maintenance suspended",
        "terminating terminated_outside rest": "terminating",
    },
    "lost": {
        "ready found_again rest": "available stopped unhealthy error unknown",
        "ready found_again poll": "pending starting stopping restarting maintenance suspended",
        "terminating terminated_outside rest": "terminating",
    },
    "terminating": {"- - poll": " ".join(CloudState)},
}
"""A row in this phase: the phase afterwards, the event and when the next look is due, for these states.

A dash: the phase stays, or there is no event.
"""
CELLS = [
    (name, CloudState(state), outcome)
    for name, outcomes in TABLE.items()
    for outcome, states in outcomes.items()
    for state in states.split()
]


def decide(row: RowState, observation: Observation) -> Decision:
    return observed(row, observation, pace=PACE, now=NOW)


def cell_of(decision: Decision) -> str:
    phase = decision.change.columns().get("phase")
    return f"{phase or '-'} {event_of(decision) or '-'} {due_of(decision.change)}"


@each_case(("name", "state", "outcome"), CELLS)
def test_every_phase_and_every_state_of_the_cloud(name: str, state: CloudState, outcome: str) -> None:
    assert cell_of(decide(ROWS[name], seen(state))) == outcome


def test_the_table_is_complete() -> None:
    assert sorted((name, state) for name, state, _ in CELLS) == sorted(product(ROWS, CloudState))
    with_machine = {row.phase for row in ROWS.values()}
    assert with_machine == {phase for phase in Phase if Phase.TERMINATING in TRANSITIONS[phase] | {phase}}


@each_case(("name", "state"), list(product(ROWS, CloudState)))
def test_what_was_seen_is_written_whatever_follows(name: str, state: CloudState) -> None:
    machine = seen(state, ip_address="10.0.0.9")

    written = decide(ROWS[name], machine).change.columns()

    assert (
        written.items()
        >= {
            "observed_at": NOW,
            "look_requested_at": None,
            "cloud_workspace_id": "ws-1",
            "cloud_state": state,
            "cloud_word": state.value.upper(),
            "computer_name": ROWS[name].computer_name,
            "ip_address": "10.0.0.9",
            **NO_EVIDENCE.columns(),
        }.items()
    )


@pytest.mark.parametrize("phase", [Phase.CREATING, Phase.STALLED, Phase.READY, Phase.LOST])
def test_a_row_that_is_to_end_takes_its_end_as_done_here(phase: Phase) -> None:
    decision = decide(replace(HEALTHY, phase=phase, desired=Desired.ABSENT), seen(CloudState.TERMINATING))

    assert columns(decision.change, "phase", "error_code") == {"phase": Phase.TERMINATING}
    assert decision.note is None


def test_an_end_outside_is_an_error_and_ends_the_action() -> None:
    row = replace(HEALTHY, requested_action=Action.STOP, action_sent_at=NOW)

    decision = decide(row, seen(CloudState.TERMINATING))

    assert columns(decision.change, "error_code", "error_at", "requested_action") == {
        "error_code": "terminated_outside",
        "error_at": NOW,
        "requested_action": None,
    }
    assert decision.note is not None and decision.note.level == "warning"


@pytest.mark.parametrize(
    ("state", "phase"),
    [(CloudState.PENDING, "creating"), (CloudState.ERROR, "creating"), (CloudState.STOPPED, "ready")],
)
def test_what_is_found_again_before_it_was_ever_usable_is_still_being_made(
    state: CloudState, phase: str
) -> None:
    decision = decide(replace(ROWS["lost"], available_at=None), seen(state))

    assert decision.change.phase == phase
    assert decision.change.columns().items() >= NO_ERROR.columns().items()


def test_a_cloud_that_says_nothing_changes_nothing() -> None:
    row = replace(HEALTHY, cloud_state=CloudState.STOPPED, cloud_word="STOPPED")
    machine = seen(CloudState.UNKNOWN, word="", follow_ups=(FollowUp.SWITCH_OFF,))

    decision = decide(row, machine)

    assert (decision.change.cloud_state, decision.change.cloud_word) == (CloudState.STOPPED, "STOPPED")
    assert (decision.note, due_of(decision.change)) == (None, "rest")


def test_a_word_that_is_not_known_is_shown() -> None:
    decision = decide(HEALTHY, seen(CloudState.UNKNOWN, word="PONDERING"))

    assert decision.note is not None and decision.note.message == "The cloud reports PONDERING."


@pytest.mark.parametrize("phase", [Phase.CREATING, Phase.STALLED, Phase.READY, Phase.LOST])
def test_a_name_that_is_not_shown_is_kept(phase: Phase) -> None:
    change = decide(replace(HEALTHY, phase=phase), seen(CloudState.AVAILABLE)).change

    assert (change.computer_name, change.ip_address) == ("PC-1", "10.0.0.1")


# In use

BROKEN = Failure("launch_failed", Trouble.PERMANENT, "Broken", "disk")


@each_case(
    ("error_code", "state", "written"),
    [
        (None, CloudState.ERROR, {"error_code": "cloud_error_state", "error_detail": "Broken: disk"}),
        (
            "action_timeout",
            CloudState.ERROR,
            {"error_code": "cloud_error_state", "error_detail": "Broken: disk"},
        ),
        ("cloud_error_state", CloudState.ERROR, {}),
        ("cloud_error_state", CloudState.AVAILABLE, {"error_code": None, "error_detail": None}),
        ("action_timeout", CloudState.AVAILABLE, {}),
        (None, CloudState.AVAILABLE, {}),
    ],
)
def test_a_broken_desktop_is_called_so_until_it_is_whole(
    error_code: str | None, state: CloudState, written: dict[str, object]
) -> None:
    change = decide(replace(HEALTHY, error_code=error_code), seen(state, failure=BROKEN)).change

    assert columns(change, "error_code", "error_detail") == written


@pytest.mark.parametrize(
    ("state", "written"), [(CloudState.AVAILABLE, {"available_at": NOW}), (CloudState.STOPPED, {})]
)
def test_an_adopted_desktop_counts_as_usable_from_the_first_sign(
    state: CloudState, written: dict[str, object]
) -> None:
    change = decide(replace(HEALTHY, available_at=None), seen(state)).change

    assert columns(change, "available_at") == written


def test_while_something_is_requested_the_next_look_is_soon_and_states_are_not_reported() -> None:
    row = replace(HEALTHY, requested_action=Action.STOP, action_sent_at=None)

    decision = decide(row, seen(CloudState.UNHEALTHY))

    assert (decision.note, due_of(decision.change)) == (None, "poll")
