"""The next person takes over, and one who is hired again gets the former desktop back: on the pages."""

import pytest

from tests.cost_days import add_day
from tests.desk import Desk
from tests.engine.hours.story import give_hours, office_hours
from tests.pages.conftest import SignIn
from tests.pages.reader import Visitor
from tests.services.test_rehiring import hire_again, over
from tests.windows import DAY, access_of, set_window
from webapp.domain.access import Access
from webapp.domain.lifecycle import State
from webapp.domain.roles import CompanyRole


@pytest.fixture
def hired(desk: Desk) -> int:
    return desk.available()


def typed(desk: Desk, former_id: int, application_id: int, **changes: str) -> dict[str, object]:
    form: dict[str, object] = {
        "application_id": str(application_id),
        "username": "next.person",
        "zone": "Europe/Berlin",
        "fate": "delete",
        "confirm": desk.row(former_id).username,
    }
    return form | changes


def test_the_page_of_a_desktop_leads_to_its_hand_over(desk: Desk, provider: Visitor, hired: int) -> None:
    undecided = desk.add_application(is_approved=False).id
    set_window(desk, desk.row(hired).application_id, ends=10 * DAY)
    desk.session.commit()

    assert f"/workspaces/{hired}/hand-over" in provider.get(f"/workspaces/{hired}/").text
    page = provider.get(f"/workspaces/{hired}/hand-over?application={undecided}").text

    assert "not decided yet" in page and "this approves the application" in page
    assert "a rebuild keeps its user" in page
    assert 'value="2026-12-04"' in page  # the last day of the contract so far


def test_pressed_it_leads_to_the_next_desktop_and_both_name_each_other(
    desk: Desk, provider: Visitor, hired: int
) -> None:
    application_id = desk.add_application().id
    add_day(desk, hired, billed=700)
    desk.session.commit()

    answer = provider.post(f"/workspaces/{hired}/hand-over", typed(desk, hired, application_id))

    assert answer.status_code == 303
    made = int(answer.location.strip("/").split("/")[-1])
    desk.live_until(made, State.AVAILABLE)
    desk.live_until(hired, State.TERMINATED)
    assert "Gone, proven" in provider.read(f"/workspaces/{made}/").text
    assert "Took over from" in provider.read(f"/workspaces/{made}/").text
    former = provider.get(f"/workspaces/{hired}/").text
    assert "Handed over to the next person" in former and f"/workspaces/{made}/" in former
    assert f"/workspaces/{made}/" in provider.get(f"/workspaces/{hired}/record").text
    costs = provider.read(f"/workspaces/{made}/costs").text
    assert "The contract so far" in costs and "7.00" in costs
    so_far = costs.partition("The contract so far")[2]
    assert "not known" in so_far and "nothing" not in so_far, "nobody has read a bill of the new one yet"
    assert "without 1 desktop, whose costs are not known" in so_far
    again = provider.post(f"/workspaces/{hired}/hand-over", typed(desk, hired, application_id))
    assert again.status_code == 409


def test_pressed_twice_the_second_press_shows_the_same_desktop(
    desk: Desk, provider: Visitor, hired: int
) -> None:
    form = typed(desk, hired, desk.add_application().id)
    desk.session.commit()

    first = provider.post(f"/workspaces/{hired}/hand-over", form)
    second = provider.post(f"/workspaces/{hired}/hand-over", form)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    shown = provider.get(f"/workspaces/{hired}/hand-over")
    assert shown.status_code == 409 and "taken over from this one already" in shown.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"confirm": "somebody.else"}, "The user name does not match."),
        ({"username": ""}, "Enter the user name."),
        ({"application_id": "0"}, "Application not found."),
        ({"first_day": "2026-12-02", "last_day": "2026-12-01"}, "must be after the start"),
        ({"last_day": "2026-11-01"}, "over already"),
    ],
)
def test_what_is_refused_is_said_on_the_form_and_changes_nothing(
    desk: Desk, provider: Visitor, hired: int, changes: dict[str, str], said: str
) -> None:
    application_id = desk.add_application().id
    desk.session.commit()

    form = typed(desk, hired, application_id) | changes
    answer = provider.post(f"/workspaces/{hired}/hand-over", form)

    assert answer.status_code in (409, 422) and said in answer.text
    assert (desk.row(hired).replaced_by_id, desk.row(hired).state) == (None, State.AVAILABLE)


def test_kept_for_the_grace_the_former_person_is_out_at_once(
    desk: Desk, provider: Visitor, hired: int
) -> None:
    form = typed(desk, hired, desk.add_application().id, fate="keep")
    desk.session.commit()

    provider.post(f"/workspaces/{hired}/hand-over", form)

    assert access_of(desk, hired) is Access.SUSPENDED
    assert "Extend the contract" in provider.read(f"/workspaces/{hired}/").text


def test_others_see_no_hand_over(desk: Desk, rival: Visitor, sign_in: SignIn, hired: int) -> None:
    application_id = desk.add_application().id
    desk.session.commit()
    assert rival.get(f"/workspaces/{hired}/hand-over").status_code == 404
    assert rival.post(f"/workspaces/{hired}/hand-over", typed(desk, hired, application_id)).status_code == 404
    assert rival.post(f"/workspaces/{hired}/give-back", {"application_id": "1"}).status_code == 404

    desk.provider.company_role = CompanyRole.RECRUITER
    desk.session.add(desk.provider)
    desk.session.commit()
    recruiter = Visitor(sign_in("provider@example.com"))

    assert "/hand-over" not in recruiter.get(f"/workspaces/{hired}/").text
    assert recruiter.get(f"/workspaces/{hired}/hand-over").status_code == 403
    assert recruiter.post(f"/workspaces/{hired}/give-back", {"application_id": "1"}).status_code == 403


def test_an_order_for_somebody_who_is_hired_again_offers_the_former_desktop_first(
    desk: Desk, provider: Visitor
) -> None:
    workspace_id = over(desk)
    again = hire_again(desk, workspace_id)

    page = provider.get(f"/workspaces/new?application={again}").text
    assert "still has a desktop, kept until" in page
    assert page.index("Give it back") < page.index("Order desktop")

    answer = provider.post(f"/workspaces/{workspace_id}/give-back", {"application_id": str(again)})

    assert answer.status_code == 303
    assert desk.row(workspace_id).application_id == again
    assert access_of(desk, workspace_id) is Access.OPEN
    shown = provider.get(f"/workspaces/{workspace_id}/").text
    assert "Hired again, desktop given back" in shown
    assert f"/contracts/{again}/" in shown


def test_the_page_says_that_working_hours_go_on(desk: Desk, provider: Visitor) -> None:
    former_id = desk.available()
    give_hours(desk, former_id, office_hours())
    candidate = desk.add_application().id
    desk.session.commit()

    page = provider.read(f"/workspaces/{former_id}/hand-over?application={candidate}").text

    assert "Its working hours go on too" in page and "Mon–Fri 9:00–17:30" in page
