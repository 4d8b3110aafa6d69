"""User names from one pattern."""

import pytest

from webapp.domain.name_patterns import pattern_problem, username_from
from webapp.providers.registry import list_providers


@pytest.mark.parametrize(
    "pattern, name, wanted",
    [
        ("{first}.{last}", "Zoë Anne Müller-Łuczak", "zoe.luczak"),
        ("{initial}{last}", "Søren O’Brien", "sobrien"),
        ("{first}.{last}", "Cher", "cher"),
        ("hire-{number}", "Sam", "hire-7"),
        ("{mailbox}", "Sam", "sam.o"),
        ("{email}", "Sam", "Sam.O@example.com"),
        ("{first}", "李雷", ""),
    ],
)
def test_a_name_is_made_without_accents_and_without_gaps(pattern: str, name: str, wanted: str) -> None:
    assert username_from(pattern, name=name, email="Sam.O@example.com", number=7) == wanted


@pytest.mark.parametrize("pattern", ["", " ", "{first", "{nobody}", "{first.last}", "everyone", "x" * 90])
def test_a_pattern_that_makes_no_names_says_why(pattern: str) -> None:
    assert pattern_problem(pattern)


@pytest.mark.parametrize("pattern", [*(provider.name_pattern for provider in list_providers()), "a{number}"])
def test_a_good_pattern_has_no_problem(pattern: str) -> None:
    assert pattern_problem(pattern) is None
