"""The warm pool's rules: how many wait, and that a demand that goes up and down makes nothing go with it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.hours.week import WORKDAYS, Hours, Shift
from webapp.domain.pools import (
    ENDS_EACH,
    KEEPS,
    MAKING_TIME,
    MOST_AGE,
    MOST_FAILURES,
    Balance,
    Demand,
    Kept,
    Plan,
    PoolRule,
    is_stale,
    is_stopped_by,
    kept,
    most,
    percentile_95,
    plan,
    replaced_now,
    wait_after,
    wanted,
)

MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
NOW = MONDAY + timedelta(hours=10)
OFFICE = Hours("Europe/Berlin", tuple(Shift(day, 7 * 60, 19 * 60) for day in WORKDAYS))
COUNTS = st.integers(0, 40)
RULES = st.builds(PoolRule, floor=COUNTS, ceiling=COUNTS)
DEMANDS = st.builds(Demand, coming=COUNTS, arrivals=st.lists(COUNTS, max_size=12))


class Story:
    """A pool that lives by its rule; what is made is ready at once."""

    def __init__(self, rule: PoolRule) -> None:
        self.rule, self.now = rule, MONDAY
        self.standing = self.made = self.served = self.unused = 0
        self.kept: Kept | None = None

    def live(self, demand: Demand, *, people: int = 0) -> Plan:
        """One round, in which so many people come."""
        taken = min(people, self.standing)
        self.standing, self.served = self.standing - taken, self.served + taken
        wanted_now = wanted(self.rule, demand, now=self.now)
        self.kept = kept(self.kept, wanted_now, limit=self.rule.ceiling, now=self.now)
        done = plan(
            self.rule,
            wanted_now=wanted_now,
            kept_now=self.kept,
            standing=self.standing,
            balance=Balance(self.served, self.unused),
            now=self.now,
        )
        self.standing += done.make - done.end
        self.made, self.unused = self.made + done.make, self.unused + done.end
        self.now += MAKING_TIME
        return done


@given(RULES, DEMANDS, st.none() | COUNTS)
def test_what_is_wanted_is_never_above_ceiling_or_budget_and_never_below_the_floor_without_them(
    rule: PoolRule, demand: Demand, affordable: int | None
) -> None:
    count = wanted(rule, demand, now=NOW, affordable=affordable)

    assert 0 <= count <= most(rule, affordable) <= rule.ceiling
    assert count >= min(rule.floor, most(rule, affordable))


@given(RULES, DEMANDS, st.integers(1, 5))
def test_more_demand_never_wants_less(rule: PoolRule, demand: Demand, more: int) -> None:
    higher = Demand(demand.coming + more, demand.arrivals)

    assert wanted(rule, higher, now=NOW) >= wanted(rule, demand, now=NOW)


def test_coming_starts_and_the_usual_arrivals_are_added() -> None:
    rule = PoolRule(floor=1, ceiling=50)

    assert wanted(rule, Demand(3, [0] * 18 + [2, 9]), now=NOW) == 3 + 2


@pytest.mark.parametrize(
    ("counts", "expected"), [([], 0), ([4], 4), ([0] * 19 + [7], 0), ([0] * 18 + [7] * 2, 7)]
)
def test_in_95_of_100_spans_no_more_came(counts: list[int], expected: int) -> None:
    assert percentile_95(counts) == expected


@pytest.mark.parametrize(
    ("hour", "stands"),
    [(4.9, 0), (5, 4), (17.9, 4), (18, 0), (5 * 24 + 10, 0)],  # 06:00 in Berlin … Saturday
)
def test_the_floor_is_made_so_early_that_it_is_ready_when_the_hours_begin(hour: float, stands: int) -> None:
    rule = PoolRule(floor=4, ceiling=6, hours=OFFICE)

    assert rule.floor_at(MONDAY + timedelta(hours=hour)) == stands


@pytest.mark.parametrize(("hour", "runs"), [(5.7, False), (5.8, True), (17.9, True), (18, False)])
def test_what_waits_is_switched_on_a_quarter_of_an_hour_before_the_hours_begin(
    hour: float, runs: bool
) -> None:
    rule = PoolRule(floor=4, ceiling=6, hours=OFFICE)

    assert rule.runs_at(MONDAY + timedelta(hours=hour)) is runs


def test_hours_that_end_for_the_night_make_and_end_nothing_over_a_whole_week() -> None:
    story = Story(PoolRule(floor=5, ceiling=5, hours=OFFICE))

    for _ in range(14 * 24):
        story.live(Demand())

    assert (story.made, story.unused) == (5, 0)


def test_a_number_that_is_wanted_no_more_is_kept_for_a_week_and_then_lowered_by_one_a_day() -> None:
    before = Kept(4, MONDAY)

    def at(days: float) -> int:
        return kept(before, 1, limit=9, now=MONDAY + timedelta(days=days)).count

    assert [at(one) for one in (0.1, 6.9, 7, 8, 9, 30)] == [4, 4, 3, 2, 1, 1]


@given(COUNTS, COUNTS, st.lists(st.integers(1, 30), min_size=1, max_size=20))
def test_often_asked_the_kept_number_falls_no_faster(start: int, wanted_now: int, hours: list[int]) -> None:
    step, now = Kept(start, MONDAY), MONDAY
    for one in hours:
        now += timedelta(hours=one)
        step = kept(step, wanted_now, limit=40, now=now)

    assert step.count == kept(Kept(start, MONDAY), wanted_now, limit=40, now=now).count


def test_a_lower_ceiling_ends_the_surplus_at_once() -> None:
    now_kept = kept(Kept(9, MONDAY), 3, limit=3, now=MONDAY + timedelta(minutes=1))
    done = plan(PoolRule(0, 3), wanted_now=3, kept_now=now_kept, standing=9, balance=Balance(), now=MONDAY)

    assert done == Plan(make=0, end=6)


@given(RULES, st.lists(st.tuples(DEMANDS, st.integers(0, 5)), max_size=20))
def test_nothing_is_made_and_ended_in_one_round_and_the_ceiling_holds(
    rule: PoolRule, rounds: list[tuple[Demand, int]]
) -> None:
    story = Story(rule)
    for demand, people in rounds:
        done = story.live(demand, people=people)

        assert done.make == 0 or done.end == 0
        assert 0 <= story.standing <= rule.ceiling


@given(
    st.integers(1, 15),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), min_size=1, max_size=80),
)
def test_whatever_the_demand_does_few_are_made_for_nobody(
    ceiling: int, rounds: list[tuple[int, int]]
) -> None:
    """Within the span that the balance looks at. What a pool holds in the end and what it held when it was
    last allowed to grow are the only ones beyond a fifth of the served."""
    story = Story(PoolRule(floor=0, ceiling=ceiling))
    for coming, people in rounds:
        for _ in range(8):
            story.live(Demand(coming), people=people)
            people = 0

    assert story.made <= story.served * 1.2 + 2 * ceiling


@pytest.mark.parametrize("period_h", [2, 12, 24, 24 * 9])
def test_a_flapping_demand_makes_at_most_12_desktops_for_10_people_who_take_one(period_h: int) -> None:
    story = Story(PoolRule(floor=0, ceiling=10))
    for hour in range(27 * 24):
        is_high = (hour // period_h) % 2 == 0
        story.live(Demand(10 if is_high else 0), people=1 if hour % 3 == 0 else 0)

    assert story.served >= 100
    assert story.made / story.served <= 1.2


def test_after_too_many_ended_unused_only_the_floor_and_its_refill_are_made() -> None:
    rule, spent = PoolRule(floor=2, ceiling=10), Balance(served=10, unused=3)

    def make(standing: int, balance: Balance) -> int:
        return plan(
            rule,
            wanted_now=8,
            kept_now=Kept(8, NOW),
            standing=standing,
            balance=balance,
            now=NOW,
        ).make

    assert [make(0, spent), make(1, spent), make(5, spent)] == [2, 1, 0]
    assert make(0, Balance(served=15, unused=3)) == 8


def test_a_pool_whose_desktops_always_fail_waits_longer_each_time_and_stops() -> None:
    waits = [wait_after(number) for number in range(1, MOST_FAILURES + 1)]

    assert waits == sorted(waits) and waits[0] < waits[-1]
    assert [is_stopped_by(number) for number in range(MOST_FAILURES + 1)] == [False] * MOST_FAILURES + [True]
    assert KEEPS > ENDS_EACH


@pytest.mark.parametrize(
    ("image", "age", "expected"),
    [
        ("win11:1", timedelta(days=1), False),
        ("win11:1", MOST_AGE, False),
        ("win11:1", MOST_AGE + timedelta(seconds=1), True),
        ("win11:2", timedelta(0), True),
    ],
)
def test_one_of_another_image_or_too_old_is_stale(image: str, age: timedelta, expected: bool) -> None:
    assert is_stale(image=image, made_of="win11:1", made_at=NOW - age, now=NOW) is expected


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_few_are_replaced_at_once_and_only_in_a_full_pool_in_which_nothing_moves(
    stale: int, wanted_now: int, standing: int, moving: int
) -> None:
    count = replaced_now(stale, wanted_now=wanted_now, standing=standing, moving=moving)

    assert count <= min(stale, max(wanted_now // 5, 1))
    assert count == 0 or (not moving and standing >= wanted_now)
