"""docs/security.md says the numbers that the code has."""

import re
from datetime import timedelta
from importlib import import_module

from tests.architecture.sources import ROOT
from tests.cases import each_case
from webapp.services import passwords

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.+?) \| (.+?) \| `((?:webapp|live)\.[\w.]+)` \|$", PAGE, re.M)
UNITS = {"s": 1, "min": 60, "h": 3600, "days": 86_400}


def value_at(place: str) -> object:
    """What stands in the code under a name such as `webapp.services.tokens.MOST_TOKENS`."""
    module, _, name = place.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError:  # a member of a mapping
        found = value_at(module)
        assert isinstance(found, dict)
        return found[name]


def is_same(written: str, value: object) -> bool:
    number, _, unit = written.partition(" ")
    if isinstance(value, timedelta):
        return value.total_seconds() == int(number) * UNITS[unit]
    if isinstance(value, str):
        return value == written
    return value == int(number) * UNITS.get(unit, 1)


def test_the_table_of_numbers_was_found() -> None:
    assert len(ROWS) > 25


@each_case(("what", "written", "place"), ROWS, ids=[place for _, _, place in ROWS])
def test_a_number_is_that_of_the_code(what: str, written: str, place: str) -> None:
    assert is_same(written, value_at(place)), f"{what}: {value_at(place)!r}"


def test_another_number_would_be_found() -> None:
    assert is_same("30 min", timedelta(minutes=30)) and not is_same("30 min", timedelta(minutes=31))
    assert is_same("10", 10) and not is_same("10", 11)
    assert not is_same("60 per minute", "61 per minute")


def test_the_strength_of_password_hashes_is_that_of_the_code(strong_passwords: None) -> None:
    hasher = passwords._HASHER
    assert (hasher.memory_cost, hasher.time_cost, hasher.parallelism) == (19 * 1024, 2, 1)
    assert "argon2id, 19 MiB, two passes" in PAGE
