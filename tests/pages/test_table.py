"""The table of workspaces: its filter, order and page live in the address, and it asks once for all rows."""

import pytest

from tests.desk import WINDOWS, Desk
from tests.pages.counting import counted_queries
from tests.pages.reader import Reader, Visitor
from webapp.domain.lifecycle import Action
from webapp.models import JobPosting
from webapp.queries import workspace_table

HTMX = {"HX-Request": "true"}


def shown(page: Reader) -> list[int]:
    """The ids of the rows, in order."""
    return [
        int(str(one["id"]).removeprefix("workspace-"))
        for one in page.find("tr")
        if str(one.get("id", "")).startswith("workspace-")
    ]


@pytest.fixture
def three(desk: Desk) -> dict[str, int]:
    """One that is being ended, one of another job with another bundle, and one just ordered."""
    ending = desk.order(username="adam.ending")
    desk.press(ending, Action.TERMINATE)
    desk.clock.pause(60)
    posting_id = desk.open_posting(desk.provider)
    desk.session.get_one(JobPosting, posting_id).title = "Zookeeper"
    desk.session.commit()
    other = desk.order(
        application_id=desk.add_application(posting_id=posting_id).id,
        username="zoe.other",
        bundle_id=WINDOWS,
        workspace_type="windows",
    )
    desk.clock.pause(60)
    ordered = desk.order(username="mia.ordered")
    desk.session.commit()
    return {"ending": ending, "other": other, "ordered": ordered, "posting": posting_id}


def test_each_filter_leaves_only_what_fits(desk: Desk, provider: Visitor, three: dict[str, int]) -> None:
    ending, other, ordered = three["ending"], three["other"], three["ordered"]

    for query, wanted in {
        "": [ordered, other, ending],
        "?q=ZOE": [other],
        "?state=TERMINATING": [ending],
        "?state=moving": [ordered, other, ending],
        "?state=trouble": [],
        f"?job={three['posting']}": [other],
        f"?job={desk.posting_id}&state=PENDING": [ordered],
        f"?credential={desk.credential_id}": [ordered, other, ending],
        "?credential=999": [],
        "?cloud=aws": [ordered, other, ending],
        "?cloud=azure": [],
    }.items():
        assert shown(provider.read(f"/workspaces/{query}")) == wanted, query


def test_the_order_is_the_one_in_the_address(provider: Visitor, three: dict[str, int]) -> None:
    for sort, order in {
        "ordered": ["ending", "other", "ordered"],
        "-ordered": ["ordered", "other", "ending"],
        "username": ["ending", "ordered", "other"],
        "-username": ["other", "ordered", "ending"],
        "state": ["other", "ordered", "ending"],
        "nonsense": ["ordered", "other", "ending"],
    }.items():
        assert shown(provider.read(f"/workspaces/?sort={sort}")) == [three[name] for name in order], sort


def test_the_head_of_the_column_says_how_the_table_is_sorted_and_turns_it_round(
    provider: Visitor, three: dict[str, int]
) -> None:
    page = provider.read("/workspaces/?sort=username&state=moving")

    assert page.find("th", aria_sort="ascending")
    assert "/workspaces/?state=moving&sort=-username" in page.links()
    assert page.by_id("workspace-rows")["hx-get"] == "/workspaces/rows?state=moving&sort=username"


def test_what_the_filter_holds_is_still_chosen_in_its_fields(
    provider: Visitor, three: dict[str, int]
) -> None:
    page = provider.read(f"/workspaces/?q=zoe&state=PENDING&job={three['posting']}")

    assert page.by_id("q")["value"] == "zoe"
    assert {str(one["value"]) for one in page.find("option") if "selected" in one} == {
        "PENDING",
        str(three["posting"]),
    }
    assert "1 found" in page.text


def test_a_long_table_is_cut_into_pages(
    desk: Desk, provider: Visitor, three: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_table, "PAGE_SIZE", 2)

    first = provider.read("/workspaces/")
    second = provider.read(next(link for link in first.links() if "?after=" in link))
    back = provider.read(next(link for link in second.links() if "?before=" in link))

    assert shown(first) == shown(back) == [three["ordered"], three["other"]]
    assert shown(second) == [three["ending"]]
    assert ("1–2 of 3" in first.text, "3–3 of 3" in second.text) == (True, True)
    for place in ("x", "W10", "WzEsMl0", "W251bGwsMSwyXQ", "9" * 3000):
        assert shown(provider.read(f"/workspaces/?after={place}")) == shown(first), "begins again"


def test_nothing_found_differs_from_nothing_there(provider: Visitor, three: dict[str, int]) -> None:
    assert "Nothing matches this filter" in provider.read("/workspaces/?state=MAINTENANCE").text
    assert "/workspaces/" in provider.read("/workspaces/?state=MAINTENANCE").links()


def test_another_companys_rows_are_in_nobody_elses_table(rival: Visitor, three: dict[str, int]) -> None:
    assert shown(rival.read(f"/workspaces/?job={three['posting']}&ended=1")) == []


def test_a_look_that_changed_nothing_that_is_seen_has_an_empty_body(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.order()
    desk.work()
    desk.session.commit()
    etag = provider.get("/workspaces/rows", headers=HTMX).headers["ETag"]
    looked_at = desk.row(workspace_id).observed_at

    desk.clock.pause(desk.settings.poll_interval_s + 1)
    desk.sweep()
    answer = provider.get("/workspaces/rows", headers={**HTMX, "If-None-Match": etag})

    assert desk.row(workspace_id).observed_at != looked_at, "a worker has looked and written that down"
    assert (answer.status_code, answer.data) == (304, b"")


def test_a_poll_is_at_most_four_queries_however_many_rows_move(desk: Desk, provider: Visitor) -> None:
    for _ in range(6):
        desk.order()
    desk.session.commit()
    etag = provider.get("/workspaces/rows", headers=HTMX).headers["ETag"]

    with counted_queries() as changed:
        provider.get("/workspaces/rows", headers=HTMX)
    with counted_queries() as same:
        provider.get("/workspaces/rows", headers={**HTMX, "If-None-Match": etag})

    assert len(changed) <= 4
    assert len(same) <= 4


def test_the_page_asks_a_constant_number_of_questions(desk: Desk, provider: Visitor) -> None:
    desk.order()
    desk.session.commit()
    with counted_queries() as few:
        provider.get("/workspaces/")
    for _ in range(6):
        desk.order()
    desk.session.commit()

    with counted_queries() as many:
        provider.get("/workspaces/")

    assert len(many) == len(few) <= 8
