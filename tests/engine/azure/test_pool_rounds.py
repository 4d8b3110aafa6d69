"""When the next round of the pools is due, and what a round knows of what people change meanwhile."""

from datetime import timedelta

from tests.desk import Desk
from tests.engine.azure.pools import births, desktops_of, hurry, live_until_ready, pool_of, states_of, want
from tests.engine.azure.test_pool_demand import give_profile
from tests.engine.azure.test_pools_together import cap
from tests.windows import have_window
from webapp.domain.duties import KEEP_POOLS
from webapp.domain.pools import FIRST_WAIT, PoolState

CALL = "deployments.createOrUpdate"


def test_a_pool_that_may_not_grow_is_looked_at_as_rarely_as_a_full_one(desk: Desk) -> None:
    want(desk, 1)
    live_until_ready(desk, 1)
    want(desk, 0)
    desk.live(1800, step_s=120)
    want(desk, 0, 5)
    give_profile(desk)
    have_window(desk, desk.add_application().id, starts=timedelta(minutes=30))
    desk.clock.pause(60)

    hurry(desk)

    assert pool_of(desk).wanted == 1 and len(births(desk)) == 1
    assert desk.duty(KEEP_POOLS).due_at == desk.clock.now() + desk.engine.rest


def test_after_a_failure_the_next_round_is_due_when_something_may_be_made(desk: Desk) -> None:
    desk.sandbox.add_fault(
        "error", operation=CALL, times=1, status=400, code="InvalidTemplate", message="No such thing."
    )
    want(desk, 1)
    desk.clock.pause(1)

    hurry(desk)

    failed_at = pool_of(desk).failed_at
    assert failed_at is not None
    due_at = desk.duty(KEEP_POOLS).due_at
    assert due_at == min(failed_at + FIRST_WAIT, desk.clock.now() + desk.engine.rest)


def test_a_pool_that_a_person_switches_off_during_a_round_makes_nothing_more_in_it(desk: Desk) -> None:
    def switch_off(point: str) -> None:
        if point == "pool_looked":
            want(desk, 0)

    want(desk, 1)
    live_until_ready(desk, 1)
    want(desk, 3)
    desk.engine = desk.make_engine(crashpoint=switch_off)
    hurry(desk)

    assert len(births(desk)) == 1 and len(desktops_of(desk)) == 1


def test_a_pool_that_a_person_makes_larger_during_a_round_keeps_to_the_cap_in_it(desk: Desk) -> None:
    """What this round has worked out was for the pool as it was before."""

    def enlarge(point: str) -> None:
        if point == "pool_acting":
            want(desk, 4)

    want(desk, 1)
    live_until_ready(desk, 1)
    cap(desk, 2, is_of_account=True)
    want(desk, 0)
    desk.engine = desk.make_engine(crashpoint=enlarge)
    hurry(desk)

    assert states_of(desk) == {PoolState.ENDING: 1, PoolState.MAKING: 1}
