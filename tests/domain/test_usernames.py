"""Names that are taken are numbered on."""

import pytest

from webapp.domain.usernames import numbered


@pytest.mark.parametrize(
    ("taken", "made"),
    [
        (set(), "ada.byron"),
        ({"ada.byron"}, "ada.byron2"),
        ({"ada.byron", "ada.byron2"}, "ada.byron3"),
        ({"someone"}, "ada.byron"),
    ],
)
def test_the_first_free_number_is_taken(taken: set[str], made: str) -> None:
    assert numbered("ada.byron", taken, longest=20) == made


def test_a_long_name_is_cut_for_its_number() -> None:
    assert numbered("a" * 20, {"a" * 20}, longest=20) == "a" * 19 + "2"
    assert numbered("ada.byron.of.london.", {"ada.byron.of.london."}, longest=20) == "ada.byron.of.london2"
