"""docs/asvs.toml has each requirement of OWASP ASVS 5.0, levels 1 and 2, and names only tests that exist."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.sources import ROOT, tree_of

LIST = ROOT / "docs" / "asvs.toml"
LEVELS = {
    # Section: the level of its first requirement, of its second, and so on.
    "1.1": "22",
    "1.2": "1111122223",
    "1.3": "112222222223",
    "1.4": "222",
    "1.5": "123",
    "2.1": "122",
    "2.2": "112",
    "2.3": "12223",
    "2.4": "23",
    "3.1": "3",
    "3.2": "113",
    "3.3": "12223",
    "3.4": "11222233",
    "3.5": "11122333",
    "3.6": "3",
    "3.7": "22333",
    "4.1": "12233",
    "4.2": "23333",
    "4.3": "22",
    "4.4": "1222",
    "5.1": "2",
    "5.2": "112333",
    "5.3": "113",
    "5.4": "222",
    "6.1": "122",
    "6.2": "111111112222",
    "6.3": "11223333",
    "6.4": "112233",
    "6.5": "22222333",
    "6.6": "2223",
    "6.7": "33",
    "6.8": "2222",
    "7.1": "222",
    "7.2": "1111",
    "7.3": "22",
    "7.4": "11222",
    "7.5": "223",
    "7.6": "22",
    "8.1": "1233",
    "8.2": "1123",
    "8.3": "133",
    "8.4": "23",
    "9.1": "111",
    "9.2": "1222",
    "10.1": "22",
    "10.2": "223",
    "10.3": "22223",
    "10.4": "1111122222233333",
    "10.5": "22222",
    "10.6": "22",
    "10.7": "222",
    "11.1": "2233",
    "11.2": "22233",
    "11.3": "11233",
    "11.4": "1222",
    "11.5": "23",
    "11.6": "23",
    "11.7": "33",
    "12.1": "12233",
    "12.2": "11",
    "12.3": "22223",
    "13.1": "2333",
    "13.2": "222223",
    "13.3": "2233",
    "13.4": "1222233",
    "14.1": "22",
    "14.2": "12223333",
    "14.3": "122",
    "15.1": "12233",
    "15.2": "12233",
    "15.3": "1222222",
    "15.4": "3333",
    "16.1": "2",
    "16.2": "22222",
    "16.3": "2222",
    "16.4": "222",
    "16.5": "2223",
    "17.1": "23",
    "17.2": "22223333",
    "17.3": "22",
}
VERDICTS = ("test", "review", "not applicable", "missing")
MOST_WORDS_OF_A_GIST = 12
FEWEST_WORDS_OF_A_REASON = 4
FEWEST_WITH_TESTS = 120

Entries = dict[str, dict[str, Any]]


def required() -> dict[str, int]:
    """The level of each requirement of levels 1 and 2."""
    return {
        f"{section}.{number}": int(level)
        for section, levels in LEVELS.items()
        for number, level in enumerate(levels, start=1)
        if level in "12"
    }


@cache
def names_of_tests(path: Path) -> frozenset[str]:
    """Functions and methods that pytest collects from a file; none if there is no such file."""
    if not path.is_file():
        return frozenset()
    functions = (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef))
    return frozenset(one.name for one in functions if one.name.startswith("test_"))


def exists(test: str) -> bool:
    file, _, name = test.partition("::")
    is_in_tests = file.startswith("tests/") and ".." not in file
    return is_in_tests and name in names_of_tests(ROOT / file)


def problems_of(entries: Entries) -> Iterator[str]:
    """Everything that is wrong with such a list, one sentence each."""
    levels = {number: entry.get("level") for number, entry in entries.items()}
    for number, level in required().items():
        if number not in levels:
            yield f"{number} is not there"
        elif levels[number] != level:
            yield f"{number} is of level {level}"
    for number, entry in entries.items():
        if number not in required():
            yield f"{number} is no requirement of levels 1 and 2"
        yield from (f"{number}: {problem}" for problem in _problems_of_entry(entry))
    named = [entry for entry in entries.values() if entry.get("verdict") == "test"]
    if len(named) < FEWEST_WITH_TESTS:
        yield f"only {len(named)} have a test"


def _problems_of_entry(entry: dict[str, Any]) -> Iterator[str]:
    gist, verdict, reason = entry.get("gist", ""), entry.get("verdict"), entry.get("reason", "")
    tests = entry.get("tests", [])
    if extra := entry.keys() - {"level", "gist", "verdict", "tests", "reason"}:
        yield f"what is {', '.join(sorted(extra))}?"
    if not 0 < len(gist.split()) <= MOST_WORDS_OF_A_GIST:
        yield f"a gist has up to {MOST_WORDS_OF_A_GIST} words"
    if verdict not in VERDICTS:
        yield f"a verdict is one of {VERDICTS}"
    if verdict == "test" and not tests:
        yield "no test is named"
    if verdict != "test" and tests:
        yield "a test is named, so the verdict is “test”"
    if (verdict != "test" or reason) and len(reason.split()) < FEWEST_WORDS_OF_A_REASON:
        yield "the reason is no sentence"
    if reason and not reason.endswith("."):
        yield "a reason ends with a full stop"
    if len(set(tests)) < len(tests):
        yield "a test is named twice"
    yield from (f"there is no {test}" for test in tests if not exists(test))


@pytest.fixture
def entries() -> Entries:
    """The whole list. TOML itself refuses a requirement that is there twice."""
    return tomllib.loads(LIST.read_text(encoding="utf-8"))


def test_the_list_is_whole_and_every_test_that_it_names_exists(entries: Entries) -> None:
    assert list(problems_of(entries)) == []
    assert list(entries) == list(required()), "in the order of the standard"


def test_there_are_as_many_requirements_as_the_standard_has() -> None:
    levels = list(required().values())

    assert (len(levels), levels.count(1), levels.count(2)) == (253, 70, 183)


def test_a_requirement_that_is_there_twice_is_refused() -> None:
    text = LIST.read_text(encoding="utf-8")

    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads(f'{text}\n["1.1.1"]\nlevel = 2\n')


@pytest.mark.parametrize(
    ("number", "changes", "problem"),
    [
        ("1.2.4", {"tests": ["tests/pages/test_headers.py::test_that_is_not_there"]}, "1.2.4: there is no"),
        ("1.2.4", {"tests": ["tests/pages/test_nowhere.py::test_x"]}, "1.2.4: there is no"),
        ("1.2.4", {"tests": ["webapp/factory.py::create_app"]}, "1.2.4: there is no"),
        ("1.2.4", {"tests": []}, "1.2.4: no test is named"),
        ("1.2.4", {"level": 2}, "1.2.4 is of level 1"),
        ("1.2.4", {"verdict": "fine"}, "1.2.4: a verdict is one of"),
        ("1.2.4", {"gist": "word " * 13}, "1.2.4: a gist has up to"),
        ("4.3.1", {"reason": "Not here."}, "4.3.1: the reason is no sentence"),
        ("4.3.1", {"verdict": "review", "reason": ""}, "4.3.1: the reason is no sentence"),
        ("4.3.1", {"reason": "Berth has no GraphQL"}, "4.3.1: a reason ends with"),
        ("99.1.1", {"level": 1}, "99.1.1 is no requirement"),
    ],
)
def test_what_is_wrong_with_an_entry_is_found(
    entries: Entries, number: str, changes: dict[str, Any], problem: str
) -> None:
    entries[number] = {**entries.get(number, {}), **changes}

    assert [one for one in problems_of(entries) if one.startswith(problem)]


def test_a_requirement_that_is_left_out_is_found(entries: Entries) -> None:
    del entries["8.2.2"]

    assert "8.2.2 is not there" in list(problems_of(entries))


def test_too_few_tests_are_found(entries: Entries) -> None:
    for number in list(entries)[: len(entries) // 2]:
        entries[number] = {"verdict": "review", "reason": "Somebody has to look at it."}

    assert [one for one in problems_of(entries) if one.startswith("only ")]
