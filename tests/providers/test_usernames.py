"""User names of Amazon: what Berth accepts, every directory accepts."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.cases import each_case
from webapp.domain.usernames import username_key
from webapp.providers.aws_workspaces.usernames import USERNAMES

LINUX = re.compile(r"(?!-)[A-Za-z0-9 _.#-]{1,20}")
"""The cloud's documented rule for Linux desktops; `ubuntu` is taken besides."""
FORBIDDEN_IN_DIRECTORIES = set('"/\\[]:;|=,+*?<>@') | {chr(code) for code in range(32)}
"""What a SAM account name may not contain."""
MAX_LENGTH = USERNAMES.longest
NEARLY_RIGHT = st.text(alphabet="abzAZ019._- #@é\n\u0130\u212a[]", max_size=24)

username_problem, suggest_username = USERNAMES.problem_of, USERNAMES.suggest


@given(st.one_of(st.text(max_size=30), NEARLY_RIGHT))
@example("[UNDEFINED]")
@example("ubuntu")
@example("ada\n")
@example("-ada")
def test_an_accepted_name_is_accepted_by_every_directory(name: str) -> None:
    if username_problem(name) is None:
        assert LINUX.fullmatch(name)
        assert not set(name) & FORBIDDEN_IN_DIRECTORIES
        assert name.lower() != "ubuntu"
        assert not name.endswith(".")


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,19}", fullmatch=True))
def test_plain_names_are_accepted_unless_the_system_has_them(name: str) -> None:
    reserved = {"ubuntu", "root", "administrator", "admin", "guest", "krbtgt"}

    assert (username_problem(name) is None) is (name.lower() not in reserved)


@each_case("name", ["ada", "Ada.Lovelace", "a", "7of9", "x" * 20, "ada_l-1"])
def test_usual_names_are_accepted(name: str) -> None:
    assert username_problem(name) is None


@each_case(
    "name",
    [
        "",
        " ",
        "ada lovelace",
        "x" * 21,
        ".ada",
        "ada.",
        "-ada",
        "_ada",
        "ada@example.com",
        "adá",
        "UBUNTU",
        "Administrator",
        "root",
        "[UNDEFINED]",
        "ada\n",
        "ada\x00",
        "a/b",
        "ａｄａ",
        "ada\u200b",
    ],
)
def test_names_that_no_directory_would_take_are_refused_in_a_sentence(name: str) -> None:
    said = username_problem(name)

    assert said is not None
    assert said.endswith(".")


@given(st.text(max_size=40), st.one_of(st.emails(), st.text(max_size=40)))
@example("Ubuntu", "root@example.com")
@example("A" * 19 + " B", "")
@example("李小龙", "bruce.lee@example.com")
def test_a_suggestion_is_legal_or_empty(name: str, email: str) -> None:
    guess = suggest_username(name, email=email)

    assert guess == "" or username_problem(guess) is None
    assert len(guess) <= MAX_LENGTH


@pytest.mark.parametrize(
    ("name", "email", "guess"),
    [
        ("Ada Lovelace", "x@example.com", "ada.lovelace"),
        ("李小龙", "bruce.lee@example.com", "bruce.lee"),
        ("", "", ""),
        ("Maximilian Alexander Hohenstein", "", ""),
        ("Maximilian Alexander Stein", "", "maximilian.stein"),
    ],
)
def test_suggestions_are_what_a_person_would_choose(name: str, email: str, guess: str) -> None:
    assert suggest_username(name, email=email) == guess


def test_two_spellings_of_one_name_are_one_name() -> None:
    assert username_key(" Ada.L ") == username_key("ada.l")
