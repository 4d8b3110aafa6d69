"""Setting a warm pool: what is refused, what it costs to wait, and what holds its account."""

from typing import Any

import pytest

from tests.azure_rows import BUNDLE, add_azure_credential, read_prices
from tests.desk import Desk
from webapp.domain.errors import AppError
from webapp.domain.hours.week import WORKDAYS, Hours, Shift
from webapp.domain.pools import PoolState
from webapp.models import InquiryKind, PoolDesktop, WarmPool
from webapp.queries.credentials import find_inquiry
from webapp.services.credentials import delete_credential
from webapp.services.pools import PoolRequest, set_pool, start_again, status_of

OFFICE = Hours("Europe/Berlin", tuple(Shift(day, 9 * 60, 17 * 60) for day in WORKDAYS))


@pytest.fixture
def azure(desk: Desk) -> int:
    """The id of an account whose cloud makes desktops for nobody."""
    read_prices(desk.context)
    return add_azure_credential(desk.context, company_id=desk.provider.company_id or 0)


def put(desk: Desk, credential_id: int, **changes: Any) -> WarmPool:
    values: dict[str, Any] = {"bundle_id": "az-standard", "floor": 2, "ceiling": 5}
    return set_pool(
        desk.context,
        credential_id,
        PoolRequest(**(values | changes)),
        company_id=desk.provider.company_id or 0,
    )


def add_desktop(desk: Desk, pool: WarmPool, state: PoolState, number: int) -> None:
    now = desk.clock.now()
    desk.session.add(
        PoolDesktop(
            uid=f"{number:032d}",
            pool_id=pool.id,
            company_id=pool.company_id,
            credential_id=pool.credential_id,
            account_id="account",
            bundle_id=pool.bundle_id,
            cloud_workspace_id=f"w{number}",
            image="",
            state=state,
            issued_at=now,
            ready_at=now,
            created_at=now,
        )
    )
    desk.session.commit()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ceiling": -1}, "ceiling"),
        ({"ceiling": 101}, "ceiling"),
        ({"floor": 6}, "floor"),
        ({"floor": -1}, "floor"),
        ({"budget_minor": 0}, "budget_minor"),
        ({"bundle_id": "az-nothing"}, "bundle_id"),
    ],
)
def test_a_number_that_makes_no_pool_is_refused_at_its_field(
    desk: Desk, azure: int, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(AppError) as refused:
        put(desk, azure, **changes)

    assert refused.value.field == field
    assert status_of(desk.context, company_id=desk.provider.company_id or 0) == []


def test_an_account_of_a_cloud_that_makes_no_desktop_for_nobody_has_no_pool(desk: Desk) -> None:
    with pytest.raises(AppError) as refused:
        put(desk, desk.credential_id)

    assert refused.value.code == "no_warm_pool"


def test_an_account_of_another_company_is_not_found(desk: Desk, azure: int) -> None:
    rival = desk.add_provider("rival@example.com", company="Rival")

    with pytest.raises(AppError) as refused:
        set_pool(desk.context, azure, PoolRequest("az-standard", 1, 1), company_id=rival.company_id or 0)

    assert refused.value.code == "not_found"


def test_a_desktop_that_waits_switched_off_costs_its_disk_and_one_that_runs_its_hours_too(
    desk: Desk, azure: int
) -> None:
    off = put(desk, azure).month_price_minor or 0
    in_hours = put(desk, azure, waits_running=True, hours=OFFICE).month_price_minor or 0
    always = put(desk, azure, waits_running=True).month_price_minor or 0

    assert 0 < off < in_hours < always
    assert 4 < (always - off) / (in_hours - off) < 4.4, "40 hours of 168 in each week"


def test_the_state_counts_what_is_ready_and_what_all_of_it_costs_a_day(desk: Desk, azure: int) -> None:
    pool = put(desk, azure)
    for number, state in enumerate([*[PoolState.READY] * 3, PoolState.MAKING]):
        add_desktop(desk, pool, state, number)

    [status] = status_of(desk.context, company_id=pool.company_id)

    assert (status.ready, status.being_made, status.ending) == (3, 1, 0)
    assert status.a_day is not None and pool.month_price_minor is not None
    assert status.a_day.amount_minor == round(pool.month_price_minor * 4 * 12 / 365)


def test_setting_a_pool_again_changes_it_and_starts_one_that_was_stopped(desk: Desk, azure: int) -> None:
    pool = put(desk, azure)
    pool.failures, pool.failed_at = 3, desk.clock.now()
    pool.stopped_code, pool.stopped_at = "quota_reached", desk.clock.now()
    desk.session.commit()

    again = start_again(desk.context, pool.id, company_id=pool.company_id)
    assert (again.stopped_code, again.failures) == (None, 0)

    assert put(desk, azure, floor=1, hours=OFFICE).id == pool.id
    assert pool.rule.floor == 1 and pool.rule.hours == OFFICE


def test_an_account_is_not_deleted_while_desktops_of_its_pools_stand(desk: Desk, azure: int) -> None:
    pool = put(desk, azure)
    add_desktop(desk, pool, PoolState.ENDING, 1)

    with pytest.raises(AppError) as refused:
        delete_credential(desk.context, azure, company_id=pool.company_id)

    assert refused.value.code == "credential_in_use"


def offer_no_more(desk: Desk, credential_id: int) -> None:
    """The cloud still names the size, and does not let the account have it."""
    inquiry = find_inquiry(desk.session, credential_id=credential_id, kind=InquiryKind.LIST_BUNDLES)
    assert inquiry is not None
    inquiry.answer = {"bundles": [BUNDLE | {"unavailable_reason": "This region has no such size."}]}
    desk.session.commit()


def test_a_pool_of_a_size_that_the_cloud_no_longer_offers_is_ended(desk: Desk, azure: int) -> None:
    put(desk, azure)
    offer_no_more(desk, azure)

    ended = put(desk, azure, floor=0, ceiling=0)

    assert (ended.floor, ended.ceiling, ended.wanted) == (0, 0, 0)
