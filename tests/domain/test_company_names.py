"""Names that people would take for each other."""

import pytest

from tests.cases import each_case
from webapp.domain.company_names import LOOK_LENGTH, look_of


@each_case(
    "other",
    [
        "QUAYSIDE",
        " Quay-Side. ",
        "Quауsіdе",  # noqa: RUF001 Cyrillic
        "Ｑｕａｙｓｉｄｅ",  # noqa: RUF001 wide letters
        "Quays1de",
        "Quayslde",
        "Quáyside",
        "𝐐𝐮𝐚𝐲𝐬𝐢𝐝𝐞",
        "Quay\u200bside",
    ],
)
def test_it_looks_like_quayside(other: str) -> None:
    assert look_of(other) == look_of("Quayside")


@pytest.mark.parametrize(("one", "other"), [("modern", "modem"), ("0range", "Orange"), ("vvave", "wave")])
def test_two_letters_may_look_like_one(one: str, other: str) -> None:
    assert look_of(one) == look_of(other)


@each_case("other", ["Quayside 2", "Quay", "Kayside", "東京", "北京", "!!!", "???"])
def test_it_looks_different(other: str) -> None:
    assert look_of(other) != look_of("Quayside")


def test_names_without_latin_letters_differ() -> None:
    assert len({look_of(one) for one in ("東京", "北京", "!!!", "???", "Ωmega", "שלום")}) == 6


def test_the_look_fits_its_column() -> None:
    assert len(look_of("m" * 120 + "é" * 120)) <= LOOK_LENGTH
    assert len(look_of("㎯" * 120)) <= LOOK_LENGTH
