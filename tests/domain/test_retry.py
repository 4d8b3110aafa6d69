"""When to try again: three times, near the times that people read, never sooner than the cloud asks."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.retry import RetryPolicy, draw_jitter

POLICY = RetryPolicy()


@given(seed=st.integers(), attempt=st.sampled_from([1, 2, 3]))
def test_a_wait_is_within_a_fifth_of_what_is_said(seed: int, attempt: int) -> None:
    wait = POLICY.delay_after(attempt, jitter=draw_jitter(random.Random(seed)))

    base_s = {1: 30, 2: 60, 3: 120}[attempt]
    assert wait is not None
    assert base_s * 0.8 <= wait.total_seconds() <= base_s * 1.2


def test_waits_are_spread_so_that_a_cohort_does_not_return_at_once() -> None:
    rng = random.Random(1)

    waits = {POLICY.delay_after(1, jitter=draw_jitter(rng)) for _ in range(50)}

    assert len(waits) > 40
    seconds = sorted(wait.total_seconds() for wait in waits if wait)
    assert seconds[0] < 27
    assert seconds[-1] > 33


@pytest.mark.parametrize("attempt", [-1, 0, 4, 5, 1000])
def test_there_is_no_fourth_retry(attempt: int) -> None:
    assert POLICY.delay_after(attempt, jitter=draw_jitter(random.Random(1))) is None


def test_the_cloud_may_ask_for_more_time_but_not_for_less() -> None:
    longer = POLICY.delay_after(1, jitter=draw_jitter(random.Random(1)), at_least_s=90)
    shorter = POLICY.delay_after(1, jitter=draw_jitter(random.Random(1)), at_least_s=1)

    assert longer is not None
    assert longer.total_seconds() == 90
    assert shorter == POLICY.delay_after(1, jitter=draw_jitter(random.Random(1)))


@pytest.mark.parametrize("delays", [(), (1,), (30, 60, 120), (5, 5, 5, 5)])
def test_attempts_are_one_more_than_waits(delays: tuple[int, ...]) -> None:
    policy = RetryPolicy(delays)

    waits = [
        policy.delay_after(attempt, jitter=draw_jitter(random.Random(1)))
        for attempt in range(1, len(policy.delays_s) + 2)
    ]

    assert [wait is None for wait in waits] == [False] * len(delays) + [True]
