"""The life of a workspace: every combination of the columns is a state with a way out."""

from collections.abc import Iterator
from itertools import product

from tests.cases import each_case
from webapp.domain.lifecycle import (
    MACHINE_MAY_EXIST,
    POWER_ACTIONS,
    SETTLED_WITHOUT_MACHINE,
    TRANSITIONS,
    Action,
    CloudState,
    Desired,
    Phase,
    State,
    is_legal,
    public_state,
)
from webapp.models import Workspace

PENDING = (None, *POWER_ACTIONS, Action.RETRY)
"""What a row may carry as its requested action: ending is said by `desired`, never by an action."""
COMBINATIONS = list(product(Desired, Phase, [None, *CloudState], PENDING, [False, True]))


def _rows() -> Iterator[Workspace]:
    for desired, phase, cloud_state, action, has_failed in COMBINATIONS:
        for mode in ("AUTO_STOP", "ALWAYS_ON"):
            yield Workspace(
                desired=desired,
                phase=phase,
                cloud_state=cloud_state,
                requested_action=action,
                error_code="refused" if has_failed else None,
                running_mode=mode,
                cloud_provider="aws",
            )


def _reachable_from(phase: Phase) -> set[Phase]:
    found, open_ends = {phase}, [phase]
    while open_ends:
        new = TRANSITIONS[open_ends.pop()] - found
        found |= new
        open_ends += new
    return found


def test_the_table_names_every_phase() -> None:
    assert set(TRANSITIONS) == set(Phase)


@each_case("phase", Phase)
def test_every_phase_can_reach_the_end(phase: Phase) -> None:
    assert Phase.GONE in _reachable_from(phase)


@each_case("phase", Phase)
def test_every_phase_is_reached_from_an_order(phase: Phase) -> None:
    assert phase in _reachable_from(Phase.REQUESTED)


def test_the_end_is_the_only_phase_that_leads_nowhere() -> None:
    assert [phase for phase in Phase if not TRANSITIONS[phase]] == [Phase.GONE]


@each_case("phase", Phase)
def test_staying_is_legal_and_leaving_the_end_is_not(phase: Phase) -> None:
    assert is_legal(phase, phase)
    assert is_legal(Phase.GONE, phase) is (phase is Phase.GONE)


@each_case(
    ("source", "target"),
    [
        (Phase.REQUESTED, Phase.READY),
        (Phase.REQUESTED, Phase.TERMINATING),
        (Phase.CREATE_INTENT, Phase.READY),
        (Phase.CREATING, Phase.GONE),
        (Phase.CREATING, Phase.REQUESTED),
        (Phase.CREATING, Phase.CREATE_FAILED),
        (Phase.READY, Phase.GONE),
        (Phase.READY, Phase.REQUESTED),
        (Phase.READY, Phase.CREATE_FAILED),
        (Phase.STALLED, Phase.GONE),
        (Phase.STALLED, Phase.CREATE_FAILED),
        (Phase.TERMINATING, Phase.CREATING),
        (Phase.TERMINATING, Phase.REQUESTED),
        (Phase.CONFLICT, Phase.READY),
        (Phase.CREATE_FAILED, Phase.READY),
    ],
)
def test_shortcuts_that_would_lose_or_double_a_machine_are_illegal(source: Phase, target: Phase) -> None:
    assert not is_legal(source, target)


def test_a_known_machine_is_never_closed_without_ending_it_first() -> None:
    known = {Phase.CREATING, Phase.READY, Phase.STALLED}

    assert all(not TRANSITIONS[phase] & SETTLED_WITHOUT_MACHINE for phase in known)
    assert known <= MACHINE_MAY_EXIST


def test_every_combination_has_a_public_state() -> None:
    for desired, phase, cloud_state, action, has_failed in COMBINATIONS:
        state = public_state(
            desired=desired, phase=phase, cloud_state=cloud_state, action=action, has_failed=has_failed
        )
        assert isinstance(state, State)


def test_every_public_state_is_shown_by_some_combination() -> None:
    assert {row.state for row in _rows()} == set(State)


def test_every_combination_moves_by_itself_or_has_a_button_or_is_over() -> None:
    for row in _rows():
        is_over = row.state is State.TERMINATED
        assert row.state.is_moving or row.allowed_actions or is_over, vars(row)
        assert not (is_over and row.allowed_actions), vars(row)


def test_whatever_is_wrong_can_be_ended_until_it_is_being_ended() -> None:
    for row in _rows():
        expected = row.phase is not Phase.GONE and row.desired is Desired.PRESENT
        assert ("terminate" in row.allowed_actions) is expected, vars(row)


def test_termination_wins_over_everything_but_the_end() -> None:
    for row in _rows():
        if row.desired is Desired.ABSENT:
            assert row.state in (State.TERMINATING, State.TERMINATED)


def test_a_failed_creation_is_an_error_with_a_retry() -> None:
    for row in _rows():
        if row.phase is Phase.CREATE_FAILED and row.desired is Desired.PRESENT and not row.requested_action:
            assert row.state is State.ERROR
            assert {"retry", "terminate"} <= set(row.allowed_actions)


def test_a_power_action_under_way_is_what_a_ready_workspace_shows() -> None:
    words = {
        Action.START: State.STARTING,
        Action.STOP: State.STOPPING,
        Action.RESTART: State.RESTARTING,
        Action.REBUILD: State.MAINTENANCE,
        Action.RESTORE: State.MAINTENANCE,
    }
    for cloud_state, action in product([None, *CloudState], POWER_ACTIONS):
        shown = public_state(
            desired=Desired.PRESENT,
            phase=Phase.READY,
            cloud_state=cloud_state,
            action=action,
            has_failed=False,
        )
        assert shown is words[action]


def test_a_word_that_nobody_knows_is_not_called_healthy() -> None:
    shown = public_state(
        desired=Desired.PRESENT,
        phase=Phase.READY,
        cloud_state=CloudState.UNKNOWN,
        action=None,
        has_failed=False,
    )

    assert shown is State.UNHEALTHY
