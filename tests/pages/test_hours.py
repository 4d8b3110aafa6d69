"""Working hours on the pages: typed for a contract, shown to both sides, and two more hours in one press."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.desk import Desk
from tests.engine.hours.story import by_hours, give_hours, is_off, is_on, office_hours, sleep_until
from tests.pages.conftest import SignIn
from tests.pages.reader import Visitor
from tests.rows import set_rows
from tests.windows import set_grace, set_window
from webapp.domain.hours.duty import Hibernation
from webapp.domain.hours.week import Hours
from webapp.domain.lifecycle import Action, CloudState
from webapp.models import Application, Workspace

TYPED: dict[str, object] = {
    "zone": "Europe/Berlin",
    "workdays": "9–17:30",
    "friday": "9–12, 13–15",
    "holidays": "DE-BY",
}
SHOWN = "Mon–Thu 9:00–17:30, Fri 9:00–12:00, 13:00–15:00 Europe/Berlin"


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


@pytest.fixture
def at_work(desk: Desk, seeker: Visitor, hired: int) -> int:
    """The desktop of the first seeker, with office hours; it is Tuesday, some time before noon."""
    give_hours(desk, hired, office_hours())
    desk.live(300)
    desk.session.commit()
    return hired


def hours_of(desk: Desk, application_id: int) -> Hours | None:
    with desk.sessions() as session:
        return session.get_one(Application, application_id).hours


def test_hours_are_typed_once_for_all_workdays_and_shown_again(desk: Desk, provider: Visitor) -> None:
    application_id = desk.add_application().id
    desk.session.commit()

    answer = provider.post(f"/contracts/{application_id}/", TYPED)

    assert answer.status_code == 303
    hours = hours_of(desk, application_id)
    assert hours is not None and (hours.holidays, hours.idle_min) == ("DE-BY", 15)
    page = provider.get(f"/contracts/{application_id}/").text
    assert 'value="9:00–17:30"' in page and 'value="9:00–12:00, 13:00–15:00"' in page
    provider.post(f"/contracts/{application_id}/", {"zone": "Europe/Berlin", "workdays": "", "friday": ""})
    assert hours_of(desk, application_id) is None


def test_hours_in_another_zone_than_the_contracts_stay_in_it(desk: Desk, provider: Visitor) -> None:
    """As a job gives them “in each person’s own time zone”: a longer contract moves no shift."""
    workspace_id = desk.available()
    application_id = desk.row(workspace_id).application_id
    set_window(desk, application_id, ends=timedelta(days=5))
    give_hours(desk, workspace_id, replace(office_hours(), zone="America/New_York"))
    address, typed = f"/contracts/{application_id}/", {"zone": "Europe/Berlin", "workdays": "9:00–17:30"}

    assert '<option selected value="America/New_York">' in provider.get(address).text
    provider.post(address, typed | {"last_day": "2027-03-31", "hours_zone": "America/New_York"})
    kept = hours_of(desk, application_id)
    provider.post(address, typed | {"hours_zone": ""})
    moved = hours_of(desk, application_id)

    assert kept is not None and kept.zone == "America/New_York"
    assert moved is not None and moved.zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"workdays": "nine to five"}, "is not understood. Write 9:00–17:30"),
        ({"sunday": "9-12, 11-13"}, "These times overlap."),
        ({"workdays": "9-17", "holidays": "XX"}, "The holidays of this place are not known."),
        ({"workdays": "9-17", "idle_minutes": "1"}, "Enter a number of minutes from 5 to 1440."),
    ],
)
def test_hours_that_cannot_be_meant_are_said_beside_their_field_and_change_nothing(
    desk: Desk, provider: Visitor, typed: dict[str, str], said: str
) -> None:
    application_id = desk.add_application().id
    desk.session.commit()

    answer = provider.post(
        f"/contracts/{application_id}/", {"zone": "UTC", "last_day": "2027-01-01", **typed}
    )

    assert answer.status_code == 422 and said in answer.text
    with desk.sessions() as session:
        application = session.get_one(Application, application_id)
        assert (application.hours_json, application.ends_at) == (None, None)


def test_both_sides_see_the_hours(desk: Desk, provider: Visitor, seeker: Visitor, at_work: int) -> None:
    said = "Mon–Fri 9:00–17:30 Europe/Berlin"

    assert said in provider.get(f"/workspaces/{at_work}/").text
    page = seeker.get(f"/desktops/{at_work}/").text

    assert f"Your desktop runs by hours: {said}." in page
    assert 'id="work-on"' not in page, "the shift goes on for hours"


def test_who_works_on_is_not_stopped_for_two_hours_and_then_as_after_any_shift(
    desk: Desk, seeker: Visitor, at_work: int
) -> None:
    sleep_until(desk, 0, "17:00")
    assert seeker.read(f"/desktops/{at_work}/").by_id("work-on")

    answer = seeker.post(f"/desktops/{at_work}/work-on")
    desk.live(115 * 60)

    assert answer.status_code == 303
    assert is_on(desk, at_work) and by_hours(desk, at_work) == []
    assert "Work goes on until 24 Nov 2026, 19:00" in desk.events(at_work)[-1].message
    desk.live(30 * 60)
    assert is_off(desk.row(at_work))


def test_other_hours_do_not_take_back_the_two_hours_that_were_promised(
    desk: Desk, seeker: Visitor, at_work: int
) -> None:
    sleep_until(desk, 0, "17:00")
    seeker.post(f"/desktops/{at_work}/work-on")
    desk.live(60)
    promised = desk.row(at_work).work_on_until

    give_hours(desk, at_work, office_hours("9:00–17:15"))
    desk.live(110 * 60)

    assert promised is not None and desk.row(at_work).work_on_until == promised
    assert is_on(desk, at_work) and by_hours(desk, at_work) == []
    desk.live(30 * 60)
    assert is_off(desk.row(at_work))


def test_its_person_reads_that_public_holidays_are_days_off(
    desk: Desk, seeker: Visitor, at_work: int
) -> None:
    give_hours(desk, at_work, office_hours(holidays="DE-BY"))

    assert "Public holidays (DE-BY) are days off." in seeker.get(f"/desktops/{at_work}/").text
    assert desk.events(at_work)[-1].message.endswith(", not on public holidays (DE-BY).")


def test_each_place_is_offered_once_and_an_alias_that_a_program_sent_stays(
    desk: Desk, provider: Visitor, at_work: int
) -> None:
    give_hours(desk, at_work, office_hours(holidays="DEU-BY"))

    page = provider.get(f"/contracts/{desk.row(at_work).application_id}/").text

    assert 'value="DE-BY"' in page and 'value="FRA"' not in page
    assert '<option selected value="DEU-BY">' in page


def test_in_the_evening_it_is_started_for_who_wants_to_work_on(
    desk: Desk, seeker: Visitor, at_work: int
) -> None:
    sleep_until(desk, 0, "17:29")
    desk.live(12 * 60)
    assert is_off(desk.row(at_work))

    seeker.post(f"/desktops/{at_work}/work-on")
    desk.live(15 * 60)

    assert is_on(desk, at_work)
    page = seeker.get(f"/desktops/{at_work}/").text
    assert "It stays on until" in page and 'id="work-on"' not in page
    desk.live(2 * 3600 + 900)
    assert is_off(desk.row(at_work))


def test_a_stop_that_is_pressed_ends_the_two_hours(desk: Desk, provider: Visitor, at_work: int) -> None:
    sleep_until(desk, 0, "17:00")
    provider.post(f"/workspaces/{at_work}/work-on")
    assert desk.row(at_work).work_on_until is not None

    desk.press(at_work, Action.STOP)
    desk.live(3600)

    row = desk.row(at_work)
    assert is_off(row) and row.work_on_until is None


def test_nobody_works_on_after_the_end_of_the_contract(desk: Desk, seeker: Visitor, at_work: int) -> None:
    set_grace(desk)
    set_window(desk, desk.row(at_work).application_id, ends=timedelta(minutes=10))
    desk.live(20 * 60)

    assert seeker.post(f"/desktops/{at_work}/work-on").status_code == 409
    assert 'id="work-on"' not in seeker.get(f"/desktops/{at_work}/").text


def test_only_its_person_and_who_operates_it_may_press(
    desk: Desk, sign_in: SignIn, rival: Visitor, at_work: int
) -> None:
    stranger = Visitor(sign_in(desk.add_seeker().email))

    assert rival.post(f"/workspaces/{at_work}/work-on").status_code == 404
    assert rival.post(f"/desktops/{at_work}/work-on").status_code == 403
    assert stranger.post(f"/desktops/{at_work}/work-on").status_code == 404
    assert desk.row(at_work).work_on_until is None


def test_both_sides_read_that_what_was_open_comes_back(
    desk: Desk, provider: Visitor, seeker: Visitor, at_work: int
) -> None:
    hers, his = "What was open on it is there again", "Hibernated: what was open comes back when it starts."
    pages = (f"/desktops/{at_work}/", hers, seeker), (f"/workspaces/{at_work}/", his, provider)
    assert not any(words in visitor.get(path).text for path, words, visitor in pages)

    with desk.sessions.begin() as session:
        kept = {"hibernation": Hibernation.ASKED, "cloud_state": CloudState.STOPPED}
        set_rows(session, Workspace.id == at_work, **kept)

    assert all(words in visitor.get(path).text for path, words, visitor in pages)
    with desk.sessions.begin() as session:
        set_rows(session, Workspace.id == at_work, cloud_state=CloudState.AVAILABLE)
    assert not any(words in visitor.get(path).text for path, words, visitor in pages)
