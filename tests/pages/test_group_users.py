"""A group order that makes users: names that are taken are numbered before the press."""

import pytest

from sandbox import demo
from tests.conftest import both_databases
from tests.desk import UBUNTU, Desk
from tests.pages.counting import counted_queries
from tests.pages.reader import Reader, Visitor
from tests.pages.test_cohorts import choice, hire, letters, ordered, sent_on
from tests.pages.test_order_user import _test as test_credential
from webapp.domain.lifecycle import Action, State

DIRECTORY = demo.DEMO_DIRECTORY_ID


@pytest.fixture(autouse=True)
def few(desk: Desk, provider: Visitor) -> None:
    """A directory that knows two people, and the list of bundles."""
    desk.sandbox.set_users(DIRECTORY, ["leo.brandt", "sam.okafor"])
    provider.post(f"/credentials/{desk.credential_id}/bundles/refresh")


def review(provider: Visitor, form: dict[str, object]) -> Reader:
    return Reader(provider.post("/cohorts/check", form).text)


def names(page: Reader) -> list[str]:
    return [str(one["value"]) for one in page.find("input", name="username")]


def test_users_are_made_for_people_without_a_name_in_the_list(desk: Desk, provider: Visitor) -> None:
    hire(desk, ["Mina Park", "Leo Brandt"])

    dry = review(provider, choice(desk, pasted="Mina Park\nLeo Brandt, leo.brandt\n", create_users="1"))
    provider.post("/cohorts/", sent_on(dry))
    desk.live_until(1, State.AVAILABLE)
    desk.live_until(2, State.AVAILABLE)

    assert [one["value"] for one in dry.find("input", name="create_user") if "checked" in one] == ["1"]
    assert [(row.username, row.creates_user) for row in ordered(desk)] == [
        ("mina.park", True),
        ("leo.brandt", False),
    ]
    assert [one["user_name"] for one in desk.sandbox.people(DIRECTORY)] == ["mina.park"]


@both_databases
def test_names_that_somebody_has_are_numbered_and_can_be_changed(desk: Desk, provider: Visitor) -> None:
    ids = hire(desk, ["Mina Park", "Mina Park", "Sam Okafor", "Ada Byron", "Max Other", "Leo Brandt"])
    desk.order(username="ada.byron")
    desk.order(username="leo.brandt", create_user=True)  # which the directory refuses
    desk.work()
    desk.session.commit()

    dry = review(provider, choice(desk, application_id=ids, create_users="1"))
    fields = sent_on(dry)
    fields["username"] = ["mina.p", *names(dry)[1:]]
    answer = provider.post("/cohorts/", fields)

    assert names(dry) == ["mina.park", "mina.park2", "sam.okafor", "ada.byron2", "max.other", "leo.brandt2"]
    assert dry.headings == ["6 of 6 can be ordered"]
    assert "Numbered, because “ada.byron” is somebody else." in dry.text
    assert answer.status_code == 303
    assert [row.username for row in ordered(desk)][2:] == ["mina.p", *names(dry)[1:]]


def test_a_name_of_the_list_is_kept_and_the_made_one_gives_way(desk: Desk, provider: Visitor) -> None:
    hire(desk, ["Mina Park", "Max Other"])

    dry = review(provider, choice(desk, pasted="Mina Park\nMax Other, Mina.Park\n", create_users="1"))

    assert names(dry) == ["mina.park2", "Mina.Park"]


def test_the_user_who_was_made_for_somebody_is_theirs_again_and_nobody_elses(
    desk: Desk, provider: Visitor
) -> None:
    [first, second] = hire(desk, ["Mina Park", "Mina Park"])
    workspace_id = desk.order(application_id=first, username="mina.park", create_user=True)
    desk.live_until(workspace_id, State.AVAILABLE)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    desk.session.commit()

    dry = review(provider, choice(desk, application_id=[second, first], create_users="1"))
    typed = sent_on(dry) | {"username": ["mina.park", "mina.park3"]}
    again = Reader(provider.post("/cohorts/check", typed).text)

    assert names(dry) == ["mina.park2", "mina.park"]
    assert "Berth made the user “mina.park” for somebody else." in again.text


def test_where_users_are_made_elsewhere_the_order_says_by_whom(desk: Desk, provider: Visitor) -> None:
    hire(desk, ["Mina Park"])
    test_credential(desk, service_type="SimpleAD")

    form = provider.read(f"/cohorts/new?job={desk.posting_id}")
    answer = provider.post("/cohorts/check", choice(desk, pasted="Mina Park\n", create_users="1"))

    assert not form.find("input", name="create_users")
    assert answer.status_code == 422 and "Simple AD" in answer.text
    assert ordered(desk) == []


def test_a_review_of_many_namesakes_asks_no_more_of_the_database(desk: Desk, provider: Visitor) -> None:
    ids = hire(desk, ["Mina Park"] * 40 + [f"Person Q{letters(number)}" for number in range(60)])
    form = choice(desk, create_users="1", bundle_id=UBUNTU)
    review(provider, form | {"application_id": ids[:2]})

    with counted_queries() as few:
        review(provider, form | {"application_id": ids[:2]})
    with counted_queries() as many:
        dry = review(provider, form | {"application_id": ids})

    assert len(set(names(dry))) == 100
    assert len(many) == len(few)
