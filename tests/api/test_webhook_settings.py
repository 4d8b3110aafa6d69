"""After how many days a desktop is idle, by the API as on the page of webhooks."""

import pytest

from tests.api.world import Callers
from webapp.domain.connections import IDLE_DAYS

PATH = "/webhooks/settings/"


def test_the_days_are_read_and_chosen(api: Callers):
    before = api("GET", PATH)

    changed = api("PUT", PATH, json={"idle_days": 3})

    assert (before.json, changed.json) == ({"idle_days": IDLE_DAYS}, {"idle_days": 3})
    after = api("GET", PATH)
    assert (after.json, after.headers["ETag"]) == ({"idle_days": 3}, changed.headers["ETag"])
    assert api("GET", PATH, by="other provider").json == {"idle_days": IDLE_DAYS}


@pytest.mark.parametrize("body", [{"idle_days": 0}, {"idle_days": 366}, {"idle_days": "3"}, {}])
def test_what_is_no_number_of_days_changes_nothing(api: Callers, body):
    answer = api("PUT", PATH, json=body)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["idle_days"])
    assert api("GET", PATH).json == {"idle_days": IDLE_DAYS}


def test_only_what_was_read_is_changed(api: Callers):
    read = api("GET", PATH).headers["ETag"]

    first = api("PUT", PATH, json={"idle_days": 3}, headers={"If-Match": read})
    late = api("PUT", PATH, json={"idle_days": 4}, headers={"If-Match": read})

    assert (first.status_code, late.status_code) == (200, 412)
