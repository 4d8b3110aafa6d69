"""Several warm pools of one company share its caps and budgets."""

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import update

from tests.desk import Desk
from tests.engine.azure.pools import desktops_of, hurry, states_of
from tests.engine.azure.test_pool_demand import MINUTE, give_profile
from tests.windows import have_window
from webapp.domain.pools import STANDING, PoolState
from webapp.models import PoolDesktop, WarmPool
from webapp.services.budgets import set_cap
from webapp.services.pools import PoolRequest, set_pool

LATER = "az-light"


@pytest.mark.parametrize("is_of_account", [True, False])
def test_two_pools_in_one_round_do_not_fill_the_same_room(desk: Desk, is_of_account: bool) -> None:
    cap(desk, 3, is_of_account=is_of_account)
    for bundle_id in (desk.stage.bundle_id, LATER):
        want_of(desk, bundle_id, 2)

    hurry(desk)

    assert sum(states_of(desk).values()) == 3


def cap(desk: Desk, most: int, *, is_of_account: bool = False) -> None:
    credential_id = desk.credential_id if is_of_account else None
    set_cap(desk.context, most, credential_id=credential_id, company_id=desk.provider.company_id or 0)


def want_of(desk: Desk, bundle_id: str, floor: int, ceiling: int | None = None) -> int:
    request = PoolRequest(bundle_id, floor, floor if ceiling is None else ceiling)
    company_id = desk.provider.company_id or 0
    return set_pool(desk.context, desk.credential_id, request, company_id=company_id).id


def standing(desk: Desk) -> Counter[str]:
    return Counter(one.bundle_id for one in desktops_of(desk, *STANDING))


def stop(desk: Desk, pool_id: int) -> None:
    stopped = {"stopped_code": "setup_failed", "stopped_at": desk.clock.now()}
    with desk.sessions.begin() as session:
        session.execute(update(WarmPool).where(WarmPool.id == pool_id).values(**stopped))


def have_ended_unused(desk: Desk, pool_id: int) -> None:
    """Five, and its floor is none: what three people want who begin soon is not made."""
    give_profile(desk)
    for number in range(3):
        have_window(desk, desk.add_application().id, starts=(number + 1) * MINUTE)
    want_of(desk, desk.stage.bundle_id, 0, 3)
    now = desk.clock.now()
    with desk.sessions.begin() as session:
        session.add_all(
            PoolDesktop(
                uid=f"{number:032d}",
                pool_id=pool_id,
                company_id=desk.provider.company_id or 0,
                credential_id=desk.credential_id,
                account_id="account",
                bundle_id=desk.stage.bundle_id,
                cloud_workspace_id=f"w{number}",
                image="",
                state=PoolState.GONE,
                is_surplus=True,
                issued_at=now,
                created_at=now,
                ended_at=now,
            )
            for number in range(5)
        )


@pytest.mark.parametrize(("why_not", "later"), [(None, 0), (stop, 3), (have_ended_unused, 3)])
def test_an_earlier_pool_takes_room_only_for_what_it_will_make(
    desk: Desk, why_not: Callable[[Desk, int], None] | None, later: int
) -> None:
    cap(desk, 3)
    earlier_id = want_of(desk, desk.stage.bundle_id, 3)
    if why_not is not None:
        why_not(desk, earlier_id)
    want_of(desk, LATER, 3)

    hurry(desk)

    assert standing(desk)[LATER] == later
    assert sum(standing(desk).values()) == 3
