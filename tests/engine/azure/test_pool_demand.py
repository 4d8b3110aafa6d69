"""How many a pool should hold: by contracts that begin soon, and by what was ordered lately."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.azure.pools import pool_of, want
from tests.services.test_profiles import make
from tests.windows import HOUR, have_window
from webapp.domain.pools import LOOKS_BACK, MAKING_TIME
from webapp.engine.pools.demand import arrivals, demand_of
from webapp.models import JobPosting

MINUTE = timedelta(minutes=1)


def give_profile(desk: Desk, **changes: object) -> None:
    """The desk's job gives the size of the pool, or what `changes` say."""
    profile = make(desk, **changes)
    with desk.sessions.begin() as session:
        session.execute(update(JobPosting).values(profile_id=profile.id))


def coming(desk: Desk) -> int:
    return demand_of(desk.engine, pool_of(desk)).coming


@both_databases
@pytest.mark.parametrize(
    ("starts", "expected"),
    [(30 * MINUTE, 1), (-HOUR, 1), (5 * HOUR, 0), (-30 * HOUR, 0), (None, 0)],
)
def test_a_contract_that_begins_soon_and_has_no_desktop_is_coming(
    desk: Desk, starts: timedelta | None, expected: int
) -> None:
    give_profile(desk)
    want(desk, 0, 5)
    have_window(desk, desk.add_application().id, starts=starts, ends=90 * 24 * HOUR)

    assert coming(desk) == expected


def test_only_approved_people_of_jobs_with_this_size_who_have_no_desktop_are_coming(desk: Desk) -> None:
    want(desk, 0, 5)
    have_window(desk, desk.add_application().id, starts=MINUTE)
    assert coming(desk) == 0, "the job gives no profile"

    give_profile(desk)
    assert coming(desk) == 1
    have_window(desk, desk.add_application(is_approved=False).id, starts=MINUTE)
    served = desk.add_application()
    have_window(desk, served.id, starts=MINUTE)
    assert coming(desk) == 2
    desk.order(application_id=served.id)
    assert coming(desk) == 1

    give_profile(desk, name="Another size", bundle_id="az-light")
    assert coming(desk) == 0


def test_an_order_that_waits_for_a_later_start_has_not_come_to_the_pool(desk: Desk) -> None:
    want(desk, 0, 5)
    later, now = desk.add_application().id, desk.add_application().id
    have_window(desk, later, starts=9 * 24 * HOUR, ends=90 * 24 * HOUR)
    have_window(desk, now, starts=-HOUR, ends=90 * 24 * HOUR)

    for one in (later, now):
        desk.order(application_id=one, in_time=True)

    assert sum(demand_of(desk.engine, pool_of(desk)).arrivals) == 1


def test_what_was_ordered_is_counted_by_spans_back_from_now(desk: Desk) -> None:
    now = desk.clock.now()
    ordered = [now - MINUTE, now - 2 * MINUTE, now - MAKING_TIME, now - 2 * LOOKS_BACK, now + MINUTE]

    counts = arrivals(ordered, now)

    assert counts[:3] == [3, 1, 0]
    assert len(counts) == LOOKS_BACK // MAKING_TIME and sum(counts) == 4
