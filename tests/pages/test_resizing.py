"""Change size and mode: what is possible and what it costs before the press, and what is said meanwhile."""

import pytest

from tests.desk import Desk
from tests.pages.reader import Visitor
from tests.resizing import asked, grown_up
from webapp.domain.lifecycle import State


@pytest.fixture
def hired(desk: Desk) -> int:
    return desk.available()


def test_the_page_of_a_desktop_leads_to_what_can_be_changed_with_the_price_of_each(
    desk: Desk, provider: Visitor, hired: int
) -> None:
    desk.session.commit()

    assert f"/workspaces/{hired}/size" in provider.get(f"/workspaces/{hired}/").text
    page = provider.read(f"/workspaces/{hired}/size").text

    assert "Now: by the hour while in use" in page
    assert "always on" in page and "a month" in page
    assert (
        "Performance: 2 vCPU, 8 GiB Created or changed too recently. It is possible from 24 November" in page
    )
    assert "The person is signed out, and the desktop restarts" in page
    assert "10 GiB" not in page, "a volume never shrinks"


def test_it_is_confirmed_with_both_prices_and_then_shown_until_the_cloud_has_done_it(
    desk: Desk, provider: Visitor, hired: int
) -> None:
    desk.session.commit()
    query = {"property": "running_mode", "value": "ALWAYS_ON"}

    confirm = provider.read(f"/workspaces/{hired}/size/confirm?property=running_mode&value=ALWAYS_ON").text
    answer = provider.post(f"/workspaces/{hired}/size", query)

    assert "Nobody is interrupted. Always on is charged at once" in confirm
    assert confirm.count("a month") >= 2
    assert answer.status_code == 303
    assert "The running mode is being changed to “always on”." in provider.read(f"/workspaces/{hired}/").text
    desk.live(300)
    shown = provider.read(f"/workspaces/{hired}/").text
    assert "The running mode is ALWAYS_ON now." in shown
    assert not asked(desk, hired)


def test_while_one_is_under_way_the_page_says_so_instead_of_a_form(desk: Desk, provider: Visitor) -> None:
    hired = grown_up(desk)
    desk.session.commit()
    provider.post(f"/workspaces/{hired}/size", {"property": "compute_type", "value": "PERFORMANCE"})
    desk.live(300)

    page = provider.read(f"/workspaces/{hired}/size", status=409)

    assert "Its size is being changed; wait until that is done." in page.text
    assert desk.row(hired).state is State.MAINTENANCE


@pytest.mark.parametrize(
    ("value", "said"),
    [("POWERPRO", "too recent"), ("GRAPHICS_G4DN", "There is no such size.")],
)
def test_what_is_not_possible_is_refused_on_the_page_of_the_confirmation(
    desk: Desk, provider: Visitor, hired: int, value: str, said: str
) -> None:
    desk.session.commit()

    answer = provider.post(f"/workspaces/{hired}/size", {"property": "compute_type", "value": value})

    assert answer.status_code in (409, 422)
    assert said in answer.text
    assert not asked(desk, hired)


def test_an_address_that_no_page_has_is_not_found(desk: Desk, provider: Visitor, hired: int) -> None:
    desk.session.commit()

    provider.read(f"/workspaces/{hired}/size/confirm?property=colour&value=red", status=404)


@pytest.mark.parametrize("value", ["²", "9" * 5000, "60" + "0" * 40])
@pytest.mark.parametrize("kind", ["auto_stop_minutes", "root_storage", "user_storage"])
def test_what_looks_like_a_number_and_is_none_is_refused_in_words(
    desk: Desk, provider: Visitor, hired: int, kind: str, value: str
) -> None:
    desk.session.commit()

    answer = provider.post(f"/workspaces/{hired}/size", {"property": kind, "value": value})

    assert answer.status_code in (409, 422), answer.text[:200]
    assert not asked(desk, hired)
