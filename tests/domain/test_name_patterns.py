"""User names from one pattern."""

import pytest

from tests.cases import each_case
from webapp.domain.name_patterns import pattern_problem, username_from
from webapp.domain.person_names import name_key
from webapp.providers.registry import list_providers

ZOE = "Zoë Anne Müller-Łuczak"


@each_case(
    "pattern, name, wanted",
    [
        ("{first}.{last}", ZOE, "zoe.anne.muller-luczak"),
        ("{first}_{last}", ZOE, "zoe_anne_muller-luczak"),
        ("{last}.{first}", ZOE, "muller-luczak.zoe.anne"),
        ("{first}", ZOE, "zoe"),
        ("{initial}{last}", ZOE, "zmuller-luczak"),
        ("{initial}{last}", "Søren O’Brien", "sobrien"),
        ("{initial}{last}", "Ludwig van Beethoven", "lvanbeethoven"),
        ("{initial}.{last}", "Maria von der Leyen", "m.von.der.leyen"),
        ("{initial}{last}", "ludwig van beethoven", "lbeethoven"),
        ("{first}.{last}", "Cher", "cher"),
        ("{initial}{last}", "Cher", "cher"),
        ("hire-{number}", "Sam", "hire-7"),
        ("{mailbox}", "Sam", "sam.o"),
        ("{email}", "Sam", "Sam.O@example.com"),
        ("{first}", "李雷", "sam"),
        ("{first}.{last}", "李雷", "sam.o"),
    ],
)
def test_a_name_is_made_of_its_words_in_plain_letters(pattern: str, name: str, wanted: str) -> None:
    assert username_from(pattern, name=name, email="Sam.O@example.com", number=7) == wanted


@pytest.mark.parametrize(
    "name, wanted",
    [
        (ZOE, "zoe.muller-luczak"),
        ("Wolfgang Amadeus Theophilus Mozart", "wolfgang.mozart"),
        ("Maximiliana Featherstonehaugh", "maximiliana.featherstonehaugh"),
    ],
)
def test_a_long_name_leaves_out_middle_names_and_is_never_cut(name: str, wanted: str) -> None:
    assert username_from("{first}.{last}", name=name, email="", number=1, longest=20) == wanted


@pytest.mark.parametrize(
    "one, other",
    [
        ("ŞAHIN YILDIZ", "Şahin Yıldız"),
        ("José Núñez", "José Núñez"),
        ("Park, Mina", "Mina Park"),
        ("  Mina\u200b   Park ", "mina park"),
        ("Sean O’Brien", "Sean O'Brien"),
    ],
)
def test_two_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) != ""


@each_case("pattern", ["", " ", "{first", "{nobody}", "{first.last}", "everyone", "x" * 90])
def test_a_pattern_that_makes_no_names_says_why(pattern: str) -> None:
    assert pattern_problem(pattern)


@pytest.mark.parametrize("pattern", [*(one.usernames.pattern for one in list_providers()), "a{number}"])
def test_a_good_pattern_has_no_problem(pattern: str) -> None:
    assert pattern_problem(pattern) is None
