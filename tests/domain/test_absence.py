"""Absence evidence: what is not listed is gone only after three answers, far apart and late enough."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.absence import NONE, AbsenceRule, Evidence

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
RULE = AbsenceRule(settle_s=1200, gap_s=60, lost_span_s=900)
LOOKS = st.lists(st.integers(min_value=0, max_value=4000), max_size=40).map(sorted)


def _at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def _after(looks: list[int], *, issued_at: datetime | None = START) -> Evidence:
    evidence = NONE
    for seconds in looks:
        evidence = evidence.after_absence(_at(seconds), issued_at=issued_at, rule=RULE)
    return evidence


@given(LOOKS)
def test_proof_takes_three_late_looks_that_are_a_gap_apart(looks: list[int]) -> None:
    evidence = _after(looks)

    late = [seconds for seconds in looks if seconds >= RULE.settle_s]
    spaced: list[int] = []
    for seconds in late:
        if not spaced or seconds >= spaced[-1] + RULE.gap_s:
            spaced.append(seconds)
    assert evidence.is_proof() is (len(spaced) >= 3)


@given(st.lists(st.integers(min_value=0, max_value=1199), max_size=60).map(sorted))
def test_nothing_before_the_settle_time_is_evidence(looks: list[int]) -> None:
    assert _after(looks) == NONE


@given(st.integers(min_value=1200, max_value=2000), st.lists(st.integers(0, 119), max_size=60).map(sorted))
def test_a_burst_of_looks_is_never_proof(first: int, offsets: list[int]) -> None:
    assert not _after([first + offset for offset in offsets]).is_proof()


@given(LOOKS)
def test_fewer_than_three_looks_are_never_proof(looks: list[int]) -> None:
    assert not _after(looks[:2]).is_proof()


@given(LOOKS)
def test_a_machine_that_was_never_ordered_needs_no_settle_time(looks: list[int]) -> None:
    assert _after(looks, issued_at=None).count >= min(len(looks), 1)


@given(LOOKS, st.integers(0, 5000))
def test_the_next_look_is_one_that_can_count(looks: list[int], now: int) -> None:
    evidence = _after([look for look in looks if look <= now])

    then = evidence.next_look_at(_at(now), issued_at=START, rule=RULE)

    assert then > _at(now)
    assert evidence.after_absence(then, issued_at=START, rule=RULE).count == evidence.count + 1


def test_how_long_it_is_absent_counts_from_the_first_answer() -> None:
    evidence = _after([1200, 1260, 1400])

    assert evidence.spans_s(_at(2000)) == 800
    assert NONE.spans_s(_at(2000)) == 0
