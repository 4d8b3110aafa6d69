"""What `bin/test` leaves to `bin/test --whole`."""

from pathlib import Path

from tests.whole import BOTH, DATABASES, in_turn, left_to_the_other

ROOT = Path(__file__).resolve().parents[2]
NAMES = [f"tests/services/test_hiring.py::test_{number}" for number in range(40)]


def test_a_test_on_both_databases_is_played_on_one_of_them_in_turn() -> None:
    cases = {f"{name}[{database}]": database for name in NAMES for database in DATABASES}

    left = left_to_the_other(cases)

    assert {name for name in NAMES if sum(f"{name}[{one}]" in left for one in DATABASES) != 1} == set()
    assert {cases[name] for name in left} == set(DATABASES)


def test_other_tests_change_nothing() -> None:
    cases = {f"{NAMES[0]}[{database}-3]": database for database in DATABASES}
    more = {f"{name}[{database}]": database for name in NAMES for database in DATABASES}

    assert left_to_the_other(cases) == left_to_the_other(cases | more) & set(cases)


def test_what_has_one_database_or_differs_between_them_is_played() -> None:
    one = {f"{NAMES[0]}[postgresql]": "postgresql"}
    different = {f"{name}::test_a[{database}]": database for name in BOTH for database in DATABASES}

    assert left_to_the_other(one | different) == set()


def test_each_value_is_played_and_every_combination_is_kept_for_the_whole() -> None:
    cases = in_turn("abc", "de", "fghi")

    played = ["".join(case.values) for case in cases if not case.marks]
    assert len(cases) == len({case.values for case in cases}) == 3 * 2 * 4
    assert sorted(played) == ["adf", "aei", "beg", "cdh"]


def test_what_is_played_on_both_is_there() -> None:
    for name in BOTH:
        path, _, test = name.partition("::")
        assert (ROOT / path).exists(), name
        assert not test or f"def {test}" in (ROOT / path).read_text(encoding="utf-8"), name
