"""Lists: total order, pages that do not move, filters."""

import pytest
from flask import Flask

from tests.api.world import READY, Callers, order


@pytest.fixture
def three(api_app: Flask, api: Callers) -> list[int]:
    """Ids of four workspaces ordered in the same instant, newest first."""
    with api_app.app_context():
        made = [
            order(
                api_app.extensions["berth"],
                api.world,
                application_id=application_id,
                username=f"user{number}",
            )
            for number, application_id in enumerate(api.world.free_application_ids)
        ]
    return sorted([api.world.workspace_id, *made], reverse=True)


def walk(api: Callers, path: str, *, by: str = "provider", between=lambda: None) -> list[int]:
    seen: list[int] = []
    while path:
        page = api("GET", path, by=by).json
        seen += [workspace["id"] for workspace in page["workspaces"]]
        path = (page["next"] or "").removeprefix("/api/workspaces")
        between()
    return seen


@pytest.mark.parametrize("query", ["", "&state=PENDING", "&q=u", "&cloud_provider=aws"])
@pytest.mark.parametrize("by", ["provider", "seeker"])
def test_pages_show_every_workspace_once(api: Callers, three, by, query):
    assert walk(api, f"/workspaces/?limit=1{query}", by=by) == three


def test_pages_stay_in_place_when_a_row_before_them_goes(api: Callers, three, change):
    def forget_the_newest() -> None:
        change(three[0], phase="gone", is_deleted=True)

    assert walk(api, "/workspaces/?limit=1", between=forget_the_newest) == three


def test_the_count_is_of_all_that_fits(api: Callers, three, change):
    change(three[0], **READY)

    page = api("GET", "/workspaces/?limit=2").json
    available = api("GET", "/workspaces/?state=AVAILABLE").json

    assert (page["count"], len(page["workspaces"])) == (4, 2)
    assert (available["count"], [one["id"] for one in available["workspaces"]]) == (1, three[:1])


@pytest.mark.parametrize("by", ["provider", "seeker"])
def test_filters_narrow_the_list(api: Callers, three, by):
    ids = walk(api, "/workspaces/?q=okafor", by=by)
    by_application = walk(api, f"/workspaces/?application_id={api.world.application_id}", by=by)

    assert ids == by_application == [api.world.workspace_id]
    assert walk(api, "/workspaces/?q=%25", by=by) == []


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=" + "9" * 5000,
        "cursor=x",
        "cursor=W10",
        "cursor=WzFlOTk5LDFd",
        "state=GONE",
        "cloud_provider=mine",
        f"application_id={2**63}",
        "q=%00",
        "sort=id",
        "cursor=Wy05ZTk5LCAxXQ",
        "cursor=WzQ2MTE2ODYwMTg0MjczODc5MDMsIDFd",
        "cursor=" + "%F0%9F%98%80",
    ],
)
def test_a_query_that_means_nothing_is_refused(api: Callers, query):
    answer = api("GET", f"/workspaces/?{query}")

    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert list(answer.json["errors"]) == [query.partition("=")[0]]


def test_credentials_are_listed_by_name_in_pages(api: Callers):
    first = api("GET", "/cloud-credentials/?limit=1").json
    second = api("GET", first["next"].removeprefix("/api/workspaces")).json

    assert [one["name"] for one in first["cloud_credentials"] + second["cloud_credentials"]] == [
        "Main",
        "Untested",
    ]
    assert (first["count"], second["next"]) == (2, None)
