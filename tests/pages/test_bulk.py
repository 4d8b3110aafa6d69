"""Many desktops at once: a count before, one press, and a result for each after."""

import pytest

from tests.desk import Desk
from tests.pages.counting import counted_queries
from tests.pages.reader import Reader, Visitor
from tests.windows import set_grace
from webapp.domain.lifecycle import Action, State


@pytest.fixture
def mixed(desk: Desk) -> list[int]:
    """Two that run, and one that is being made."""
    running = [desk.available(), desk.available()]
    made = desk.order()
    desk.session.commit()
    return [*running, made]


def chosen(ids: list[int]) -> str:
    return "&".join(f"id={one}" for one in ids)


def test_the_count_stands_there_before_anything_happens(
    desk: Desk, provider: Visitor, mixed: list[int]
) -> None:
    page = provider.read(f"/workspaces/bulk/?action=stop&{chosen(mixed)}")

    assert "2 of 3 can be stopped." in page.text
    assert "The desktop is not ready yet." in page.text
    assert page.headings == ["Stop 2 desktops?"]
    assert desk.row(mixed[0]).state is State.AVAILABLE


def test_each_is_pressed_and_the_answer_reports_each(desk: Desk, provider: Visitor, mixed: list[int]) -> None:
    answer = provider.post("/workspaces/bulk/", {"action": "stop", "id": mixed})

    page = Reader(answer.text)
    assert page.headings == ["Stop: 2 of 3 done"]
    assert page.text.count("Not done") == 1
    assert [desk.row(one).requested_action for one in mixed] == [Action.STOP, Action.STOP, None]


def test_sent_twice_it_is_done_once(desk: Desk, provider: Visitor, mixed: list[int]) -> None:
    provider.post("/workspaces/bulk/", {"action": "stop", "id": mixed})

    again = provider.post("/workspaces/bulk/", {"action": "stop", "id": mixed})

    assert "It is already stopping." in again.text
    assert desk.story(mixed[0]).count("stop_requested") == 1


def test_all_that_match_the_filter_are_chosen_without_ticking(provider: Visitor, mixed: list[int]) -> None:
    page = provider.read("/workspaces/bulk/?action=restart&all=1&state=AVAILABLE")

    assert "2 of 2 can be restarted." in page.text


def test_ending_many_asks_for_their_number(desk: Desk, provider: Visitor, mixed: list[int]) -> None:
    form = {"action": "terminate", "id": mixed[:2]}
    desk.prove_everybody()

    wrong = provider.post("/workspaces/bulk/", {**form, "confirm": "3"})
    states = [desk.row(one).state for one in mixed[:2]]
    right = provider.post("/workspaces/bulk/", {**form, "confirm": "2"})

    assert wrong.status_code == 422
    assert Reader(wrong.text).error_of("confirm")
    assert "permanently deletes every file on them" in Reader(wrong.text).text
    assert states == [State.AVAILABLE] * 2
    assert right.status_code == 200
    assert [desk.row(one).state for one in mixed[:2]] == [State.TERMINATING] * 2


def test_nothing_chosen_and_nothing_known_are_answered_kindly(provider: Visitor) -> None:
    assert "No desktop selected" in provider.read("/workspaces/bulk/?action=stop").text
    assert "No desktop selected" in provider.read("/workspaces/bulk/?action=stop&id=x&id=999").text
    provider.read("/workspaces/bulk/?action=rebuild&id=1", status=404)
    assert provider.post("/workspaces/bulk/", {"action": "nonsense"}).status_code == 404


def test_another_companys_desktops_are_not_reached(desk: Desk, rival: Visitor, mixed: list[int]) -> None:
    assert "No desktop selected" in rival.read(f"/workspaces/bulk/?action=stop&{chosen(mixed)}").text

    rival.post("/workspaces/bulk/", {"action": "stop", "id": mixed})

    assert desk.row(mixed[0]).state is State.AVAILABLE


def test_the_count_is_a_constant_number_of_questions(desk: Desk, provider: Visitor, mixed: list[int]) -> None:
    with counted_queries() as few:
        provider.get(f"/workspaces/bulk/?action=stop&{chosen(mixed[:1])}")
    with counted_queries() as many:
        provider.get(f"/workspaces/bulk/?action=stop&{chosen(mixed)}")

    assert len(many) == len(few) <= 3


def test_ending_many_asks_for_a_fresh_proof_and_stopping_many_does_not(
    desk: Desk, provider: Visitor, mixed: list[int]
) -> None:
    asked = provider.get("/workspaces/bulk/?action=terminate&id=1")
    posted = provider.post("/workspaces/bulk/", {"action": "terminate", "id": mixed[:2], "confirm": "2"})
    stopped = provider.get("/workspaces/bulk/?action=stop&id=1")

    assert (asked.status_code, posted.status_code, stopped.status_code) == (303, 303, 200)
    assert str(asked.location).startswith("/account/prove/")
    assert [desk.row(one).state for one in mixed[:2]] == [State.AVAILABLE] * 2


def test_a_wrong_number_is_answered_with_the_number_that_is_right_by_now(
    desk: Desk, provider: Visitor, mixed: list[int]
) -> None:
    """One of them was terminated in another tab meanwhile: the page asks for one number, not for two."""
    desk.prove_everybody()
    desk.press(mixed[0], Action.TERMINATE)

    form = {"action": "terminate", "id": mixed[:2], "confirm": "3"}
    page = Reader(provider.post("/workspaces/bulk/", form).text)

    assert "Type “1” to confirm." in page.text and "Type 1 to confirm." in page.text
    assert "Type 2 to confirm." not in page.text


def test_stopping_many_offers_no_undo_of_what_somebody_else_terminated(
    desk: Desk, provider: Visitor, mixed: list[int]
) -> None:
    set_grace(desk)
    desk.press(mixed[0], Action.TERMINATE)
    desk.session.commit()

    answer = provider.post("/workspaces/bulk/", {"action": "stop", "id": mixed})

    assert "Stop: 1 of 3 done" in answer.text and "Undo" not in answer.text
