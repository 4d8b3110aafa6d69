"""Several warm pools of one company share its caps and budgets."""

import pytest

from tests.desk import Desk
from tests.engine.azure.pools import hurry, states_of
from webapp.services.budgets import set_cap
from webapp.services.pools import PoolRequest, set_pool


@pytest.mark.parametrize("is_of_account", [True, False])
def test_two_pools_in_one_round_do_not_fill_the_same_room(desk: Desk, is_of_account: bool) -> None:
    company = {"company_id": desk.provider.company_id or 0}
    set_cap(desk.context, 3, credential_id=desk.credential_id if is_of_account else None, **company)
    for bundle_id in (desk.stage.bundle_id, "az-light"):
        set_pool(desk.context, desk.credential_id, PoolRequest(bundle_id, 2, 2), **company)

    hurry(desk)

    assert sum(states_of(desk).values()) == 3
