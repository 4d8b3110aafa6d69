"""The page of a desktop's costs: estimated and billed side by side, each said to be what it is."""

from datetime import timedelta

from sandbox import demo
from tests.desk import Desk
from tests.engine.test_costs import to_the_middle_of_a_month
from tests.pages.conftest import SignIn
from tests.pages.counting import counted_queries
from tests.pages.reader import Visitor
from webapp.domain.lifecycle import Action, State
from webapp.models import ListPrice


def later(desk: Desk, hours: float) -> None:
    desk.clock.pause(hours * 3600)
    desk.sweep()
    desk.sandbox.set_now(desk.clock.now().timestamp())


def page_of(desk: Desk, sign_in: SignIn, workspace_id: int) -> str:
    """As somebody sees it who signs in now: time has passed."""
    desk.session.commit()
    return Visitor(sign_in("provider@example.com")).read(f"/workspaces/{workspace_id}/costs").text


def test_before_it_has_run_nothing_is_made_up(desk: Desk, sign_in: SignIn) -> None:
    text = page_of(desk, sign_in, desk.order())

    assert "Nothing yet: the desktop has not run this month." in text
    assert "$" not in text


def test_estimate_and_bill_stand_side_by_side_and_are_never_added(desk: Desk, sign_in: SignIn) -> None:
    desk.sandbox.set_now(desk.clock.now().timestamp())
    workspace_id = desk.available()
    for _ in range(2):
        later(desk, 25)

    text = page_of(desk, sign_in, workspace_id)

    assert "so far this month." in text
    assert "by the end of the month, if it is used as in the last seven days." in text
    assert "provisional" in text
    assert text.count("$") == 3


def test_a_price_that_is_not_known_is_said(desk: Desk, sign_in: SignIn) -> None:
    workspace_id = desk.available()
    with desk.sessions.begin() as session:
        session.query(ListPrice).delete()

    text = page_of(desk, sign_in, workspace_id)

    assert "Unknown: Berth knows no price for this desktop." in text
    assert "$0" not in text


def test_a_right_that_is_missing_is_said(desk: Desk, sign_in: SignIn) -> None:
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["ce:*"])
    workspace_id = desk.available()
    later(desk, 25)

    text = page_of(desk, sign_in, workspace_id)

    assert "lacks a permission that Berth needs." in text
    assert "Until then costs are estimated." in text


def test_a_desktop_that_runs_long_is_advised_to_be_always_on(desk: Desk, sign_in: SignIn) -> None:
    now = desk.clock.now()
    begin = (now.replace(day=1) + timedelta(days=40)).replace(day=5)
    desk.clock.pause((begin - now).total_seconds())
    desk.sandbox.set_now(begin.timestamp())
    workspace_id = desk.available()
    assert "Advice" not in page_of(desk, sign_in, workspace_id)
    desk.session.rollback()
    later(desk, 100)
    desk.session.commit()

    page = Visitor(sign_in("provider@example.com")).read(f"/workspaces/{workspace_id}/costs")
    text = page.text

    assert "It ran 100 hours this month. Above 76 hours a month always-on is cheaper:" in text
    assert "it would save at least $" in text
    assert f"/workspaces/{workspace_id}/size" in page.links()
    assert "cloud’s console" not in text


def test_a_desktop_that_is_stopped_for_a_week_can_be_terminated_there(desk: Desk, sign_in: SignIn) -> None:
    to_the_middle_of_a_month(desk)
    workspace_id = desk.available()
    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)
    desk.clock.pause(8 * 24 * 3600)
    desk.session.commit()

    page = Visitor(sign_in("provider@example.com")).read(f"/workspaces/{workspace_id}/costs")

    assert "If nobody needs it, terminating it saves that." in page.text
    assert f"/workspaces/{workspace_id}/terminate" in page.links()


def test_another_companys_costs_are_not_there(desk: Desk, rival: Visitor) -> None:
    workspace_id = desk.available()
    desk.session.commit()

    assert rival.get(f"/workspaces/{workspace_id}/costs").status_code == 404


def test_the_page_asks_a_constant_number_of_questions(desk: Desk, sign_in: SignIn) -> None:
    workspace_id = desk.available()
    counts = []
    for hours in (1, 25, 25):
        later(desk, hours)
        visitor = Visitor(sign_in("provider@example.com"))
        with counted_queries() as asked:
            visitor.get(f"/workspaces/{workspace_id}/costs")
        counts.append(len(asked))

    assert max(counts) == counts[0] <= 16
