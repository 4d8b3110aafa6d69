"""The contract of a person on the pages: typed in a zone, shown to both sides; the grace of the company."""

from datetime import datetime

import pytest

from tests.desk import Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Visitor
from tests.windows import DAY, HOUR, access_of, pass_time, set_exactly, set_grace, set_window, settle, until
from webapp.domain.access import Access
from webapp.domain.lifecycle import Action
from webapp.domain.roles import CompanyRole
from webapp.domain.windows import window_between
from webapp.models import Application, Company
from webapp.services import windows


def _window(desk: Desk, application_id: int) -> list[str | None]:
    with desk.sessions() as session:
        one = session.get_one(Application, application_id)
        return [at.isoformat() if at else None for at in (one.starts_at, one.ends_at)]


def test_days_are_typed_in_a_zone_and_shown_again(desk: Desk, provider: Visitor) -> None:
    application_id = desk.add_application().id
    desk.session.commit()
    typed = {
        "zone": "Europe/Berlin",
        "first_day": "2026-12-01",
        "last_day": "2027-03-28",
        "last_time": "17:30",
    }

    answer = provider.post(f"/contracts/{application_id}/", typed)

    assert answer.status_code == 303
    assert _window(desk, application_id) == ["2026-11-30T23:00:00+00:00", "2027-03-28T15:30:00+00:00"]
    page = provider.get(f"/contracts/{application_id}/").text
    assert 'value="2026-12-01"' in page and 'value="17:30"' in page and "selected" in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"zone": "Nowhere"}, "Choose one of these time zones."),
        ({"zone": "UTC", "last_time": "17:00"}, "Enter the day as well as the time."),
        ({"zone": "UTC", "first_day": "2026-12-02", "last_day": "2026-12-01"}, "must be after the start"),
        ({"zone": "UTC", "first_day": "soon"}, "Not a valid date value."),
    ],
)
def test_what_cannot_be_meant_is_said_beside_its_field_and_changes_nothing(
    desk: Desk, provider: Visitor, typed: dict[str, str], said: str
) -> None:
    application_id = desk.add_application().id
    desk.session.commit()

    answer = provider.post(f"/contracts/{application_id}/", typed)

    assert answer.status_code == 422 and said in answer.text
    assert _window(desk, application_id) == [None, None]


def test_both_sides_see_the_window_and_who_may_come_when(
    desk: Desk, provider: Visitor, seeker: Visitor, approved: int
) -> None:
    starts_at = desk.clock.now() + 4 * HOUR
    set_window(desk, approved, starts=4 * HOUR, ends=5 * HOUR)
    hired = desk.order(application_id=approved)
    desk.live(HOUR.total_seconds())

    assert "Your desktop opens on" in seeker.read(f"/desktops/{hired}/").text
    assert "The contract has not begun" in provider.read(f"/workspaces/{hired}/").text
    desk.clock.pause(until(desk, starts_at).total_seconds())
    desk.session.rollback()
    assert "You can use it until" in seeker.read(f"/desktops/{hired}/").text
    desk.clock.pause(HOUR.total_seconds())
    seeker_page = seeker.read(f"/desktops/{hired}/").text
    assert "The contract has ended, and access with it." in seeker_page
    assert "Extend the contract" in provider.read(f"/workspaces/{hired}/").text


def test_an_end_that_is_moved_gives_access_back(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    application_id = desk.row(workspace_id).application_id
    set_window(desk, application_id, ends=HOUR)
    desk.clock.pause(HOUR.total_seconds())
    desk.sweep()
    assert access_of(desk, workspace_id) is Access.SUSPENDED
    desk.session.commit()

    provider.post(f"/contracts/{application_id}/", {"zone": "UTC", "last_day": "2027-01-01"})

    assert access_of(desk, workspace_id) is Access.OPEN
    assert desk.story(workspace_id)[-1] == "window_extended"


def test_the_grace_is_a_number_of_days_from_0_to_30(desk: Desk, provider: Visitor) -> None:
    desk.session.commit()
    refused = provider.post("/contracts/grace", {"grace_days": "31", "contract_grace_days": "7"})
    assert refused.status_code == 422 and "from 0 to 30" in refused.text

    provider.post("/contracts/grace", {"grace_days": "3", "contract_grace_days": "0"})

    with desk.sessions() as session:
        company = session.get_one(Company, desk.row(desk.order()).company_id)
        assert (company.grace_days, company.contract_grace_days) == (3, 0)


def test_of_another_company_no_contract_is_found(desk: Desk, rival: Visitor) -> None:
    application_id = desk.add_application().id
    desk.session.commit()

    assert rival.get(f"/contracts/{application_id}/").status_code == 404
    assert rival.post(f"/contracts/{application_id}/", {"zone": "UTC"}).status_code == 404


def test_a_desktop_in_use_is_not_shut_by_a_first_day_in_the_future(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    application_id = desk.row(workspace_id).application_id
    desk.session.commit()

    answer = provider.post(f"/contracts/{application_id}/", {"zone": "UTC", "first_day": "2099-01-01"})

    assert answer.status_code == 422 and "cannot begin later" in answer.text
    assert access_of(desk, workspace_id) is Access.OPEN and _window(desk, application_id) == [None, None]


def test_who_may_not_end_desktops_ends_no_contract_within_a_day(desk: Desk, sign_in: SignIn) -> None:
    workspace_id = desk.available()
    application_id = desk.row(workspace_id).application_id
    set_grace(desk, 0)
    colleague = desk.add_provider("rita@example.com", company="Quayside")
    colleague.company_id, colleague.company_role = desk.provider.company_id, CompanyRole.RECRUITER
    desk.session.commit()
    recruiter = Visitor(sign_in("rita@example.com"))
    later = desk.clock.now() + 2 * DAY
    soon = {"zone": "UTC", "last_day": f"{later - DAY:%Y-%m-%d}", "last_time": "00:01"}

    answer = recruiter.post(f"/contracts/{application_id}/", soon)

    assert answer.status_code == 403 and "Ask a manager" in answer.text and 'value="00:01"' in answer.text
    assert _window(desk, application_id) == [None, None]
    typed = {"zone": "UTC", "last_day": f"{later:%Y-%m-%d}"}
    assert recruiter.post(f"/contracts/{application_id}/", typed).status_code == 303
    sooner = recruiter.post(f"/contracts/{application_id}/", soon)
    assert sooner.status_code == 403 and access_of(desk, workspace_id) is Access.OPEN


def test_more_time_is_not_offered_for_a_desktop_that_is_terminated(
    desk: Desk, provider: Visitor, seeker: Visitor, approved: int
) -> None:
    set_grace(desk)
    workspace_id = desk.available(application_id=approved)
    set_window(desk, approved, ends=30 * DAY)
    desk.session.commit()
    seeker.post(f"/desktops/{workspace_id}/more-time", {})
    assert "Extend by 30 days" in provider.read(f"/contracts/{approved}/").text

    desk.press(workspace_id, Action.TERMINATE)

    assert "Extend by 30 days" not in provider.read(f"/contracts/{approved}/").text
    assert provider.post(f"/contracts/{approved}/grant", {}).status_code == 409


def test_the_open_page_of_a_person_follows_the_clock_over_the_end(
    desk: Desk, seeker: Visitor, hired: int
) -> None:
    set_window(desk, desk.row(hired).application_id, ends=HOUR)
    settle(desk)
    before = seeker.get("/desktops/cards", headers={"HX-Request": "true"})
    asked = {"HX-Request": "true", "If-None-Match": before.headers["ETag"]}
    assert seeker.get("/desktops/cards", headers=asked).status_code == 304

    desk.clock.pause(HOUR.total_seconds())  # no worker has come

    after = seeker.get("/desktops/cards", headers=asked)
    assert after.status_code == 200 and after.text != before.text


@pytest.mark.parametrize(
    ("end", "zone"),
    [
        ("2027-03-31T21:59:59+00:00", "Europe/Berlin"),
        ("2027-10-31T01:30:00+00:00", "Europe/Berlin"),  # the second 2:30 of that night
    ],
)
def test_an_end_that_a_program_has_set_stays_when_only_the_hours_are_saved(
    desk: Desk, provider: Visitor, end: str, zone: str
) -> None:
    workspace_id = desk.available()
    application_id = desk.row(workspace_id).application_id
    windows.set_window(
        desk.context,
        application_id,
        window_between(None, datetime.fromisoformat(end), zone),
        company_id=desk.provider.company_id or 0,
        actor=desk.actor,
        may_end=True,
    )
    page = provider.read(f"/contracts/{application_id}/")
    shown = {name: page.by_id(name)["value"] for name in ("last_day", "last_time")}

    answer = provider.post(f"/contracts/{application_id}/", {"zone": zone, "workdays": "9:00–17:00", **shown})

    assert answer.status_code == 303
    assert _window(desk, application_id) == [None, end]
    assert desk.story(workspace_id).count("window_changed") == 1


def test_an_order_that_waited_until_its_contract_ended_is_not_said_to_be_set_up(
    desk: Desk, seeker: Visitor, sign_in: SignIn, approved: int
) -> None:
    desk.sandbox.set_users("d-99670be001", ["leo.brandt"])
    set_window(desk, approved, ends=DAY)
    hired = desk.order(application_id=approved, username="late.person")
    desk.live(HOUR.total_seconds())
    waits = Visitor(sign_in("provider@example.com")).read(f"/workspaces/{hired}/").text
    pass_time(desk, DAY)
    desk.session.rollback()

    company, person = (Visitor(sign_in(f"{one}@example.com")) for one in ("provider", "seeker1"))
    page, start = company.read(f"/workspaces/{hired}/").text, company.read("/start/").text
    own = [person.read(path).text for path in (f"/desktops/{hired}/", "/desktops/")]

    assert "a worker sends it to the cloud next" not in waits and "It waits for what is named below" in waits
    assert "Nothing was created for this order; it is closed on" in page
    for said in ("every file on it", "Berth looks again every few minutes", "If it is not ready by"):
        assert said not in page
    assert "Setting up for longer than usual" not in start
    for said in own:
        assert "Your contract has ended, so this desktop is not set up" in said
        assert "come back in a few minutes" not in said and "longer than usual" not in said


def test_until_midnight_is_to_the_end_of_the_last_day_as_in_a_list(desk: Desk, provider: Visitor) -> None:
    application_id = desk.add_application().id
    desk.session.commit()

    provider.post(
        f"/contracts/{application_id}/", {"zone": "UTC", "last_day": "2027-03-31", "last_time": "00:00"}
    )

    assert _window(desk, application_id) == [None, "2027-04-01T00:00:00+00:00"]
    assert 'value="2027-03-31"' in provider.get(f"/contracts/{application_id}/").text


@pytest.mark.parametrize("zone", ["US/Eastern", "Etc/GMT+5"])
def test_a_zone_that_is_not_offered_is_shown_and_kept(desk: Desk, provider: Visitor, zone: str) -> None:
    """A browser sends the first of a list in which nothing is selected: UTC, and the contract would move."""
    application_id = desk.add_application().id
    window = window_between(None, datetime.fromisoformat("2027-03-01T05:00:00+00:00"), zone)
    set_exactly(desk, application_id, window)

    page = provider.get(f"/contracts/{application_id}/").text

    assert f'<option selected value="{zone}">' in page


@pytest.mark.parametrize("zone", ["localtime", "Factory"])
def test_a_zone_of_the_machine_itself_is_none(desk: Desk, provider: Visitor, zone: str) -> None:
    application_id = desk.add_application().id
    desk.session.commit()

    answer = provider.post(f"/contracts/{application_id}/", {"zone": zone, "last_day": "2027-03-01"})

    assert answer.status_code == 422 and "Choose one of these time zones." in answer.text
