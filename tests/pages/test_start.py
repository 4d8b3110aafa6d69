"""The provider's start page: what needs a decision comes first, then the numbers."""

from datetime import timedelta

import pytest

from sandbox.demo import DEMO_ACCESS_KEY_ID
from tests.cost_days import add_day, add_unpriced_day
from tests.desk import Desk
from tests.pages.conftest import SignIn
from tests.pages.counting import counted_queries
from tests.pages.reader import Reader, Visitor
from tests.rows import set_rows
from tests.windows import DAY, pass_time, set_window
from webapp.domain.costs.bills import Remainder
from webapp.domain.digests import Topic
from webapp.domain.lifecycle import Action, Phase, State
from webapp.models import User, Workspace
from webapp.queries import waste
from webapp.queries.digest import read_digest


def needs(page: Reader) -> set[str]:
    """The ids of the cards that ask for something."""
    return {str(one["id"]) for one in page.find("section") if str(one.get("id", "")).startswith("needs-")}


def test_when_nothing_needs_anybody_the_page_says_so_calmly(desk: Desk, provider: Visitor) -> None:
    desk.available()

    page = provider.read("/start/")

    assert "Nothing needs your attention." in page.text
    assert needs(page) == set()
    assert page.find("a", href="/workspaces/?state=AVAILABLE")


def test_a_new_company_reads_its_three_steps(provider: Visitor) -> None:
    assert "Three steps to your first desktop" in provider.read("/start/").text


def test_no_page_of_a_new_company_has_two_buttons_that_lead(rival: Visitor) -> None:
    for path in ("/start/", "/workspaces/", "/workspaces/new", "/cohorts/", "/jobs/", "/credentials/"):
        links = rival.read(path).find("a", **{"class": "button"})
        assert len([one for one in links if "data-tone" not in one]) == 1, path


def test_who_applied_and_who_waits_for_a_desktop_is_named(desk: Desk, provider: Visitor) -> None:
    waiting = desk.add_application(is_approved=False)
    approved = desk.add_application()
    desk.session.commit()

    page = provider.read("/start/")

    assert needs(page) == {"needs-decision", "needs-desktop"}
    assert page.by_id(f"approve-{waiting.id}")
    assert f"/workspaces/new?application={approved.id}" in page.links()


def test_approving_there_leads_straight_to_the_order(desk: Desk, provider: Visitor) -> None:
    waiting = desk.add_application(is_approved=False)
    desk.session.commit()

    answer = provider.post(f"/applications/{waiting.id}/approve", {"then": "order"})

    assert answer.location == f"/workspaces/new?application={waiting.id}"


def test_a_failed_desktop_is_listed_with_its_cause(desk: Desk, provider: Visitor) -> None:
    desk.refuse_users()
    workspace_id = desk.order()
    desk.live_until(workspace_id, State.ERROR)

    page = provider.read("/start/")

    assert needs(page) == {"needs-fixing"}
    assert "name in the directory was changed" in page.text
    assert f"/workspaces/{workspace_id}/" in page.links()


def test_a_desktop_that_takes_too_long_is_listed_before_it_fails(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.STOP)
    desk.clock.pause(20 * 60)

    page = provider.read("/start/")

    assert needs(page) == {"needs-fixing"}
    assert "Stopping for longer than usual." in page.text


def test_a_credential_that_does_not_work_is_in_front_of_the_numbers(desk: Desk, provider: Visitor) -> None:
    desk.sandbox.set_key(DEMO_ACCESS_KEY_ID, state="disabled")
    desk.order()
    desk.work()
    desk.session.commit()

    page = provider.read("/start/")

    assert "needs-credential" in needs(page)
    assert "On hold:" in page.text


def test_machines_with_our_mark_and_no_workspace_ask_for_a_decision(desk: Desk, provider: Visitor) -> None:
    desk.plant("somebody", claim=f"{desk.installation()}/{'0' * 32}/1")
    desk.live(3600)

    page = provider.read("/start/")

    assert "needs-orphan" in needs(page)
    assert "/orphans/" in page.links()


def test_what_belongs_to_another_company_is_not_counted(
    desk: Desk, provider: Visitor, rival: Visitor
) -> None:
    desk.add_application(is_approved=False)
    desk.order()
    desk.session.commit()

    page = rival.read("/start/")

    assert needs(page) == set()
    assert "Three steps to your first desktop" in page.text


def test_the_page_asks_the_same_number_of_questions_however_much_there_is(
    desk: Desk, provider: Visitor
) -> None:
    desk.available()
    for number in range(9):
        if number == 1:
            with counted_queries() as few:
                provider.get("/start/")
        desk.add_application(is_approved=False)
        desk.order()
    desk.session.commit()

    with counted_queries() as many:
        provider.get("/start/")

    assert len(many) == len(few) <= 13


def test_a_company_without_costs_reads_nothing_of_them(desk: Desk, provider: Visitor, rival: Visitor) -> None:
    workspace_id = desk.available()
    assert "Costs in" not in provider.read("/start/").text

    add_day(desk, workspace_id, estimated=700)
    desk.session.commit()

    assert "Costs in" not in rival.read("/start/").text
    assert "$7.00 estimated" in provider.read("/start/").text


def test_costs_are_shown_with_their_change_and_what_the_bill_has_and_no_record_explains(
    desk: Desk, provider: Visitor
) -> None:
    workspace_id, day = desk.order(), desk.clock.now().date() - timedelta(days=1)
    add_day(desk, workspace_id, estimated=2000, billed=1500)
    add_day(desk, Remainder.OTHER_MACHINES, billed=300)
    add_day(desk, workspace_id, billed=1000, day=day.replace(month=day.month - 1))
    add_unpriced_day(desk, workspace_id)
    desk.session.commit()

    page = provider.read("/start/")

    assert "$18.00 billed through" in page.text
    assert "80 % more than in the same days of the month before ($10.00)." in page.text
    assert "$20.00 estimated by list prices" in page.text
    assert "$3.00 billed" in page.text
    links = {"/costs/?order=billed", "/costs/?order=estimated", "/costs/unpriced", "/orphans/"}
    assert links <= set(page.links())


def test_what_is_paid_and_of_no_use_leads_to_its_rows(desk: Desk, sign_in: SignIn) -> None:
    stopped, broken = desk.available(username="sam.okafor"), desk.available(username="mina.park")
    desk.press(stopped, Action.STOP)
    desk.live_until(stopped, State.STOPPED)
    desk.clock.pause(timedelta(days=8).total_seconds())
    failure = {"error_code": "provisioning_timeout", "error_at": desk.clock.now()}
    set_rows(desk.session, Workspace.id == broken, phase=Phase.STALLED, **failure)
    desk.session.commit()
    add_day(desk, stopped, estimated=975)
    who = Visitor(sign_in("provider@example.com"))

    page = who.read("/start/")

    assert "1 desktop stopped for more than a week" in page.text and "$9.75 this month" in page.text
    assert "1 desktop that cannot be used" in page.text and "cost unknown" in page.text
    for kind, wanted in (("stopped", stopped), ("failed", broken)):
        [link] = [one for one in page.links() if f"cost={kind}" in one]
        assert f"/workspaces/{wanted}/" in who.read(link).links()


def test_of_many_that_are_paid_and_of_no_use_the_first_are_added_up(
    desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waste, "MOST_WASTED", 1)
    stopped = [desk.available(username=name) for name in ("sam.okafor", "mina.park", "ada.lund")]
    for row_id in stopped:
        desk.press(row_id, Action.STOP)
        desk.live_until(row_id, State.STOPPED)
    desk.clock.pause(timedelta(days=8).total_seconds())
    for row_id in stopped:
        add_day(desk, row_id, estimated=975)

    page = Visitor(sign_in("provider@example.com")).read("/start/")

    assert "1+ desktops stopped for more than a week" in page.text
    assert "at least $19.50 this month" in page.text


def test_costs_are_two_questions_more_however_many_desktops_there_are(desk: Desk, provider: Visitor) -> None:
    desktops = [desk.available(), *(desk.order() for _ in range(4))]
    with counted_queries() as without:
        provider.get("/start/")
    asked = []
    for one in desktops:
        add_day(desk, one, estimated=700)
        desk.session.commit()
        with counted_queries() as count:
            provider.get("/start/")
        asked.append(len(count))

    assert set(asked) == {len(without) + 1}


def test_the_overview_polls_only_while_something_moves_and_an_unchanged_one_is_empty(
    desk: Desk, provider: Visitor
) -> None:
    desk.order()
    first = provider.get("/start/overview", headers={"HX-Request": "true"})
    assert "every 10s" in first.text

    same = provider.get(
        "/start/overview", headers={"HX-Request": "true", "If-None-Match": first.headers["ETag"]}
    )

    assert (same.status_code, same.data) == (304, b"")


def test_whoever_has_left_waits_for_no_desktop(desk: Desk, sign_in: SignIn) -> None:
    workspace_id = desk.available()
    application_id = desk.row(workspace_id).application_id
    set_window(desk, application_id, ends=DAY)
    pass_time(desk, DAY)
    pass_time(desk, 8 * DAY)
    assert desk.row(workspace_id).state is State.TERMINATED
    desk.session.rollback()

    page = Visitor(sign_in("provider@example.com")).read("/start/").text
    with desk.sessions() as session:
        person = session.get_one(User, desk.provider.id)
        sections = read_digest(session, person, company_id=person.company_id or 0, now=desk.clock.now())

    assert "approved without a desktop" not in page
    assert Topic.UNSERVED not in [one.topic for one in sections]
