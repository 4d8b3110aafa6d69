"""A desktop of a pool is taken by one statement: whoever else wants it at the same moment gets another."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import update

from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.azure.pools import desktops_of, want
from webapp.domain.lifecycle import CloudState
from webapp.domain.pools import PoolState
from webapp.engine.pools.claiming import SEEN_WITHIN, take
from webapp.models import PoolDesktop

WORKERS, DESKTOPS = 8, 5


def add_ready(desk: Desk, pool_id: int, number: int) -> None:
    now = desk.clock.now()
    with desk.sessions.begin() as session:
        session.add(
            PoolDesktop(
                uid=f"{number:032d}",
                pool_id=pool_id,
                company_id=desk.provider.company_id or 0,
                credential_id=desk.credential_id,
                account_id="account",
                bundle_id=desk.stage.bundle_id,
                cloud_workspace_id=f"w{number}",
                image="",
                state=PoolState.READY,
                cloud_state=CloudState.STOPPED,
                issued_at=now,
                observed_at=now,
                ready_at=now - timedelta(minutes=number),
                created_at=now,
            )
        )


@both_databases
def test_workers_without_any_lease_take_each_desktop_once(desk: Desk) -> None:
    """Not even the lease of the account keeps them apart here."""
    pool_id = want(desk, DESKTOPS)
    orders = [desk.row(desk.order()) for _ in range(WORKERS)]
    for number in range(DESKTOPS):
        add_ready(desk, pool_id, number)
    barrier = Barrier(WORKERS)

    def claim(place: int) -> int | None:
        barrier.wait()
        with desk.sessions.begin() as session:
            taken = take(session, desk.engine, orders[place])
            return None if taken is None else taken.id

    with ThreadPoolExecutor(WORKERS) as workers:
        taken = [one for one in workers.map(claim, range(WORKERS)) if one is not None]

    assert Counter(taken) == {one.id: 1 for one in desktops_of(desk)}
    assert len({one.workspace_id for one in desktops_of(desk, PoolState.CLAIMED)}) == DESKTOPS


@pytest.mark.parametrize(
    "changes",
    [
        {"observed_at": None},
        {"cloud_state": CloudState.ERROR},
        {"bundle_id": "az-light"},
        {"state": PoolState.TAKEN},
    ],
)
def test_one_that_may_not_be_there_or_is_of_another_size_is_not_taken(
    desk: Desk, changes: dict[str, object]
) -> None:
    order = desk.row(desk.order())
    add_ready(desk, want(desk, 1), 1)
    values = changes | ({"observed_at": desk.clock.now() - SEEN_WITHIN} if "observed_at" in changes else {})
    with desk.sessions.begin() as session:
        session.execute(update(PoolDesktop).values(values))

    with desk.sessions.begin() as session:
        assert take(session, desk.engine, order) is None


def test_the_one_that_has_been_ready_longest_is_taken_first(desk: Desk) -> None:
    order, pool_id = desk.row(desk.order()), want(desk, 3)
    for number in (1, 3, 2):
        add_ready(desk, pool_id, number)

    with desk.sessions.begin() as session:
        taken = take(session, desk.engine, order)

    assert taken is not None and taken.cloud_workspace_id == "w3"
