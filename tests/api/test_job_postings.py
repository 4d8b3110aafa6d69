"""Job postings by the API: posted, read, changed, closed and opened again."""

from typing import Any

import pytest

from tests.api.world import Callers

JOB = {"title": "Data analyst", "location": "Frankfurt", "description": "Reads numbers.\nWrites about them."}


def add(api: Callers, **changes: Any) -> dict[str, Any]:
    answer = api("POST", "/job-postings/", json=JOB | changes)
    assert answer.status_code == 201, answer.json
    assert answer.headers["Location"].endswith(f"/job-postings/{answer.json['id']}/")
    return answer.json


def test_a_job_is_posted_changed_closed_and_opened_again(api: Callers):
    made = add(api)
    one = f"/job-postings/{made['id']}/"

    changed = api("PUT", one, json={"title": "Senior analyst"}).json
    closed = [api("POST", f"{one}close/").json["status"] for _ in range(2)]
    opened = api("POST", f"{one}open/").json

    assert made.items() >= (JOB | {"status": "open"}).items()
    assert changed == made | {"title": "Senior analyst"}
    assert (closed, opened) == (["closed", "closed"], changed)
    assert api("GET", one).json == changed


def test_pages_follow_each_other_newest_first(api: Callers, frozen_clock):
    made = []
    for _ in range(3):
        frozen_clock.pause(60)
        made.append(add(api)["id"])

    seen, path = [], "/job-postings/?limit=2&status=open"
    while path:
        page = api("GET", path).json
        seen += [one["id"] for one in page["job_postings"]]
        path = page["next"] and page["next"].removeprefix("/api/workspaces")

    assert seen[:3] == made[::-1]
    assert len(seen) == len(set(seen)) == page["count"]


def test_the_list_is_of_one_status(api: Callers):
    api("POST", f"/job-postings/{api.world.posting_id}/close/")

    closed = api("GET", "/job-postings/?status=closed").json

    assert ([one["id"] for one in closed["job_postings"]], closed["count"]) == ([api.world.posting_id], 1)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("title", {"title": ""}),
        ("title", {"title": "\u2063\u200b"}),
        ("title", {"title": "Two\nlines"}),
        ("title", {"title": "x" * 121}),
        ("location", {"location": "x" * 121}),
        ("description", {"description": " \n "}),
        ("description", {"description": "a sound\x07"}),
        ("status", {"status": "closed"}),
    ],
)
def test_what_cannot_be_a_job_is_refused(api: Callers, field: str, changes: dict[str, str]):
    before = api("GET", "/job-postings/").json

    answer = api("POST", "/job-postings/", json=JOB | changes)

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert api("GET", "/job-postings/").json == before


def test_a_change_of_nothing_is_refused(api: Callers):
    assert api("PUT", f"/job-postings/{api.world.posting_id}/", json={}).status_code == 422
