"""The pages about one workspace: how long it will take, what happened and how long that took, its figures."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.desk import Desk
from tests.pages.counting import counted_queries
from tests.pages.reader import Visitor
from webapp.domain.lifecycle import Action, State
from webapp.models import Workspace

HTMX = {"HX-Request": "true"}


@pytest.fixture
def history(desk: Desk) -> list[int]:
    """Three desktops that were ready 10, 20 and 30 minutes after their order."""
    made = [desk.available() for _ in range(3)]
    with desk.sessions.begin() as session:
        for place, workspace_id in enumerate(made, 1):
            row = session.get_one(Workspace, workspace_id)
            session.execute(
                update(Workspace)
                .where(Workspace.id == workspace_id)
                .values(available_at=row.created_at + timedelta(minutes=10 * place))
            )
    return made


def test_a_new_desktop_is_measured_against_earlier_ones_and_no_percentage_is_made_up(
    desk: Desk, provider: Visitor, history: list[int]
) -> None:
    workspace_id = desk.order()
    desk.session.commit()
    texts = []
    for minutes in (5, 16, 10):
        desk.clock.pause(minutes * 60)
        texts.append(provider.read(f"/workspaces/{workspace_id}/").text)

    on_time, any_moment, slow = texts
    assert (
        "Of the last 3 desktops like this one, half were ready within 20 min and all within 30 min."
        in on_time
    )
    assert "On schedule." in on_time
    assert "It should be ready any moment now." in any_moment
    assert "This is slower than usual." in slow
    assert "%" not in on_time


def test_what_an_order_waited_for_before_its_create_says_nothing_about_the_next_one(
    desk: Desk, provider: Visitor, history: list[int]
) -> None:
    with desk.sessions.begin() as session:
        for workspace_id in history:
            row = session.get_one(Workspace, workspace_id)
            assert row.issued_at is not None
            row.created_at = row.issued_at - timedelta(days=3)  # its key was missing
    workspace_id = desk.order()
    desk.session.commit()

    page = provider.read(f"/workspaces/{workspace_id}/").text

    assert "half were ready within 20 min and all within 30 min." in page
    assert "half of them took 20 min or less to create." in provider.read("/start/").text
    assert "This desktop took 3 d" in provider.read(f"/workspaces/{history[0]}/metrics").text


def test_an_order_that_waited_for_its_key_is_not_slow_when_it_is_created(
    desk: Desk, provider: Visitor, history: list[int]
) -> None:
    workspace_id = desk.order()
    desk.sweep()
    with desk.sessions.begin() as session:
        row = session.get_one(Workspace, workspace_id)
        row.created_at -= timedelta(days=3)
        row.issued_at = desk.clock.now() - timedelta(minutes=5)

    assert "On schedule." in provider.read(f"/workspaces/{workspace_id}/").text


def test_without_a_history_the_page_says_only_what_is_known(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.order()
    desk.session.commit()

    text = provider.read(f"/workspaces/{workspace_id}/").text

    assert "desktops like this one" not in text
    assert "If it is not ready by" in text


def test_another_companys_desktops_are_no_history(desk: Desk, rival: Visitor, history: list[int]) -> None:
    assert rival.get(f"/workspaces/{history[0]}/metrics").status_code == 404
    assert rival.get(f"/workspaces/{history[0]}/log").status_code == 404


def test_the_timeline_shows_who_did_it_and_how_long_after_the_step_before(
    desk: Desk, provider: Visitor
) -> None:
    workspace_id = desk.order()
    desk.clock.pause(120)
    desk.live_until(workspace_id, State.AVAILABLE)
    page = provider.read(f"/workspaces/{workspace_id}/")

    assert "2 min after the previous step" in page.text
    assert desk.provider.email in page.text
    assert "Setting up → Available" in page.text
    assert "Amazon WorkSpaces" in page.text


def test_the_log_is_filtered_by_level_and_the_filter_is_in_the_address(desk: Desk, provider: Visitor) -> None:
    desk.refuse_users()
    workspace_id = desk.order()
    desk.live_until(workspace_id, State.ERROR)

    errors = provider.read(f"/workspaces/{workspace_id}/log?level=error")
    everything = provider.read(f"/workspaces/{workspace_id}/log")

    assert errors.find("a", aria_current="true", href=f"/workspaces/{workspace_id}/log?level=error")
    assert "Ordered “" not in errors.text
    assert "Ordered “" in everything.text
    assert "No matching lines" in provider.read(f"/workspaces/{workspace_id}/log?level=warning").text


def test_the_figures_are_charts_and_words(desk: Desk, provider: Visitor, history: list[int]) -> None:
    desk.press(history[0], Action.STOP)
    desk.live_until(history[0], State.STOPPED)

    page = provider.read(f"/workspaces/{history[0]}/metrics")

    assert "This desktop took 10 min" in page.text
    assert "Stopped" in page.text
    dots = [one.get("class") for _, one in page.elements if str(one.get("class")).startswith("chart-")]
    assert (dots.count("chart-dot"), dots.count("chart-own")) == (2, 1)
    assert not [one for _, one in page.elements if "style" in one]


def test_the_page_asks_a_constant_number_of_questions(
    desk: Desk, provider: Visitor, history: list[int]
) -> None:
    workspace_id = desk.order()
    desk.session.commit()
    with counted_queries() as begun:
        provider.get(f"/workspaces/{workspace_id}/status", headers=HTMX)
    desk.live_until(workspace_id, State.AVAILABLE)
    with counted_queries() as later:
        provider.get(f"/workspaces/{workspace_id}/status", headers=HTMX)

    # One more for its price, once the cloud has said what it is; two for the trail's line of who sees it.
    assert len(later) <= len(begun) + 3 <= 15
