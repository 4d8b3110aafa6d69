"""Every case of a test with many is played, and a failure names its values."""

import pytest

from tests.cases import each_case


def test_each_case_that_fails_is_named_and_the_others_are_played() -> None:
    seen = []

    @each_case(("number", "word"), [(1, "one"), (2, "two"), (3, "three")])
    def check(number: int, word: str) -> None:
        seen.append(number)
        assert number == 2, word

    with pytest.raises(ExceptionGroup, match="2 of 3 cases") as failed:
        check()

    assert seen == [1, 2, 3]
    assert [one.__notes__ for one in failed.value.exceptions] == [["case: 1, 'one'"], ["case: 3, 'three'"]]


def test_what_is_not_raised_names_its_case() -> None:
    @each_case("number", [7])
    def check(number: int) -> None:
        with pytest.raises(ValueError):
            int(number)

    with pytest.raises(BaseExceptionGroup) as failed:
        check()

    assert failed.value.exceptions[0].__notes__ == ["case: 7"]


@each_case("left", "ab")
@each_case("right", [1, 2])
def test_two_lists_of_cases_are_all_combinations(left: str, right: int) -> None:
    assert left in "ab" and right in (1, 2)


def test_no_case_at_all_is_a_failure() -> None:
    @each_case("number", [])
    def check(number: int) -> None: ...

    with pytest.raises(AssertionError, match="no case"):
        check()
