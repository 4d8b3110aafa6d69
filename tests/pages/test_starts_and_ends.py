"""“Starts and ends”: this week and next by day, with what is wrong, in the zone of the reader."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.test_connections import look
from tests.pages.counting import counted_queries
from tests.pages.reader import Reader, Visitor
from tests.pages.test_posting_limit import Split, recruiter, split
from tests.windows import DAY, HOUR, set_exactly, set_window
from webapp.domain.roles import ApplicationStatus
from webapp.domain.starts_and_ends import Week, today
from webapp.domain.windows import Window
from webapp.models import Application, User
from webapp.queries.starts_and_ends import list_turns

__all__ = ["recruiter", "split"]


def turns(page: Reader) -> list[str]:
    return [str(one["data-turn"]) for one in page.find("li") if "data-turn" in one]


def monday(desk: Desk) -> datetime:
    return Week.of(today(desk.clock.now(), "UTC")).begins_at("UTC")


def hired(desk: Desk, window: Window) -> int:
    """A desktop that is made before its contract begins."""
    application_id = desk.add_application().id
    set_exactly(desk, application_id, window)
    workspace_id = desk.order(application_id=application_id)
    desk.live(HOUR.total_seconds() / 2)
    return workspace_id


def test_without_contracts_the_page_says_where_dates_come_from(desk: Desk, provider: Visitor) -> None:
    desk.available()

    page = provider.read("/schedule/")

    assert page.text.count("Nobody starts or ends.") == 2
    assert "Dates come from contracts" in page.text


def test_who_starts_and_who_ends_stands_on_its_day_with_a_link_to_the_desktop(
    desk: Desk, provider: Visitor
) -> None:
    begins = monday(desk) + timedelta(days=7, hours=9)
    workspace_id = hired(desk, Window(begins, begins + timedelta(days=6, hours=15), "UTC"))
    desk.session.commit()

    page = provider.read("/schedule/")

    assert turns(page) == ["starts", "ends"]
    assert f"{begins:Monday, %-d %B}" in page.text and "Starts at 09:00" in page.text
    assert f"{begins + timedelta(days=6):Sunday, %-d %B}" in page.text  # midnight after it
    assert "Ends at the end of the day" in page.text
    assert page.links().count(f"/workspaces/{workspace_id}/") == 2
    assert "Nobody starts or ends." in page.text  # this week


def test_a_reader_elsewhere_sees_the_day_of_their_own_zone(desk: Desk, provider: Visitor) -> None:
    late = monday(desk) + timedelta(days=8, hours=23, minutes=30)
    hired(desk, Window(late, None, "UTC"))
    desk.session.execute(update(User).where(User.id == desk.provider.id).values(time_zone="Asia/Tokyo"))
    desk.session.commit()

    text = provider.read("/schedule/").text

    assert f"{late + DAY:Wednesday, %-d %B}" in text and "Starts at 08:30" in text
    assert "those of Asia/Tokyo" in text


def test_other_weeks_are_a_press_away_and_nonsense_is_this_week(desk: Desk, provider: Visitor) -> None:
    begins = monday(desk) + timedelta(days=22)
    hired(desk, Window(begins, None, "UTC"))
    desk.session.commit()
    page = provider.read("/schedule/")
    assert turns(page) == []

    for _ in range(2):
        page = provider.read(str(page.by_id("week-after")["href"]))

    assert turns(page) == ["starts"]
    for nonsense in ("yesterday", "0001-01-01", "9999-12-31", "2026-W01-9"):
        assert "This week" in provider.read(f"/schedule/?week={nonsense}").text


@both_databases
def test_what_is_wrong_is_said(desk: Desk, provider: Visitor) -> None:
    desk.sandbox.set_now(desk.clock.now().timestamp())
    unserved, ordered = desk.add_application().id, desk.row(desk.order()).application_id
    with desk.sessions.begin() as session:
        for application_id in (unserved, ordered):
            session.execute(
                update(Application)
                .where(Application.id == application_id)
                .values(starts_at=desk.clock.now(), ends_at=desk.clock.now() + DAY)
            )

    text = provider.read("/schedule/").text

    assert "No desktop ordered" in text and "Desktop not ready" in text and "Not extended" in text


def test_who_has_not_connected_two_days_after_the_start_is_named(desk: Desk, provider: Visitor) -> None:
    desk.sandbox.set_now(desk.clock.now().timestamp())
    workspace_id = desk.available()
    application_id = desk.row(workspace_id).application_id
    look(desk)
    week = Week.of(today(desk.clock.now() - 3 * DAY, "UTC")).monday.isoformat()
    for days, is_named in ((2, True), (1, False)):
        begins = desk.clock.now() - days * DAY
        set_exactly(desk, application_id, Window(begins, None, "UTC"))
        desk.session.commit()
        assert ("Never connected" in provider.read(f"/schedule/?week={week}").text) is is_named


def test_who_asks_for_more_time_is_named_at_the_end(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    application_id = desk.row(workspace_id).application_id
    set_window(desk, application_id, ends=HOUR)
    with desk.sessions.begin() as session:
        asked = update(Application).where(Application.id == application_id)
        session.execute(asked.values(extension_asked_at=desk.clock.now()))

    assert "Asks for more time" in provider.read("/schedule/").text


def test_rejected_people_and_other_companies_are_not_in_it(
    desk: Desk, provider: Visitor, rival: Visitor
) -> None:
    workspace_id = desk.available()
    set_window(desk, desk.row(workspace_id).application_id, ends=HOUR)
    rejected = desk.add_application().id
    with desk.sessions.begin() as session:
        row = session.get_one(Application, rejected)
        row.status, row.ends_at = ApplicationStatus.REJECTED, desk.clock.now()

    assert turns(provider.read("/schedule/")) == ["ends"]
    assert turns(rival.read("/schedule/")) == []


def test_a_limited_recruiter_sees_the_own_postings_alone(
    desk: Desk, split: Split, recruiter: Visitor
) -> None:
    for application_id in (split.own_application, split.other_application):
        set_window(desk, application_id, ends=HOUR)
    desk.session.commit()

    page = recruiter.read("/schedule/")

    assert turns(page) == ["ends"]
    assert f"/workspaces/{split.own_workspace}/" in page.links()
    assert "/schedule/" in recruiter.read("/workspaces/").links()


@pytest.mark.parametrize("size", [1, 4])
def test_more_people_ask_no_more_questions(desk: Desk, size: int) -> None:
    desk.sandbox.set_now(desk.clock.now().timestamp())
    for _ in range(size):
        now = desk.clock.now()
        hired(desk, Window(now + 5 * HOUR, now + DAY, "UTC"))
    look(desk)
    with desk.sessions() as session, counted_queries() as asked:
        since = desk.clock.now() - DAY
        found = list_turns(
            session, company_id=desk.provider.company_id or 0, since=since, until=since + 7 * DAY
        )

    assert (len(found.entries), len(asked)) == (2 * size, 3)
