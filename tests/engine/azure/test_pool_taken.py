"""A desktop of a warm pool that somebody took by hand, or drains, is no reason to hold all orders."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.desk import Desk
from tests.engine.azure.pools import (
    desktops_of,
    hurry,
    live_until_ready,
    living_machines,
    pool_of,
    want,
)
from webapp.domain.duties import KEEP_POOLS, TAKE_INVENTORY
from webapp.domain.lifecycle import Phase, State
from webapp.domain.orphans import OrphanStatus
from webapp.domain.pools import PoolState
from webapp.models import Duty, Installation, Orphan, PoolDesktop


def take_inventory(desk: Desk) -> None:
    """Before the next look of the pools."""
    now = desk.clock.now()
    with desk.sessions.begin() as session:
        session.execute(update(Duty).where(Duty.kind == TAKE_INVENTORY).values(due_at=now))
        session.execute(update(Duty).where(Duty.kind == KEEP_POOLS).values(due_at=now + timedelta(hours=1)))
    desk.sweep()


def have_taken(desk: Desk, **changes: object) -> PoolDesktop:
    """One that waits and shows these changes, after a look of its pool and an inventory."""
    want(desk, 1)
    live_until_ready(desk, 1)
    [one] = desktops_of(desk)
    desk.sandbox.set_session_host(one.cloud_workspace_id, **changes)
    hurry(desk)
    take_inventory(desk)
    [orphan] = desk.orphans()
    assert orphan.cloud_workspace_id == one.cloud_workspace_id
    return one


@pytest.mark.parametrize("changes", [{"assigned_user": "eve@example.com"}, {"allow_new_session": False}])
def test_orders_of_others_are_made_while_a_person_decides_about_it(
    desk: Desk, changes: dict[str, object]
) -> None:
    taken = have_taken(desk, **changes)

    order = desk.order(username="sam@example.com")
    desk.live_until(order, State.AVAILABLE)

    assert desk.row(order).cloud_workspace_id != taken.cloud_workspace_id
    assert [one.state for one in desktops_of(desk) if one.id == taken.id] == [PoolState.TAKEN]


def test_an_order_for_the_person_who_has_it_makes_no_second_one(desk: Desk) -> None:
    have_taken(desk, assigned_user="Eve@example.com")

    order = desk.order(username="eve@example.com")
    desk.live(600)

    assert desk.row(order).phase is Phase.CONFLICT
    assert not {"create_sent", "given_from_pool"} & set(desk.story(order))


@pytest.mark.parametrize(("restored_h", "is_held"), [(-2, False), (2, True)])
def test_after_a_restore_orders_wait_for_a_decision_about_what_was_made_before_it(
    desk: Desk, restored_h: int, is_held: bool
) -> None:
    """It may have been given to an order that the backup does not know."""
    taken = have_taken(desk, assigned_user="eve@example.com")
    desk.clock.pause(3 * 3600)
    restored_at = taken.created_at + timedelta(hours=restored_h)
    with desk.sessions.begin() as session:
        session.execute(update(Installation).values(restored_at=restored_at))
    take_inventory(desk)

    order = desk.order(username="sam@example.com")
    desk.live(600)

    assert (desk.row(order).phase is Phase.REQUESTED) is is_held


def test_an_inventory_that_shows_its_person_first_records_it_and_it_is_given_to_nobody(desk: Desk) -> None:
    want(desk, 1)
    live_until_ready(desk, 1)
    [one] = desktops_of(desk)
    desk.sandbox.set_session_host(one.cloud_workspace_id, assigned_user="eve@example.com")

    take_inventory(desk)

    assert [row.cloud_workspace_id for row in desk.orphans()] == [one.cloud_workspace_id]
    assert [row.state for row in desktops_of(desk) if row.id == one.id] == [PoolState.TAKEN]


def pass_a_day(desk: Desk) -> None:
    """With an inventory before and after its end."""
    for hours in (23, 2, 1, 1):
        desk.clock.pause(hours * 3600)
        take_inventory(desk)
        hurry(desk)


@pytest.mark.parametrize("is_drained_still", [True, False])
def test_a_drained_one_that_nobody_has_is_ended_after_a_day_and_another_one_made(
    desk: Desk, is_drained_still: bool
) -> None:
    taken = have_taken(desk, allow_new_session=False)
    desk.clock.pause(23 * 3600)
    take_inventory(desk)
    assert [one.state for one in desktops_of(desk) if one.id == taken.id] == [PoolState.TAKEN]
    if not is_drained_still:
        desk.sandbox.set_session_host(taken.cloud_workspace_id, allow_new_session=True)
    pass_a_day(desk)
    live_until_ready(desk, 1)

    [ended] = [one for one in desktops_of(desk) if one.id == taken.id]
    assert (ended.state, ended.is_surplus, ended.error_code) == (PoolState.GONE, False, None)
    assert taken.cloud_workspace_id not in living_machines(desk)
    assert [one.status for one in desk.orphans()] == [OrphanStatus.GONE]
    assert pool_of(desk).failures == 0


@pytest.mark.parametrize("reason", ["had a person", "ignored", "older than a restore"])
def test_a_drained_one_that_may_be_somebodys_is_never_ended(desk: Desk, reason: str) -> None:
    changes: dict[str, object] = {"allow_new_session": False}
    if reason == "had a person":
        changes = {"assigned_user": "eve@example.com"}
    taken = have_taken(desk, **changes)
    if reason == "had a person":
        desk.sandbox.set_session_host(taken.cloud_workspace_id, assigned_user="", allow_new_session=False)
    elif reason == "ignored":
        with desk.sessions.begin() as session:
            session.execute(update(Orphan).values(status=OrphanStatus.IGNORED))
    else:
        restored_at = taken.created_at + timedelta(hours=1)
        with desk.sessions.begin() as session:
            session.execute(update(Installation).values(restored_at=restored_at))
    pass_a_day(desk)

    assert [one.state for one in desktops_of(desk) if one.id == taken.id] == [PoolState.TAKEN]
    assert taken.cloud_workspace_id in living_machines(desk)


def test_one_that_gets_a_person_while_it_is_drained_stays_theirs(desk: Desk) -> None:
    taken = have_taken(desk, allow_new_session=False)
    desk.sandbox.set_session_host(taken.cloud_workspace_id, assigned_user="eve@example.com")
    take_inventory(desk)
    desk.sandbox.set_session_host(taken.cloud_workspace_id, assigned_user="")
    pass_a_day(desk)

    assert [one.state for one in desktops_of(desk) if one.id == taken.id] == [PoolState.TAKEN]
    assert taken.cloud_workspace_id in living_machines(desk)
