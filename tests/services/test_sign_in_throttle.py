"""Guessing passwords: what is checked, and that it does not lock the owner out."""

from itertools import count

import pytest

from tests.desk import PASSWORD
from tests.services.conftest import StandingClock
from webapp.domain.errors import TooMany
from webapp.models import User
from webapp.services import sign_in
from webapp.services.context import ServiceContext
from webapp.services.sign_in import WrongSignIn
from webapp.services.sign_in_throttle import ADDRESS_LIMIT, FAILURE_LIMIT, FAILURE_WINDOW, Origin

EMAIL = "provider@example.com"
KNOWN = Origin(address="192.0.2.1", mark="a browser of the owner")


def is_checked(office: ServiceContext, origin: Origin, email: str = EMAIL) -> bool:
    """Is a wrong password from there compared at all?"""
    with pytest.raises((WrongSignIn, TooMany)) as caught:
        sign_in.sign_in(office, email=email, password="a password that is wrong", origin=origin)
    return isinstance(caught.value, WrongSignIn)


def guess(office: ServiceContext, origin: Origin, *, times: int, email: str = EMAIL) -> int:
    return sum(is_checked(office, origin, email) for _ in range(times))


def test_of_many_guesses_from_many_addresses_ten_are_checked_and_the_owner_signs_in(
    office: ServiceContext, provider: User, pytestconfig: pytest.Config
) -> None:
    """With --whole ten thousand."""
    times = 100 if pytestconfig.getoption("--whole") else 3
    checked = sum(guess(office, Origin(address=f"198.51.100.{one}"), times=times) for one in range(100))

    assert checked == FAILURE_LIMIT
    assert sign_in.sign_in(office, email=EMAIL, password=PASSWORD, origin=KNOWN)


def test_a_known_browser_checks_no_more_than_ten_either(office: ServiceContext, provider: User) -> None:
    assert guess(office, KNOWN, times=FAILURE_LIMIT + 2) == FAILURE_LIMIT
    with pytest.raises(TooMany):
        sign_in.sign_in(office, email=EMAIL, password=PASSWORD, origin=KNOWN)


def test_a_browser_that_one_person_uses_is_not_known_for_another(
    office: ServiceContext, provider: User, seeker: User
) -> None:
    guess(office, KNOWN, times=FAILURE_LIMIT)

    assert sign_in.sign_in(office, email=seeker.email, password=PASSWORD, origin=KNOWN)


def test_an_address_that_tries_many_accounts_is_stopped_and_others_go_on(
    office: ServiceContext, provider: User
) -> None:
    one_address, names = Origin(address="198.51.100.7"), count()

    checked = sum(
        is_checked(office, one_address, f"{next(names)}@example.com") for _ in range(ADDRESS_LIMIT + 3)
    )

    assert checked == ADDRESS_LIMIT
    assert is_checked(office, Origin(address="198.51.100.8"))
    assert sign_in.sign_in(office, email=EMAIL, password=PASSWORD, origin=KNOWN)


def test_a_good_sign_in_is_no_failure_of_its_address(office: ServiceContext, provider: User) -> None:
    address = Origin(address="198.51.100.7")
    for number in range(ADDRESS_LIMIT - 1):
        is_checked(office, address, f"{number}@example.com")

    for _ in range(3):
        assert sign_in.sign_in(office, email=EMAIL, password=PASSWORD, origin=address)


def test_after_a_quarter_of_an_hour_the_address_may_try_again(
    office: ServiceContext, provider: User, standing_clock: StandingClock
) -> None:
    address = Origin(address="198.51.100.7")
    for number in range(ADDRESS_LIMIT):
        is_checked(office, address, f"{number}@example.com")
    assert not is_checked(office, address)

    standing_clock.elapsed += FAILURE_WINDOW

    assert is_checked(office, address)
