"""What an open page of a group order asks while nothing changes, and what it hears of."""

import pytest
from flask.testing import FlaskClient

from tests.desk import Desk
from tests.pages.counting import counted_queries
from tests.pages.reader import Reader, Visitor
from tests.pages.test_cohorts import choice, hire, sent_on


def order_group(desk: Desk, provider: Visitor, people: list[str]) -> str:
    ids = hire(desk, people)
    dry = Reader(provider.post("/cohorts/check", choice(desk, application_id=ids)).text)
    return f"{provider.post('/cohorts/', sent_on(dry)).location}rows"


def look(browser: FlaskClient, address: str, etag: str = "") -> tuple[int, str]:
    answer = browser.get(address, headers={"HX-Request": "true", "If-None-Match": etag})
    return answer.status_code, answer.headers["ETag"]


def test_a_look_that_finds_nothing_new_reads_no_person(desk: Desk, provider: Visitor) -> None:
    address = order_group(desk, provider, ["Ada Byron", "Alan Turing"])
    etag = look(provider.client, address)[1]

    with counted_queries() as asked:
        assert look(provider.client, address, etag) == (304, etag)

    assert not [one for one in asked if "cohort_rows" in one or "FROM workspaces" in one]


@pytest.mark.parametrize("name", ["maxi feather!", "maxi.feather"])
def test_a_refused_person_who_is_tried_again_is_seen_at_the_next_look(
    desk: Desk, provider: Visitor, name: str
) -> None:
    address = order_group(desk, provider, ["Maximiliana Featherstonehaugh", "Ada Byron"])
    field = provider.read(address).find("input", aria_label="User name of Maximiliana Featherstonehaugh")[0]
    etag = look(provider.client, address)[1]

    provider.post(address.replace("/rows", "/retry"), {str(field["name"]): name})

    status, newer = look(provider.client, address, etag)
    assert status == 200 and newer != etag


def test_a_desktop_that_can_be_used_is_seen_at_the_next_look(desk: Desk, provider: Visitor) -> None:
    desk.sandbox.set_users("d-99670be001", ["ada.byron"])
    address = order_group(desk, provider, ["Ada Byron"])
    etag = look(provider.client, address)[1]

    desk.live(3600)

    assert look(provider.client, address, etag)[0] == 200
