"""More time on the pages: one press of the person, one of the company; twice, late, and by strangers."""

from datetime import datetime

import pytest
from sqlalchemy import func, select

from tests.desk import Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Visitor
from tests.windows import HOUR, access_of, pass_time, set_grace, set_window, until
from webapp.domain.access import Access
from webapp.domain.lifecycle import Action, State
from webapp.domain.roles import CompanyRole
from webapp.models import Application, Event
from webapp.services.extensions import GRANTED

ASKED, ALREADY = "We notified the company.", "You have asked Quayside for more time."


@pytest.fixture
def ending(desk: Desk, seeker: Visitor, hired: int) -> int:
    """The desktop of the first seeker, whose contract ends in an hour."""
    set_grace(desk)
    set_window(desk, desk.row(hired).application_id, ends=HOUR)
    desk.session.commit()
    return hired


def contract_of(desk: Desk, workspace_id: int) -> str:
    return f"/contracts/{desk.row(workspace_id).application_id}/"


def end_of(desk: Desk, workspace_id: int) -> datetime:
    ends_at = desk.row(workspace_id).ends_at
    assert ends_at is not None
    return ends_at


def asked_times(desk: Desk, workspace_id: int) -> int:
    with desk.sessions() as session:
        asked = select(func.count()).where(
            Event.workspace_id == workspace_id, Event.event == "extension_asked"
        )
        return session.scalar(asked) or 0


def is_waiting(desk: Desk, workspace_id: int) -> bool:
    with desk.sessions() as session:
        found = session.get_one(Application, desk.row(workspace_id).application_id)
        return found.extension_asked_at is not None


def test_the_person_asks_in_one_press_and_pressing_twice_asks_once(
    desk: Desk, seeker: Visitor, ending: int
) -> None:
    page = seeker.read(f"/desktops/{ending}/")
    assert page.by_id("ask-time")

    for _ in range(2):
        answer = seeker.post(f"/desktops/{ending}/more-time")
        assert answer.location == f"/desktops/{ending}/"
        page = seeker.read(f"/desktops/{ending}/")
        assert ASKED in page.text and ALREADY in page.text and not page.find("button", id="ask-time")

    assert asked_times(desk, ending) == 1 and is_waiting(desk, ending)


def test_the_company_grants_it_in_one_press_and_pressing_twice_grants_once(
    desk: Desk, seeker: Visitor, provider: Visitor, ending: int
) -> None:
    contract, before = contract_of(desk, ending), end_of(desk, ending)
    assert not provider.read(contract).find("section", id="asked")
    seeker.post(f"/desktops/{ending}/more-time")
    page = provider.read(contract)
    assert "asks for more time" in page.text
    assert [one for one in page.find("form") if one["action"] == f"{contract}grant"]

    for _ in range(2):
        assert provider.post(f"{contract}grant").location == contract

    assert end_of(desk, ending) == before + GRANTED
    assert not provider.read(contract).find("section", id="asked") and not is_waiting(desk, ending)
    assert seeker.read(f"/desktops/{ending}/").by_id("ask-time"), "for the new end it may be asked again"


def test_a_press_for_what_nobody_asks_for_changes_nothing_and_says_so(
    desk: Desk, provider: Visitor, ending: int
) -> None:
    contract, before = contract_of(desk, ending), end_of(desk, ending)

    provider.post(f"{contract}grant")

    assert end_of(desk, ending) == before
    assert "Extended" not in provider.read(contract).text


def test_after_the_end_both_presses_still_give_access_back(
    desk: Desk, sign_in: SignIn, seeker: Visitor, ending: int
) -> None:
    pass_time(desk, until(desk, end_of(desk, ending)))
    assert access_of(desk, ending) is Access.SUSPENDED
    assert seeker.read(f"/desktops/{ending}/").by_id("ask-time")

    seeker.post(f"/desktops/{ending}/more-time")
    Visitor(sign_in(desk.provider.email)).post(f"{contract_of(desk, ending)}grant")

    assert access_of(desk, ending) is Access.OPEN
    assert end_of(desk, ending) == desk.clock.now() + GRANTED


def test_once_the_desktop_is_gone_neither_press_promises_anything(
    desk: Desk, sign_in: SignIn, seeker: Visitor, ending: int
) -> None:
    seeker.post(f"/desktops/{ending}/more-time")
    contract, before = contract_of(desk, ending), end_of(desk, ending)
    set_grace(desk, 0)
    desk.press(ending, Action.TERMINATE)
    desk.live_until(ending, State.TERMINATED)
    provider = Visitor(sign_in(desk.provider.email))

    refused = seeker.post(f"/desktops/{ending}/more-time"), provider.post(f"{contract}grant")

    assert [one.status_code for one in refused] == [409, 409]
    assert "cannot be extended here" in refused[0].text and "no desktop any more" in refused[1].text
    assert not provider.read(contract).find("section", id="asked")
    assert end_of(desk, ending) == before and asked_times(desk, ending) == 1


def test_a_contract_without_an_end_cannot_be_extended(desk: Desk, seeker: Visitor, hired: int) -> None:
    assert not seeker.read(f"/desktops/{hired}/").find("button", id="ask-time")

    assert seeker.post(f"/desktops/{hired}/more-time").status_code == 409
    assert asked_times(desk, hired) == 0


def test_only_its_own_person_asks_and_only_who_hires_there_grants(
    desk: Desk, sign_in: SignIn, seeker: Visitor, rival: Visitor, ending: int
) -> None:
    stranger = Visitor(sign_in(desk.add_seeker().email))
    assert stranger.post(f"/desktops/{ending}/more-time").status_code == 404
    assert asked_times(desk, ending) == 0

    seeker.post(f"/desktops/{ending}/more-time")
    contract, before = contract_of(desk, ending), end_of(desk, ending)
    assert rival.post(f"{contract}grant").status_code == 404
    assert seeker.post(f"{contract}grant").status_code == 403
    desk.provider.company_role = CompanyRole.AUDITOR
    desk.session.commit()
    assert Visitor(sign_in(desk.provider.email)).post(f"{contract}grant").status_code == 403

    assert end_of(desk, ending) == before and is_waiting(desk, ending)
