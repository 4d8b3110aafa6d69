"""The table of desktops with this month's costs: one figure each with its name, an order, and filters."""

import csv
import io
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.conftest import both_databases
from tests.cost_days import add_day, add_unpriced_day
from tests.desk import Desk
from tests.pages.conftest import SignIn
from tests.pages.counting import counted_queries
from tests.pages.reader import Visitor
from tests.pages.test_table import shown
from tests.rows import set_rows
from webapp.domain.lifecycle import Action, Phase, State
from webapp.models import Workspace
from webapp.queries import workspace_table

HTMX = {"HX-Request": "true"}


@dataclass(frozen=True, slots=True)
class Five:
    billed: int
    estimated: int
    euros: int
    unpriced: int
    new: int

    @property
    def known(self) -> list[int]:
        """By currency and amount."""
        return [self.euros, self.billed, self.estimated]


@pytest.fixture
def five(desk: Desk) -> Five:
    ids = [desk.order(username=f"user.{letter}") for letter in "abcde"]
    made = Five(*ids)
    add_day(desk, made.billed, estimated=9900, billed=1250)
    add_day(desk, made.estimated, estimated=1300)
    add_day(desk, made.euros, estimated=100, billed=99, currency="EUR")
    add_unpriced_day(desk, made.unpriced)
    desk.session.commit()
    return made


def test_each_desktop_shows_one_figure_and_says_which(provider: Visitor, five: Five) -> None:
    page = provider.read("/workspaces/?sort=username")

    for words in ("$12.50 billed", "$13.00 estimated", "€0.99 billed", "unknown", "not yet"):
        assert words in page.text, words
    assert "$99" not in page.text and "$0" not in page.text


@both_databases
def test_by_cost_each_currency_is_in_order_and_what_is_not_known_comes_last(
    desk: Desk, provider: Visitor, five: Five
) -> None:
    up = shown(provider.read("/workspaces/?sort=cost"))
    down = shown(provider.read("/workspaces/?sort=-cost"))

    assert up[:3] == five.known
    assert down[:3] == five.known[::-1]
    assert set(up[3:]) == set(down[3:]) == {five.unpriced, five.new}


def test_pages_by_cost_meet_where_the_known_end(
    provider: Visitor, five: Five, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_table, "PAGE_SIZE", 2)
    for sort in ("cost", "-cost"):
        pages = [provider.read(f"/workspaces/?sort={sort}")]
        while after := [link for link in pages[-1].links() if "after=" in link]:
            pages.append(provider.read(after[0]))
        back = provider.read(next(link for link in pages[2].links() if "before=" in link))

        seen = [one for page in pages for one in shown(page)]
        assert sorted(seen) == sorted([*five.known, five.unpriced, five.new])
        assert [len(shown(page)) for page in pages] == [2, 2, 1]
        assert shown(back) == shown(pages[1])


def test_what_has_no_known_price_can_be_found(provider: Visitor, five: Five) -> None:
    page = provider.read("/workspaces/?cost=unpriced")

    assert shown(page) == [five.unpriced]
    assert "1 found" in page.text
    assert shown(provider.read("/workspaces/?cost=nonsense&sort=ordered"))[0] == five.billed


def test_what_is_stopped_for_a_week_and_still_paid_can_be_found(desk: Desk, sign_in: SignIn) -> None:
    stopped, running = desk.available(), desk.available(username="mina.park")
    desk.press(stopped, Action.STOP)
    desk.live_until(stopped, State.STOPPED)
    desk.clock.pause(timedelta(days=6).total_seconds())
    desk.session.commit()
    path = "/workspaces/?cost=stopped&sort=-cost"
    assert shown(Visitor(sign_in("provider@example.com")).read(path)) == []

    desk.clock.pause(timedelta(days=2).total_seconds())
    desk.session.commit()
    found = shown(Visitor(sign_in("provider@example.com")).read(path))

    assert (found, running in found) == ([stopped], False)


def test_what_cannot_be_used_and_is_still_paid_can_be_found(desk: Desk, provider: Visitor) -> None:
    broken, never_made = desk.available(), desk.order(username="mina.park")
    set_rows(
        desk.session,
        Workspace.id == broken,
        phase=Phase.STALLED,
        error_code="provisioning_timeout",
        error_at=desk.clock.now(),
    )
    set_rows(
        desk.session,
        Workspace.id == never_made,
        phase=Phase.CREATE_FAILED,
        error_code="user_not_found",
        error_at=desk.clock.now(),
    )
    desk.session.commit()

    assert shown(provider.read("/workspaces/?cost=failed")) == [broken]
    assert set(shown(provider.read("/workspaces/?state=trouble"))) == {broken, never_made}


def test_the_file_has_the_figure_its_currency_and_which_one_it_is(provider: Visitor, five: Five) -> None:
    answer = provider.get("/workspaces/desktops.csv?sort=cost")

    head, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert head[-3:] == ["Cost this month", "Currency", "The cost is"]
    assert [row[-3:] for row in rows[:3]] == [
        ["0.99", "EUR", "billed"],
        ["12.50", "USD", "billed"],
        ["13.00", "USD", "estimated"],
    ]
    assert sorted(row[-3:] for row in rows[3:]) == [["", "", "not yet"], ["", "", "unknown"]]


def test_a_press_for_all_that_match_means_those_of_the_filter(provider: Visitor, five: Five) -> None:
    page = provider.read("/workspaces/bulk/?action=terminate&all=1&cost=unpriced")

    assert "user.d" in page.text and "user.a" not in page.text


def test_a_poll_by_cost_is_at_most_five_queries_however_many_rows_there_are(
    desk: Desk, provider: Visitor, five: Five
) -> None:
    asked = []
    for _ in range(2):
        with counted_queries() as count:
            provider.get("/workspaces/rows?sort=-cost", headers=HTMX)
        asked.append(len(count))
        add_day(desk, desk.order(), estimated=500)
        desk.session.commit()

    assert asked[0] == asked[1] <= 5


def test_another_companys_costs_are_in_nobody_elses_table(rival: Visitor, five: Five) -> None:
    for query in ("sort=cost", "cost=unpriced", "cost=stopped", "cost=failed"):
        assert shown(rival.read(f"/workspaces/?{query}&ended=1")) == []
