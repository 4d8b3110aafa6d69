"""“Create now” on the page of an order that waits for its contract, and by the API."""

from tests.desk import Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Visitor
from tests.windows import DAY, set_window


def in_time(desk: Desk) -> int:
    application_id = desk.add_application().id
    set_window(desk, application_id, starts=20 * DAY)
    desk.session.commit()
    workspace_id = desk.order(application_id=application_id, in_time=True)
    desk.live(60)
    return workspace_id


def test_an_order_that_waits_is_created_by_a_press_and_offers_it_no_longer(
    desk: Desk, provider: Visitor
) -> None:
    workspace_id = in_time(desk)
    page, press = f"/workspaces/{workspace_id}/", f"/workspaces/{workspace_id}/create-now"
    assert provider.read(page).find("form", action=press)

    assert provider.post(press, {}).status_code == 303
    assert provider.post(press, {}).status_code == 303  # a second press changes nothing

    assert desk.row(workspace_id).make_at == desk.clock.now()
    shown = provider.read(page)
    assert not shown.find("form", action=press) and "is created from" not in shown.text
    assert desk.story(workspace_id).count("create_now") == 1


def test_an_order_that_is_created_at_once_offers_no_such_press(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.order()

    press = f"/workspaces/{workspace_id}/create-now"

    assert not provider.read(f"/workspaces/{workspace_id}/").find("form", action=press)
    assert provider.post(press, {}).status_code == 409


def test_an_order_that_waits_is_no_trouble_and_no_page_says_that_it_is_slow(
    desk: Desk, provider: Visitor, seeker: Visitor, approved: int
) -> None:
    set_window(desk, approved, starts=20 * DAY)
    workspace_id = desk.order(application_id=approved, in_time=True)
    desk.live(300)
    desk.session.rollback()

    company = provider.read(f"/workspaces/{workspace_id}/").text
    person = seeker.read(f"/desktops/{workspace_id}/")
    card = seeker.read("/desktops/").text

    assert "This order has not been sent yet" not in company
    assert "Now: The order waits for its contract" in company
    assert "If it is not ready by" not in company
    for said in (person.text, card):
        assert "in time for the first day of your contract" in said
        assert "longer than usual" not in said and "come back in a few minutes" not in said
    assert not person.find("div", role="progressbar")


def test_an_order_that_nobody_sends_when_its_time_has_come_is_trouble(desk: Desk, sign_in: SignIn) -> None:
    workspace_id = in_time(desk)
    make_at = desk.row(workspace_id).make_at
    assert make_at is not None
    desk.clock.pause((make_at - desk.clock.now()).total_seconds() + 600)
    desk.session.rollback()

    provider = Visitor(sign_in("provider@example.com"))
    page = provider.read(f"/workspaces/{workspace_id}/").text
    assert "What is wrong" in page and "No problems found" not in page
