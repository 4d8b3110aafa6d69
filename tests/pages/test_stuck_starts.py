"""On the start page: whose desktop is not ready although the contract begins, and who has never connected."""

from datetime import timedelta

from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.test_connections import look, machine
from tests.pages.counting import counted_queries
from tests.pages.reader import Visitor
from tests.pages.test_connections import set_connection
from tests.pages.test_start import needs
from tests.windows import DAY, HOUR, have_window, set_window
from webapp.domain.starts_and_ends import NEVER_CONNECTED_AFTER

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
