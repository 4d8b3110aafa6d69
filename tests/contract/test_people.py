"""What the engine believes of every directory whose users Berth can make (`webapp/clouds/people.py`)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from tests.contract.play import INSTALLATION, Play
from webapp.clouds.people import DirectoryUser, ManagesPeople, NewDirectoryUser
from webapp.domain.errors import CloudError, Trouble

MARK = f"{INSTALLATION}/person1/1"


@pytest.fixture
def people(play: Play) -> ManagesPeople:
    if play.driver.people is None:
        pytest.skip("somebody else makes the users of this directory")
    return play.driver.people


@pytest.fixture
def wanted(play: Play) -> NewDirectoryUser:
    username = play.stage.newcomer(1)
    return NewDirectoryUser(username, "Nora", "Neu", "nora@home.example", MARK)


@pytest.fixture
def known(play: Play, people: ManagesPeople) -> DirectoryUser:
    """Somebody who was there before Berth."""
    found = people.find_user(play.stage.username(1))
    assert found is not None
    return found


def test_nobody_is_found_under_a_name_that_is_free(people: ManagesPeople, wanted: NewDirectoryUser) -> None:
    assert people.find_user(wanted.username) is None


def test_a_new_user_is_found_with_our_mark_also_in_capitals(
    people: ManagesPeople, wanted: NewDirectoryUser
) -> None:
    made = people.create_user(wanted)

    found = people.find_user(wanted.username)
    assert found is not None and made.user_id
    assert (found.user_id, found.mark, found.username) == (made.user_id, MARK, made.username)
    in_capitals = people.find_user(wanted.username.upper())
    assert in_capitals is not None and in_capitals.user_id == made.user_id


def test_a_user_is_made_once_however_often_it_is_asked_for(
    play: Play, people: ManagesPeople, wanted: NewDirectoryUser
) -> None:
    first, second = people.create_user(wanted), people.create_user(wanted)

    assert second.user_id == first.user_id and second.mark == MARK


def test_a_name_that_is_taken_is_refused_and_its_user_left_alone(
    people: ManagesPeople, wanted: NewDirectoryUser, known: DirectoryUser
) -> None:
    people.create_user(wanted)

    for taken in (
        replace(wanted, mark=f"{INSTALLATION}/another/1"),
        replace(wanted, username=known.username),
    ):
        with pytest.raises(CloudError) as raised:
            people.create_user(taken)
        assert raised.value.failure.code == "directory_user_exists"
    mine = people.find_user(wanted.username)
    assert mine is not None and mine.mark == MARK
    assert people.find_user(known.username) == known


def test_an_answer_that_was_lost_leaves_a_user_that_says_whose_it_is(
    play: Play, people: ManagesPeople, wanted: NewDirectoryUser
) -> None:
    play.fault("drop_after", "create_user")

    with pytest.raises(CloudError) as raised:
        people.create_user(wanted)

    assert raised.value.failure.trouble is Trouble.UNKNOWN
    found = people.find_user(wanted.username)
    assert found is not None and found.mark == MARK
    assert people.create_user(wanted).user_id == found.user_id


def test_a_create_is_sent_once_whatever_comes_back(
    play: Play, people: ManagesPeople, wanted: NewDirectoryUser
) -> None:
    operation = play.stage.operations["create_user"]
    for kind in ("http_500", "http_503", "throttle"):
        play.fault(kind, "create_user")
        sent = len(play.stage.control.ledger(operation=operation))
        with suppress(CloudError):
            people.create_user(wanted)
        assert len(play.stage.control.ledger(operation=operation)) == sent + 1
    assert people.find_user(wanted.username) is None


def test_a_user_may_be_admitted_as_often_as_one_likes_whoever_made_it(
    people: ManagesPeople, wanted: NewDirectoryUser, known: DirectoryUser
) -> None:
    made = people.create_user(wanted)

    for user in (made, made, known, known):
        people.admit_user(user)

    assert people.find_user(known.username) == known


def test_our_user_is_disabled_and_enabled_and_each_may_be_asked_for_twice(
    people: ManagesPeople, wanted: NewDirectoryUser
) -> None:
    made = people.create_user(wanted)

    for change, is_enabled in ((people.disable_user, False), (people.enable_user, True)):
        for _ in range(2):
            change(made)
            found = people.find_user(wanted.username)
            assert found is not None and found.is_enabled is is_enabled


def test_a_user_of_another_installation_is_never_changed(
    enter: Callable[..., Play], people: ManagesPeople, wanted: NewDirectoryUser
) -> None:
    others = enter(installation=f"{INSTALLATION}2").driver.people
    assert others is not None
    made = others.create_user(replace(wanted, mark=f"{INSTALLATION}2/user/1"))
    before = people.find_user(wanted.username)

    for change in (people.disable_user, people.enable_user):
        with pytest.raises(CloudError) as raised:
            change(made)
        assert raised.value.failure.code == "directory_user_protected"

    assert people.find_user(wanted.username) == before


def test_a_user_without_our_mark_is_never_changed(people: ManagesPeople, known: DirectoryUser) -> None:
    assert known.mark is None

    for change in (people.disable_user, people.enable_user):
        with pytest.raises(CloudError) as raised:
            change(known)
        assert raised.value.failure.code == "directory_user_protected"

    assert people.find_user(known.username) == known
