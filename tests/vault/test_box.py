"""The sealed box: opens only with one of the keys, only in its own place, only undamaged."""

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import each_case
from webapp.vault.box import CannotOpen, Opener, Sealer
from webapp.vault.keys import generate_pair

PUBLIC, PRIVATE = generate_pair()
PLACE = "cloud_credentials/0123/secret_access_key"
VALUE = "not/a/real/secret+of+the+tests+000000001"


def _sealed(value: str = VALUE, *, bound_to: str = PLACE) -> str:
    return Sealer(PUBLIC).seal(value, bound_to=bound_to)


def _flipped(sealed: str, *, bit: int) -> str:
    head, body = sealed.rsplit(".", 1)
    raw = bytearray(base64.b64decode(body))
    raw[bit // 8] ^= 1 << bit % 8
    return f"{head}.{base64.b64encode(raw).decode()}"


@given(st.text(alphabet=st.characters(codec="utf-8")), st.text(alphabet=st.characters(codec="utf-8")))
def test_what_is_sealed_opens_in_its_place(value: str, place: str) -> None:
    assert Opener((PRIVATE,)).open(_sealed(value, bound_to=place), bound_to=place).reveal() == value


def test_sealing_twice_gives_two_texts_and_neither_shows_the_value() -> None:
    first, second = _sealed(), _sealed()

    assert first != second
    assert VALUE not in first
    assert base64.b64encode(VALUE.encode()).decode() not in first


@pytest.mark.parametrize(
    "place",
    [
        "cloud_credentials/4567/secret_access_key",
        "cloud_credentials/0123/client_secret",
        "users/0123/secret_access_key",
        "cloud_credentials/0123/secret_access_key ",
        "",
    ],
)
def test_a_text_moved_to_another_row_or_column_does_not_open(place: str) -> None:
    with pytest.raises(CannotOpen):
        Opener((PRIVATE,)).open(_sealed(), bound_to=place)


def test_another_installation_cannot_open_it() -> None:
    _, other = generate_pair()

    with pytest.raises(CannotOpen):
        Opener((other,)).open(_sealed(), bound_to=PLACE)


def test_another_key_under_the_right_name_cannot_open_it() -> None:
    public, private = generate_pair()
    name_of_other = Sealer(public).seal("", bound_to=PLACE).split(".")[1]
    version, _, body = _sealed().split(".", 2)

    with pytest.raises(CannotOpen):
        Opener((private,)).open(f"{version}.{name_of_other}.{body}", bound_to=PLACE)


def test_no_flipped_bit_goes_unnoticed() -> None:
    sealed, opener, rng = _sealed(), Opener((PRIVATE,)), random.Random(1)
    bits = len(base64.b64decode(sealed.rsplit(".", 1)[1])) * 8

    for bit in rng.sample(range(bits), 200):
        with pytest.raises(CannotOpen):
            opener.open(_flipped(sealed, bit=bit), bound_to=PLACE)


@each_case(
    "damage",
    [
        lambda text: text[:-8],
        lambda text: text + "AAAA",
        lambda text: text.replace("2.", "1.", 1),
        lambda text: text.replace(".", "", 1),
        lambda text: text.rsplit(".", 1)[0] + ".",
        lambda text: text.rsplit(".", 1)[0] + ".not base64!",
        lambda text: text.rsplit(".", 1)[0] + ".é",
        lambda text: "",
        lambda text: "..",
        lambda text: VALUE,
    ],
)
def test_a_damaged_text_is_refused_and_never_repeated(damage) -> None:  # type: ignore[no-untyped-def]
    text = damage(_sealed())

    with pytest.raises(CannotOpen) as caught:
        Opener((PRIVATE,)).open(text, bound_to=PLACE)

    assert VALUE not in repr(caught.value)
    assert len(text) < 20 or text not in repr(caught.value)


def test_after_a_new_key_old_texts_still_open_until_the_old_key_leaves() -> None:
    new_public, new_private = generate_pair()
    old_text, new_text = _sealed(), Sealer(new_public).seal(VALUE, bound_to=PLACE)

    both = Opener((new_private, PRIVATE))
    assert both.open(old_text, bound_to=PLACE).reveal() == VALUE
    assert both.open(new_text, bound_to=PLACE).reveal() == VALUE
    with pytest.raises(CannotOpen):
        Opener((new_private,)).open(old_text, bound_to=PLACE)


def test_a_worker_without_keys_opens_nothing() -> None:
    with pytest.raises(CannotOpen):
        Opener(()).open(_sealed(), bound_to=PLACE)


def test_the_opener_does_not_show_its_keys() -> None:
    opener = Opener((PRIVATE,))

    assert repr(opener) == "Opener(1 keys)"
    assert PRIVATE not in f"{opener} {vars(opener)}"


def test_the_sealer_holds_nothing_that_opens() -> None:
    assert not hasattr(Sealer(PUBLIC), "open")
    assert "Private" not in repr(vars(Sealer(PUBLIC)))
