"""Which buttons work when, and the sentence when one does not."""

from itertools import product

import pytest

from tests.cases import each_case
from webapp.domain.actions import refusal
from webapp.domain.lifecycle import POWER_ACTIONS, Action, CloudState, Desired, Phase
from webapp.providers.registry import get_provider

ALLOWED = {
    Action.START: {CloudState.STOPPED},
    Action.STOP: {CloudState.AVAILABLE, CloudState.UNHEALTHY, CloudState.ERROR},
    Action.RESTART: {CloudState.AVAILABLE, CloudState.UNHEALTHY},
    Action.REBUILD: {
        CloudState.AVAILABLE,
        CloudState.UNHEALTHY,
        CloudState.ERROR,
        CloudState.STOPPED,
        CloudState.RESTARTING,
    },
    Action.RESTORE: {
        CloudState.AVAILABLE,
        CloudState.UNHEALTHY,
        CloudState.ERROR,
        CloudState.STOPPED,
    },
}
"""From the cloud's own documentation of each operation."""


def _ask(
    action: Action,
    *,
    phase: Phase = Phase.READY,
    cloud_state: CloudState | None = CloudState.AVAILABLE,
    desired: Desired = Desired.PRESENT,
    pending: Action | None = None,
    has_failed: bool = False,
    running_mode: str = "AUTO_STOP",
    cloud_provider: str = "aws",
) -> str | None:
    return refusal(
        action,
        desired=desired,
        phase=phase,
        cloud_state=cloud_state,
        pending=pending,
        has_failed=has_failed,
        running_mode=running_mode,
        rules=get_provider(cloud_provider).desktops,
    )


@each_case(("action", "cloud_state"), list(product(POWER_ACTIONS, CloudState)))
def test_power_actions_are_offered_where_the_cloud_takes_them(
    action: Action, cloud_state: CloudState
) -> None:
    assert (_ask(action, cloud_state=cloud_state) is None) is (cloud_state in ALLOWED[action])


@each_case("action", POWER_ACTIONS)
@each_case("phase", [phase for phase in Phase if phase is not Phase.READY])
def test_power_actions_need_a_ready_workspace(action: Action, phase: Phase) -> None:
    assert _ask(action, phase=phase)


@pytest.mark.parametrize("cloud_state", [CloudState.AVAILABLE, CloudState.STOPPED])
def test_an_always_on_workspace_is_neither_started_nor_stopped(cloud_state: CloudState) -> None:
    said = {
        _ask(action, cloud_state=cloud_state, running_mode="ALWAYS_ON")
        for action in (Action.START, Action.STOP)
    }

    assert said == {"An always-on desktop cannot be started or stopped."}


@pytest.mark.parametrize("action", [Action.RESTART, Action.REBUILD, Action.RESTORE])
def test_an_always_on_workspace_can_be_restarted_rebuilt_and_restored(action: Action) -> None:
    assert _ask(action, running_mode="ALWAYS_ON") is None


@pytest.mark.parametrize("action", POWER_ACTIONS)
def test_a_suspended_workspace_says_that_the_cloud_holds_it(action: Action) -> None:
    assert "suspended" in (_ask(action, cloud_state=CloudState.SUSPENDED) or "")


@each_case("phase", Phase)
@each_case("pending", [None, *POWER_ACTIONS, Action.RETRY])
def test_ending_is_possible_until_it_is_over(phase: Phase, pending: Action | None) -> None:
    assert (_ask(Action.TERMINATE, phase=phase, pending=pending) is None) is (phase is not Phase.GONE)


@pytest.mark.parametrize("action", [*POWER_ACTIONS, Action.RETRY])
def test_nothing_else_is_possible_while_it_is_being_ended(action: Action) -> None:
    assert _ask(action, desired=Desired.ABSENT) == "This desktop is being terminated."


@each_case("pending", [*POWER_ACTIONS, Action.RETRY])
@each_case("action", [*POWER_ACTIONS, Action.RETRY])
def test_one_action_at_a_time(action: Action, pending: Action) -> None:
    assert _ask(action, pending=pending)


@each_case(
    ("phase", "has_failed", "is_offered"),
    [
        (Phase.CREATE_FAILED, True, True),
        (Phase.CREATE_FAILED, False, True),
        (Phase.CONFLICT, True, True),
        (Phase.CREATE_INTENT, True, True),
        (Phase.CREATE_INTENT, False, False),
        (Phase.TERMINATING, True, True),
        (Phase.TERMINATING, False, False),
        (Phase.REQUESTED, False, False),
        (Phase.CREATING, False, False),
        (Phase.CREATING, True, False),
        (Phase.READY, True, False),
        (Phase.STALLED, True, False),
        (Phase.LOST, True, False),
        (Phase.GONE, True, False),
    ],
)
def test_only_a_failed_creation_can_be_retried(phase: Phase, has_failed: bool, is_offered: bool) -> None:
    assert (_ask(Action.RETRY, phase=phase, has_failed=has_failed) is None) is is_offered


def test_every_refusal_is_a_sentence() -> None:
    for action, phase, cloud_state, desired, pending in product(
        Action, Phase, [None, *CloudState], Desired, [None, *POWER_ACTIONS, Action.RETRY]
    ):
        said = _ask(action, phase=phase, cloud_state=cloud_state, desired=desired, pending=pending)
        assert said is None or (said[0].isupper() and said.endswith(".")), said
