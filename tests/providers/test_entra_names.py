"""Sign-in names of Entra: what an order for Azure may name a person by."""

import string

from hypothesis import example, given
from hypothesis import strategies as st

from tests.cases import each_case
from webapp.providers.azure_avd.usernames import USERNAMES, home_address_of, is_same_person

ALLOWED = set(string.ascii_letters + string.digits + "'._!#^~-@")


def problem(name: str) -> str | None:
    return USERNAMES.problem_of(name)


@each_case(
    "name",
    [
        "sam@quayside.example",
        "Sam.O'Brien-1@quayside.onmicrosoft.com",
        "sam_okafor@a.b.c.example",
        "sam_home.example#EXT#@quayside.onmicrosoft.com",
        "sam.the_second_home.example#ext#@quayside.onmicrosoft.com",
        "x" * 64 + "@" + "d" * 40 + ".example",
    ],
)
def test_what_entra_gives_out_is_accepted(name: str) -> None:
    assert problem(name) is None


@each_case(
    ("name", "hint"),
    [
        ("", "Enter the person’s sign-in name"),
        ("sam", "looks like an e-mail address"),
        ("@quayside.example", "looks like an e-mail address"),
        ("sam@home.example@quayside.example", "one “@”"),
        ("sam okafor@quayside.example", "Before the “@”"),
        ("säm@quayside.example", "Before the “@”"),
        (".sam@quayside.example", "cannot start or end with a dot"),
        ("sam.@quayside.example", "cannot start or end with a dot"),
        ("sa..m@quayside.example", "two dots"),
        ("sam@quayside", "a domain of the tenant"),
        ("sam@-quayside.example", "a domain of the tenant"),
        ("sam@" + "d" * 48 + ".example", "at most 48 characters"),
        ("sam@quayside.example\n", "a domain of the tenant"),
        ("#EXT#@quayside.onmicrosoft.com", "A guest’s sign-in name"),
        ("sam#EXT#@quayside.onmicrosoft.com", "A guest’s sign-in name"),
        ("sam_#EXT#@quayside.onmicrosoft.com", "A guest’s sign-in name"),
        ("sam_home.example#EXT#x@quayside.onmicrosoft.com", "A guest’s sign-in name"),
        ("x" * 114, "up to 113 characters; this one has 114"),
    ],
)
def test_what_is_wrong_with_a_name_is_said(name: str, hint: str) -> None:
    said = problem(name)

    assert said is not None and hint in said
    assert said.endswith(".") and said[0].isupper()


@given(st.one_of(st.text(max_size=130), st.emails()))
@example("sam@quayside.example\x00")
def test_an_accepted_name_is_short_and_plain(name: str) -> None:
    if problem(name) is None:
        assert len(name) <= USERNAMES.longest == 113
        assert set(name) <= ALLOWED
        assert name.count("@") == 1


@given(st.text(max_size=40), st.one_of(st.emails(), st.text(max_size=40)))
def test_a_suggestion_is_legal_or_empty(name: str, email: str) -> None:
    guess = USERNAMES.suggest(name, email=email)

    assert guess == "" or problem(guess) is None


def test_the_first_guess_is_the_persons_address() -> None:
    guess = USERNAMES.suggest("Sam Okafor", email="sam@home.example")

    assert guess == "sam@home.example"


def test_a_guest_signs_in_with_the_address_at_home() -> None:
    assert home_address_of("sam_the_2nd_home.example#EXT#@q.onmicrosoft.com") == "sam_the_2nd@home.example"
    assert home_address_of("sam_okafor@quayside.example") is None


def test_a_guests_address_and_the_tenants_name_for_the_guest_are_one_person() -> None:
    guest = "sam_home.example#EXT#@q.onmicrosoft.com"

    assert is_same_person("Sam@Home.example", guest) and is_same_person(guest.upper(), "sam@home.example")
    assert is_same_person("sam@q.example", "SAM@q.example")
    assert not is_same_person("sam@q.example", guest)
    assert not is_same_person(guest, guest.replace("sam", "mina"))
    assert not is_same_person("", guest)
