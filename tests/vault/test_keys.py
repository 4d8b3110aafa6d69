"""Key pairs: what the environment holds, and what is refused there."""

import base64

import pytest

from tests.cases import each_case
from webapp.domain.key_texts import MalformedKey
from webapp.vault import __main__ as command
from webapp.vault.box import Opener, Sealer
from webapp.vault.keys import generate_pair, key_id, parse_private_key, parse_public_key


@each_case("parse", [parse_public_key, parse_private_key])
@each_case(
    "text",
    [
        "",
        "not base64!",
        "é" * 44,
        base64.b64encode(b"x" * 31).decode(),
        base64.b64encode(b"x" * 33).decode(),
        base64.urlsafe_b64encode(b"\xff" * 32).decode(),
        "-----BEGIN PRIVATE KEY-----",
    ],
)
def test_a_malformed_key_is_refused_without_being_repeated(parse, text: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(MalformedKey) as caught:
        parse(text)

    assert not text or text not in str(caught.value)


def test_white_space_around_a_key_is_harmless() -> None:
    public, private = generate_pair()

    assert key_id(parse_public_key(f" {public}\n")) == key_id(parse_private_key(f"{private} ").public_key())


def test_two_pairs_are_different_and_each_fits_itself() -> None:
    first, second = generate_pair(), generate_pair()

    assert len({*first, *second}) == 4
    for public, private in (first, second):
        sealed = Sealer(public).seal("value", bound_to="place")
        assert Opener((private,)).open(sealed, bound_to="place").reveal() == "value"


def test_the_command_prints_both_pairs_for_the_environment(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["keygen"]) == 0

    lines = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())
    assert len(set(lines.values())) == 4
    for name in ("CREDENTIAL", "WEBHOOK"):
        public = parse_public_key(lines[f"{name}_PUBLIC_KEY"])
        private = parse_private_key(lines[f"{name}_PRIVATE_KEYS"])
        assert key_id(public) == key_id(private.public_key())


def test_the_command_makes_one_pair_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["keygen", "webhook"]) == 0

    names = [line.partition("=")[0] for line in capsys.readouterr().out.splitlines()]
    assert names == ["WEBHOOK_PUBLIC_KEY", "WEBHOOK_PRIVATE_KEYS"]


@pytest.mark.parametrize("arguments", [[], ["open"], ["keygen", "more"], ["keygen", "webhook", "x"]])
def test_the_command_can_do_nothing_else(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(arguments) == 2
    assert capsys.readouterr().out == ""
