"""A password is taken as it was typed, may be long, and never runs out; nobody has one from the start."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.services.conftest import StandingClock
from webapp.models import ApiToken, Company, User
from webapp.services import people, sign_in
from webapp.services.context import ServiceContext
from webapp.services.passwords import MAX_LENGTH, MIN_LENGTH
from webapp.services.sign_in import WrongSignIn

EMAIL = "ada@example.com"
TYPED = "  Seven Herons over the Quay "


def add(office: ServiceContext, password: str) -> None:
    people.sign_up_seeker(office, name="Ada", email=EMAIL, password=password)


def is_let_in(office: ServiceContext, password: str) -> bool:
    try:
        sign_in.sign_in(office, email=EMAIL, password=password)
    except WrongSignIn:
        return False
    return True


@pytest.mark.parametrize("other", [TYPED.strip(), TYPED.lower(), TYPED.swapcase(), TYPED[:-1], TYPED + " "])
def test_a_password_counts_as_it_was_typed(office: ServiceContext, other: str) -> None:
    add(office, TYPED)

    assert is_let_in(office, TYPED)
    assert not is_let_in(office, other)


def test_a_long_password_counts_to_its_last_character(office: ServiceContext) -> None:
    long = "seven herons over the quay, " * 4 + "and one below it"
    assert 64 < len(long) == MAX_LENGTH
    add(office, long)

    assert is_let_in(office, long)
    assert not is_let_in(office, long[:-1] + "x")
    assert not is_let_in(office, long[:72])


def test_short_passwords_begin_where_the_page_says() -> None:
    assert MIN_LENGTH >= 8


def test_nobody_is_asked_for_a_new_password_because_time_has_passed(
    office: ServiceContext, standing_clock: StandingClock
) -> None:
    add(office, TYPED)

    standing_clock.elapsed += timedelta(days=3 * 365)

    assert is_let_in(office, TYPED)


def test_a_new_installation_knows_nobody(office: ServiceContext) -> None:
    counts = [
        office.session.scalar(select(func.count()).select_from(one)) for one in (User, Company, ApiToken)
    ]

    assert counts == [0, 0, 0]
