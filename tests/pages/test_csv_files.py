"""What a table shows, as a file that a spreadsheet opens and does not calculate."""

import csv
import io

import pytest

from tests.desk import UBUNTU, Desk
from tests.pages.reader import Reader, Visitor
from tests.pages.test_cohorts import choice, hire, sent_on
from webapp.pages import csv_files


def rows_of(visitor: Visitor, path: str) -> list[list[str]]:
    response = visitor.get(path)
    assert (response.status_code, response.mimetype) == (200, "text/csv"), path
    assert "attachment" in response.headers["Content-Disposition"]
    return list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"))))


def test_every_table_is_a_file_under_the_same_filter_and_of_this_company_only(
    desk: Desk, provider: Visitor, rival: Visitor
) -> None:
    hire(desk, ["=1+1 Łukasz"], is_approved=False)
    desk.order(username="sam.okafor")
    desk.session.commit()
    provider.post(f"/credentials/{desk.credential_id}/bundles/refresh")

    desktops = rows_of(provider, "/workspaces/desktops.csv")
    people = rows_of(provider, f"/jobs/{desk.posting_id}/applications.csv")
    sizes = rows_of(provider, f"/credentials/{desk.credential_id}/bundles/sizes.csv?system=Ubuntu+22.04")

    assert desktops[0][:2] == ["Person", "State"] and desktops[1][3] == "sam.okafor"
    assert rows_of(provider, "/workspaces/desktops.csv?state=ERROR") == desktops[:1]
    assert "'=1+1 Łukasz" in [row[0] for row in people]
    assert UBUNTU in [row[1] for row in sizes] and {row[2] for row in sizes[1:]} == {"Ubuntu 22.04"}
    assert len(rows_of(rival, "/workspaces/desktops.csv")) == 1
    for path in (
        "/jobs/1/applications.csv",
        "/credentials/1/bundles/sizes.csv",
        "/cohorts/1/group-order.csv",
    ):
        assert rival.get(path).status_code == 404, path


@pytest.mark.parametrize("query", ["", "?sort=person", "?sort=-cost", "?state=PENDING"])
def test_a_file_has_every_row_however_many_queries_they_take(
    desk: Desk, provider: Visitor, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    for number in range(5):
        desk.order(username=f"person.{number}")
    at_once = rows_of(provider, f"/workspaces/desktops.csv{query}")
    people = rows_of(provider, f"/jobs/{desk.posting_id}/applications.csv")

    monkeypatch.setattr(csv_files, "MOST_ROWS", 2)

    assert len(at_once) == 6
    assert rows_of(provider, f"/workspaces/desktops.csv{query}") == at_once
    assert rows_of(provider, f"/jobs/{desk.posting_id}/applications.csv") == people


def test_a_group_order_is_a_file_with_who_was_ordered_for_and_who_not(desk: Desk, provider: Visitor) -> None:
    ids = hire(desk, ["Ada Byron", "Maximiliana Featherstonehaugh"])
    dry = Reader(provider.post("/cohorts/check", choice(desk, application_id=ids)).text)
    address = provider.post("/cohorts/", sent_on(dry)).location

    head, *rows = rows_of(provider, f"{address}group-order.csv")

    assert head == ["Person", "User name", "State", "Why not ordered"]
    assert [row[0] for row in rows] == ["Ada Byron", "Maximiliana Featherstonehaugh"]
    assert rows[0][1:] == ["ada.byron", "Setting up", ""] and rows[1][2] == "" and "20" in rows[1][3]
