"""What may be said about the time that a creation takes."""

from webapp.domain.estimate import Pace, estimate_of


def test_with_fewer_than_three_earlier_ones_nothing_is_said() -> None:
    assert estimate_of([60.0, 70.0]) is None


def test_both_figures_were_really_measured() -> None:
    estimate = estimate_of([float(minute) for minute in range(20, 0, -1)])

    assert estimate is not None
    assert (estimate.half_s, estimate.most_s, estimate.measured) == (10.0, 19.0, 20)


def test_of_a_few_the_slowest_is_the_limit() -> None:
    estimate = estimate_of([60.0, 300.0, 90.0])

    assert estimate is not None
    assert (estimate.half_s, estimate.most_s) == (90.0, 300.0)


def test_slower_than_usual_is_said_only_behind_the_limit() -> None:
    estimate = estimate_of([60.0, 300.0, 90.0])

    assert estimate is not None
    assert [estimate.pace(at) for at in (90.0, 91.0, 300.0, 301.0)] == [
        Pace.USUAL,
        Pace.ANY_MOMENT,
        Pace.ANY_MOMENT,
        Pace.SLOW,
    ]
