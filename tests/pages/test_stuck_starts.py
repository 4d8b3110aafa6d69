"""On the start page: not ready although the contract begins, never connected, and contracts that end soon."""

from datetime import timedelta

from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.test_connections import look, machine
from tests.pages.counting import counted_queries
from tests.pages.reader import Visitor
from tests.pages.test_connections import set_connection
from tests.pages.test_start import needs
from tests.windows import DAY, HOUR, have_window, set_grace, set_window
from webapp.domain.lifecycle import Action
from webapp.domain.starts_and_ends import ENDS_SOON, NEVER_CONNECTED_AFTER
from webapp.models import Application

CALM = "Nothing needs your attention."


def nobody_came(desk: Desk, workspace_id: int, *, for_: timedelta) -> None:
    set_connection(desk, workspace_id, quiet_since=desk.clock.now() - for_)
    desk.session.rollback()


def test_an_order_that_is_not_ready_a_day_before_the_start_is_named(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.order()
    application_id = desk.row(workspace_id).application_id
    set_window(desk, application_id, starts=DAY + HOUR)
    desk.session.commit()
    assert needs(provider.read("/start/")) == set()

    set_window(desk, application_id, starts=DAY)
    desk.session.commit()

    page = provider.read("/start/")
    assert needs(page) == {"needs-start"}
    assert f"/workspaces/{workspace_id}/" in page.links() and "/schedule/" in page.links()
    assert CALM not in page.text


@both_databases
def test_who_has_not_connected_for_two_days_is_named_until_the_first_connection(
    desk: Desk, provider: Visitor
) -> None:
    desk.sandbox.set_now(desk.clock.now().timestamp())
    workspace_id = desk.available()
    look(desk)
    assert needs(provider.read("/start/")) == set()

    nobody_came(desk, workspace_id, for_=NEVER_CONNECTED_AFTER)
    page = provider.read("/start/")
    assert needs(page) == {"needs-connection"}
    assert "1 person has never connected" in page.text
    assert f"/workspaces/{workspace_id}/" in page.links()

    desk.stage.connect(machine(desk, workspace_id), "")
    look(desk)
    desk.session.rollback()
    assert needs(provider.read("/start/")) == set()


def test_nobody_is_missed_before_two_days_of_their_contract_nor_after_its_end(
    desk: Desk, provider: Visitor
) -> None:
    desk.sandbox.set_now(desk.clock.now().timestamp())
    workspace_id = desk.available()
    application_id = desk.row(workspace_id).application_id
    look(desk)
    nobody_came(desk, workspace_id, for_=2 * NEVER_CONNECTED_AFTER)

    for window, is_named in (
        ({"starts": -NEVER_CONNECTED_AFTER}, True),
        ({"starts": HOUR - NEVER_CONNECTED_AFTER}, False),
        ({"starts": -NEVER_CONNECTED_AFTER, "ends": HOUR}, True),
        ({"starts": -NEVER_CONNECTED_AFTER, "ends": -HOUR}, False),
    ):
        have_window(desk, application_id, **window)
        assert ("needs-connection" in needs(provider.read("/start/"))) is is_named, window


def test_of_many_the_first_few_are_shown_and_no_more_is_asked(desk: Desk, provider: Visitor) -> None:
    desk.sandbox.set_now(desk.clock.now().timestamp())
    first = desk.available()
    look(desk)
    nobody_came(desk, first, for_=NEVER_CONNECTED_AFTER)
    with counted_queries() as few:
        provider.read("/start/")
    others = [desk.available() for _ in range(5)]
    look(desk)
    for one in others:
        nobody_came(desk, one, for_=NEVER_CONNECTED_AFTER)

    with counted_queries() as many:
        page = provider.read("/start/")

    assert "6 people have never connected" in page.text
    assert page.links().count("/workspaces/?connected=never") == 1
    assert len(many) == len(few)


@both_databases
def test_a_contract_is_named_from_a_week_before_its_end_until_it_is_over(
    desk: Desk, provider: Visitor
) -> None:
    workspace_id = desk.available()
    application_id = desk.row(workspace_id).application_id

    for window, is_named in (
        ({"ends": ENDS_SOON + HOUR}, False),
        ({"ends": ENDS_SOON}, True),
        ({"ends": HOUR}, True),
        ({"ends": -HOUR}, False),
    ):
        have_window(desk, application_id, **window)
        assert ("needs-end" in needs(provider.read("/start/"))) is is_named, window


def test_of_a_contract_that_ends_the_page_says_who_asks_for_more_time_and_leads_to_it(
    desk: Desk, provider: Visitor
) -> None:
    workspace_id = desk.available()
    application_id = desk.row(workspace_id).application_id
    have_window(desk, application_id, ends=DAY)
    assert "asks for more time" not in provider.read("/start/").text

    with desk.sessions.begin() as session:
        session.get_one(Application, application_id).extension_asked_at = desk.clock.now()

    page = provider.read("/start/")
    assert "1 contract ends within 7 days" in page.text and "asks for more time" in page.text
    assert {f"/contracts/{application_id}/", f"/workspaces/{workspace_id}/"} <= set(page.links())


def test_a_desktop_that_somebody_ends_anyway_needs_nobody_before_its_contract_ends(
    desk: Desk, provider: Visitor
) -> None:
    set_grace(desk)
    workspace_id = desk.available()
    have_window(desk, desk.row(workspace_id).application_id, ends=DAY)
    assert "needs-end" in needs(provider.read("/start/"))

    desk.press(workspace_id, Action.TERMINATE)

    assert "needs-end" not in needs(provider.read("/start/"))
