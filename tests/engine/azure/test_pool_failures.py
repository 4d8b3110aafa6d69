"""What counts as a failure of a warm pool: a round that made nothing, not each desktop of it."""

from tests.desk import Desk
from tests.engine.azure.pools import desktops_of, hurry, live_until_ready, pool_of, want
from webapp.domain.pools import FIRST_WAIT, PoolState

CALL = "deployments.createOrUpdate"


def fail_deployments(desk: Desk, times: int) -> None:
    desk.sandbox.add_fault(
        "deployment_error", times=times, code="OSProvisioningClientError", message="Sysprep failed."
    )


def refuse_calls(desk: Desk, times: int) -> None:
    desk.sandbox.add_fault(
        "error", operation=CALL, times=times, status=400, code="InvalidTemplate", message="No such thing."
    )


def test_a_round_in_which_each_call_is_refused_is_one_failure_and_the_next_one_fills_the_pool(
    desk: Desk,
) -> None:
    refuse_calls(desk, 4)
    want(desk, 4)

    hurry(desk)

    assert [one.state for one in desktops_of(desk)] == [PoolState.GONE] * 4
    assert (pool_of(desk).failures, pool_of(desk).stopped_code) == (1, None)
    desk.clock.pause(FIRST_WAIT.total_seconds())
    live_until_ready(desk, 4)
    assert pool_of(desk).failures == 0, "those that were made show that it works"


def test_desktops_of_one_round_that_fail_one_after_the_other_are_one_failure(desk: Desk) -> None:
    fail_deployments(desk, 4)
    want(desk, 4)

    live_until_ready(desk, 4, limit_s=4 * 3600)

    assert pool_of(desk).stopped_code is None
    assert len([one for one in desktops_of(desk) if one.error_code == "setup_failed"]) == 4


def test_one_that_was_made_and_then_failed_is_no_proof_that_the_pool_works(desk: Desk) -> None:
    want(desk, 1)
    for _ in range(3):
        live_until_ready(desk, 1)
        desk.clock.pause(desk.settings.settle_s)
        [ready] = desktops_of(desk, PoolState.READY)
        desk.stage.vanish(ready.cloud_workspace_id)
        desk.live(1800, step_s=120)

    assert pool_of(desk).stopped_code == "workspace_lost"
