"""Foreign text is stored and shown without anything that looks like a key."""

from hypothesis import example, given
from hypothesis import strategies as st

from tests.cases import each_case
from webapp.domain.redaction import BRIEF_LENGTH, brief, redact

PROSE = st.text(alphabet=st.characters(codec="utf-8"), max_size=60)
KEYS = st.from_regex(r"A[KS]IA[A-Z0-9]{16}", fullmatch=True).filter(str.isascii)


@given(PROSE, KEYS, PROSE)
def test_no_access_key_survives(before: str, key: str, after: str) -> None:
    assert key not in redact(f"{before} {key} {after}")


@given(PROSE, st.from_regex(r"[0-9]{12}", fullmatch=True).filter(str.isascii), PROSE)
def test_no_account_number_survives(before: str, account: str, after: str) -> None:
    assert account not in brief(f"{before} {account} {after}")


@given(PROSE, st.from_regex(r"arn:aws:iam::[0-9]{12}:user/[a-z]{1,20}", fullmatch=True).filter(str.isascii))
def test_no_resource_name_survives(before: str, name: str) -> None:
    assert name not in redact(f"{before} {name} is not authorized")


PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0B+/==\n-----END PRIVATE KEY-----"


@each_case(
    "secret",
    [
        "AKIABERTHDEMO0000001",
        "ASIABERTHDEMO0000001",
        "arn:aws:workspaces:eu-central-1:111122223333:workspace/ws-1",
        "arn:aws-cn:iam::111122223333:role/x",
        "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl",
        "abc8Q~" + "x" * 34,
        "berth_0123abcd_" + "A" * 43,
        "0123abcd" * 8,
        "FwoGZXIvYXdzE" + "a1+/" * 30,
        "IQoJb3JpZ2luX2Vj" + "B2" * 60,
        PEM,
        PEM.replace("\n", "\\n"),
        PEM.replace("\n", " "),
    ],
)
def test_each_kind_of_secret_is_taken_out(secret: str) -> None:
    assert redact(f"before {secret} after") == "before [redacted] after"


def test_a_private_key_that_was_cut_off_does_not_survive_either() -> None:
    assert redact(f"before {PEM[:60]}") == "before [redacted]"


@given(st.text(max_size=400))
@example("one\u2028two\x85three")
def test_a_brief_is_short_one_line_and_without_control_characters(text: str) -> None:
    said = brief(text)

    assert len(said) <= BRIEF_LENGTH
    assert len(said.splitlines()) <= 1
    assert not any(ord(char) < 32 or char == "\x7f" for char in said)
    assert not set(said) & set("\u200b\u200e\u200f\u202a\u202e\u2066\u2069")


def test_plain_words_stay_as_they_are() -> None:
    assert brief("The directory d-99670be001 is full.") == "The directory d-99670be001 is full."
