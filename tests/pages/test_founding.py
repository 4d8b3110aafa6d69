"""Signing up where not everybody may found a company."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.desk import PASSWORD, Desk
from tests.pages.reader import Visitor
from webapp.config import Settings
from webapp.services import founding

pytestmark = pytest.mark.own_app


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, sign_up="invited")


@pytest.fixture
def link(desk: Desk) -> str:
    return founding.make_set_up_link(desk.context, lasts=timedelta(days=1))


def fill_in(stranger: Visitor, **changes: str) -> tuple[int, str]:
    values = {"company_name": "Harbour", "name": "Eve", "email": "eve@example.com", "password": PASSWORD}
    answer = stranger.post("/sign-up/company", {**values, **changes})
    return answer.status_code, answer.text


def test_a_stranger_is_shown_what_a_stranger_may_do(stranger: Visitor) -> None:
    home = stranger.read("/")

    assert "/sign-up/company" not in home.links()
    assert stranger.get("/sign-up").location == "/sign-up/person"
    page = stranger.read("/sign-up/company", status=403)
    assert "New companies need a link" in page.text


def test_a_form_without_a_link_is_refused(stranger: Visitor) -> None:
    assert fill_in(stranger)[0] == 403


def test_a_link_leads_to_the_form_and_a_mistake_in_it_does_not_use_it_up(
    stranger: Visitor, link: str
) -> None:
    assert stranger.read(f"/sign-up/company?link={link}").find("input", name="link", value=link)

    status, page = fill_in(stranger, link=link, password="short")
    assert (status, f'value="{link}"' in page) == (422, True)
    assert fill_in(stranger, link=link)[0] == 303

    stranger.post("/sign-out")
    assert "a company was created with it" in stranger.read(f"/sign-up/company?link={link}", status=403).text


def test_a_job_seeker_signs_up_as_ever(stranger: Visitor) -> None:
    values = {"name": "Ada", "email": "ada@example.com", "password": PASSWORD}

    assert stranger.post("/sign-up/person", values).status_code == 303
