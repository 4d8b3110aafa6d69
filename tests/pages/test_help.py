"""A seeker cannot work: the page says what helps on this device, and one press notifies the company."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.desk import Desk
from tests.pages.counting import counted_queries
from tests.pages.reader import Visitor
from webapp.domain.lifecycle import Action, State
from webapp.models import Workspace

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"
IPAD = "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0"


@pytest.fixture
def own(desk: Desk, provider: Visitor, seeker: Visitor) -> int:
    """A usable desktop of the seeker."""
    seeker.post("/board/1/apply", {"message": ""})
    provider.post("/applications/1/approve")
    return desk.available(application_id=1, username="sam.okafor")


def test_the_steps_for_the_device_at_hand_stand_on_top(seeker: Visitor, own: int) -> None:
    texts = {
        agent: seeker.get(f"/desktops/{own}/", headers={"User-Agent": agent}).text
        for agent in (IPHONE, IPAD, WINDOWS, "curl/8")
    }

    assert "Your device: iPhone." in texts[IPHONE]
    assert "Amazon has no WorkSpaces app for iPhone." in texts[IPHONE]
    assert "On a computer or tablet, step by step" in texts[IPHONE]
    assert "On a computer or tablet, step by step" not in texts[IPAD] + texts[WINDOWS]
    assert "Your device: iPad." in texts[IPAD]
    assert "Your device: Windows." in texts[WINDOWS]
    assert "Your device:" not in texts["curl/8"]
    for agent, has_app in ((IPHONE, False), (IPAD, True), ("curl/8", True)):
        assert ("open-client" in texts[agent]) is has_app, agent


def test_help_is_offered_once_there_was_something_to_connect_to(
    desk: Desk, provider: Visitor, seeker: Visitor
) -> None:
    seeker.post("/board/1/apply", {"message": ""})
    provider.post("/applications/1/approve")
    workspace_id = desk.order(application_id=1)
    desk.session.commit()

    early = seeker.read(f"/desktops/{workspace_id}/").text, provider.read(f"/workspaces/{workspace_id}/").text
    desk.live_until(workspace_id, State.AVAILABLE)
    late = seeker.read(f"/desktops/{workspace_id}/").text, provider.read(f"/workspaces/{workspace_id}/").text

    assert "Still stuck?" not in early[0] and "Still stuck?" in late[0]
    assert "tried and cannot connect" not in early[1] and "tried and cannot connect" in late[1]


def test_an_ended_desktop_leaves_the_list_of_its_person(desk: Desk, seeker: Visitor, own: int) -> None:
    assert f"desktop-{own}" in [one.get("id") for one in seeker.read("/desktops/").find("article")]

    desk.press(own, Action.TERMINATE)
    desk.live_until(own, State.TERMINATED)

    assert "No desktop yet" in seeker.read("/desktops/").text
    assert seeker.read(f"/desktops/{own}/")


def test_one_press_notifies_the_company_and_the_same_press_again_is_one_call(
    desk: Desk, provider: Visitor, seeker: Visitor, own: int
) -> None:
    first = seeker.post(f"/desktops/{own}/help", {"note": "It stays <b>black</b>."})
    seeker.post(f"/desktops/{own}/help", {"note": "It is still black."})

    assert first.location == f"/desktops/{own}/#trouble"
    assert "We notified Quayside" in seeker.read(f"/desktops/{own}/").text
    assert "1 person can’t connect" in provider.read("/start/").text
    assert "It is still black." in provider.read(f"/workspaces/{own}/").text
    assert desk.story(own).count("help_asked") == 1


def test_the_company_marks_the_call_as_resolved_and_the_next_one_is_new(
    desk: Desk, provider: Visitor, rival: Visitor, seeker: Visitor, own: int
) -> None:
    seeker.post(f"/desktops/{own}/help")
    assert rival.post("/help/1/answered").status_code == 404

    answers = [provider.post("/help/1/answered").location for _ in range(2)]

    assert answers == [f"/workspaces/{own}/"] * 2
    assert "can’t connect" not in provider.read("/start/").text
    assert "We notified Quayside" not in seeker.read(f"/desktops/{own}/").text
    seeker.post(f"/desktops/{own}/help")
    assert desk.story(own)[-3:] == ["help_asked", "help_answered", "help_asked"]


def test_nobody_calls_for_help_about_somebody_elses_desktop(desk: Desk, seeker: Visitor) -> None:
    workspace_id = desk.available()

    assert seeker.post(f"/desktops/{workspace_id}/help").status_code == 404


def test_words_that_are_too_long_come_back_and_nothing_is_sent(desk: Desk, seeker: Visitor, own: int) -> None:
    answer = seeker.post(f"/desktops/{own}/help", {"note": "x" * 501})

    assert answer.status_code == 422
    assert "x" * 501 in answer.text
    assert "help_asked" not in desk.story(own)


def test_the_waiting_time_is_an_honest_one(desk: Desk, provider: Visitor, seeker: Visitor) -> None:
    for _ in range(3):
        made = desk.available()
        with desk.sessions.begin() as session:
            row = session.get_one(Workspace, made)
            late = row.created_at + timedelta(minutes=20)
            session.execute(update(Workspace).where(Workspace.id == made).values(available_at=late))
    seeker.post("/board/1/apply", {"message": ""})
    number = desk.add_application().id - 1
    provider.post(f"/applications/{number}/approve")
    workspace_id = desk.order(application_id=number)
    desk.live(180)
    desk.session.commit()

    text = seeker.read(f"/desktops/{workspace_id}/").text

    assert "It was ordered 3 min ago. A desktop like this is usually ready in 20 min" in text


def test_the_page_asks_a_constant_number_of_questions(desk: Desk, seeker: Visitor, own: int) -> None:
    with counted_queries() as before:
        seeker.get(f"/desktops/{own}/")
    desk.press(own, Action.STOP)
    desk.live_until(own, State.STOPPED)
    seeker.post(f"/desktops/{own}/help")
    with counted_queries() as after:
        seeker.get(f"/desktops/{own}/")

    # One is the trail’s line of who saw how to connect, one what is recorded about the person.
    assert len(after) <= len(before) <= 11
