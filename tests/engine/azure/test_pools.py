"""A warm pool on Azure: made, waiting, given to an order, filled again, ended; and what people see of it."""

from collections import Counter
from datetime import timedelta

import pytest

from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.azure.pools import (
    assigned,
    births,
    desktops_of,
    hurry,
    live_until_ready,
    living_machines,
    pool_of,
    states_of,
    want,
)
from tests.engine.azure.test_flow import deployments, kinds
from webapp.domain.costs.budgets import Limits, Subject, part_left
from webapp.domain.lifecycle import Action, CloudState, Phase, State
from webapp.domain.pools import MOST_AGE, MOST_FAILURES, PoolState
from webapp.models import PoolDesktop
from webapp.services.budgets import BudgetRequest, add_budget, set_cap, state_of


def pool_price(desk: Desk) -> int:
    """Of one that waits a month, in minor units."""
    want(desk, 0)
    price = pool_of(desk).month_price_minor
    assert price
    return price


def give_budget(desk: Desk, month_prices_minor: int) -> None:
    """The company's budget pays for desktops of so much a month, until the end of this one."""
    limit = round(month_prices_minor * part_left(desk.clock.now().date()))
    request = BudgetRequest(Subject.COMPANY, None, "USD", Limits(limit, None))
    add_budget(desk.context, request, company_id=desk.provider.company_id or 0)


@both_databases
def test_a_pool_is_filled_waits_switched_off_and_leaves_no_record_of_its_making(desk: Desk) -> None:
    want(desk, 2)

    live_until_ready(desk, 2)

    assert kinds(desk) == {"vm": 2, "nic": 2, "disk": 2, "host": 2}
    assert deployments(desk) == [] and assigned(desk) == {}
    assert {one.cloud_workspace_id for one in desktops_of(desk)} == living_machines(desk)
    assert {one.cloud_state for one in desktops_of(desk)} == {CloudState.STOPPED}


@both_databases
def test_an_order_takes_a_desktop_that_waits_and_the_pool_is_filled_again(desk: Desk) -> None:
    want(desk, 1)
    live_until_ready(desk, 1)
    [waiting] = desktops_of(desk)

    began_s = desk.clock.elapsed_s
    workspace_id = desk.order(username="sam@example.com")
    desk.live_until(workspace_id, State.AVAILABLE)

    row = desk.row(workspace_id)
    assert row.cloud_workspace_id == waiting.cloud_workspace_id and row.uid == waiting.uid
    assert assigned(desk) == {waiting.cloud_workspace_id: "sam@example.com"}
    assert desk.clock.elapsed_s - began_s < desk.stage.shortest_launch_s
    assert desk.story(workspace_id)[:2] == ["ordered", "given_from_pool"]
    live_until_ready(desk, 1)
    assert len(births(desk)) == 2
    [given] = desktops_of(desk, PoolState.CLAIMED)
    assert (given.workspace_id, given.id) == (workspace_id, waiting.id)


def test_an_order_without_a_ready_desktop_is_made_as_ever(desk: Desk) -> None:
    want(desk, 1)
    live_until_ready(desk, 1)

    first, second = desk.order(), desk.order()
    desk.live_until(first, State.AVAILABLE)
    desk.live_until(second, State.AVAILABLE)

    stories = [desk.story(one)[1] for one in (first, second)]
    assert sorted(stories) == ["create_sent", "given_from_pool"]


def test_a_pool_that_is_set_to_0_ends_what_waits_and_nothing_remains(desk: Desk) -> None:
    want(desk, 2)
    live_until_ready(desk, 2)

    want(desk, 0)
    desk.live(1800, step_s=120)

    assert states_of(desk) == {PoolState.GONE: 2}
    assert kinds(desk) == Counter()


def test_a_desktop_that_was_used_never_comes_back(desk: Desk) -> None:
    want(desk, 1)
    live_until_ready(desk, 1)
    workspace_id = desk.available()
    live_until_ready(desk, 1)

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert desk.row(workspace_id).cloud_workspace_id not in living_machines(desk)
    assert states_of(desk) == {PoolState.CLAIMED: 1, PoolState.READY: 1}


def test_desktops_of_a_pool_are_no_orphans_and_hold_no_order(desk: Desk) -> None:
    want(desk, 2)
    live_until_ready(desk, 2)

    desk.live(2 * desk.settings.inventory_interval_s, step_s=300)

    assert desk.orphans() == []
    inventory = desk.credential().inventory
    assert inventory is not None and inventory["machines"] == 2


def test_one_that_somebody_deleted_is_missed_with_proof_and_made_again(desk: Desk) -> None:
    want(desk, 1)
    live_until_ready(desk, 1)
    desk.clock.pause(desk.settings.settle_s)

    desk.stage.vanish(desktops_of(desk)[0].cloud_workspace_id)
    desk.live(1800, step_s=120)
    live_until_ready(desk, 1)

    gone, made = desktops_of(desk)
    assert (gone.state, gone.error_code, made.state) == (PoolState.GONE, "workspace_lost", PoolState.READY)
    assert pool_of(desk).failures == 1


def test_one_that_was_given_away_by_hand_is_never_given_to_an_order_and_never_ended(desk: Desk) -> None:
    want(desk, 1)
    live_until_ready(desk, 1)
    [taken] = desktops_of(desk)
    desk.sandbox.set_session_host(taken.cloud_workspace_id, assigned_user="eve@example.com")
    hurry(desk)

    want(desk, 0)
    desk.live(3600, step_s=300)

    assert states_of(desk) == {PoolState.TAKEN: 1, PoolState.GONE: 1}, "another was made in its place"
    assert living_machines(desk) == {taken.cloud_workspace_id}
    [orphan] = desk.orphans()
    assert (orphan.cloud_workspace_id, orphan.username) == (taken.cloud_workspace_id, "eve@example.com")


def test_a_size_that_always_fails_stops_the_pool_after_a_few_and_a_person_starts_it_again(desk: Desk) -> None:
    desk.sandbox.add_fault(
        "deployment_error", times=-1, code="OSProvisioningClientError", message="Sysprep failed."
    )
    want(desk, 1)

    desk.live(6 * 3600, step_s=300)

    made: list[PoolDesktop] = desktops_of(desk)
    assert len(made) == MOST_FAILURES
    assert {one.state for one in made} == {PoolState.GONE}
    assert pool_of(desk).stopped_code == made[-1].error_code == "setup_failed"
    assert kinds(desk) == Counter()


def test_the_caps_of_an_account_leave_less_room_for_its_pool(desk: Desk) -> None:
    set_cap(desk.context, 3, company_id=desk.provider.company_id or 0, credential_id=desk.credential_id)
    desk.available()
    want(desk, 5)

    live_until_ready(desk, 2)

    assert len(births(desk)) == 3
    assert desk.row(1).phase is Phase.READY


@pytest.mark.parametrize("lost", ["drop_after", "drop_before"])
def test_an_order_of_the_pool_whose_answer_is_lost_makes_one_desktop(desk: Desk, lost: str) -> None:
    desk.sandbox.add_fault(lost, operation="deployments.createOrUpdate", times=1)
    want(desk, 1)

    live_until_ready(desk, 1)

    assert len(births(desk)) == 1 and len(desktops_of(desk)) == 1


def test_those_that_are_too_old_are_replaced_one_after_the_other(desk: Desk) -> None:
    want(desk, 2)
    live_until_ready(desk, 2)
    old = living_machines(desk)

    desk.clock.pause((MOST_AGE + timedelta(hours=1)).total_seconds())
    fewest = 2
    for _ in range(80):
        desk.clock.pause(300)
        desk.sweep()
        fewest = min(fewest, len(desktops_of(desk, PoolState.READY)))

    assert fewest == 1
    assert len(births(desk)) == 4 and not old & living_machines(desk)
    assert states_of(desk) == {PoolState.GONE: 2, PoolState.READY: 2}
    assert not any(one.is_surplus or one.error_code for one in desktops_of(desk))


def test_a_budget_of_the_company_leaves_room_for_fewer_and_counts_those_that_wait(desk: Desk) -> None:
    desk.live(60)
    price = pool_price(desk)
    give_budget(desk, round(price * 2.5))
    want(desk, 5)

    live_until_ready(desk, 2)

    [state] = state_of(desk.context, company_id=desk.provider.company_id or 0)
    assert state.spending.month_prices_minor == 2 * price
    assert len(births(desk)) == 2


def test_a_pool_that_the_budget_pays_for_no_longer_refuses_no_order_and_ends_what_waits(desk: Desk) -> None:
    first, waiting_price = desk.row(desk.available()), pool_price(desk)
    want(desk, 3)
    live_until_ready(desk, 3)
    give_budget(desk, 2 * (first.month_price_minor or 0) + waiting_price * 3 // 2)

    second = desk.order()
    desk.live_until(second, State.AVAILABLE)
    live_until_ready(desk, 1)

    assert desk.row(second).phase is Phase.READY
    assert pool_of(desk).wanted == 1
    assert [one.state for one in desktops_of(desk) if not one.is_surplus] == [
        PoolState.CLAIMED,
        PoolState.READY,
    ]
    assert len(births(desk)) == 4
