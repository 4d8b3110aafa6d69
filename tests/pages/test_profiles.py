"""Profiles on their pages: made, given to a job, ordered with one press or with the approval."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.desk import UBUNTU, WINDOWS, Desk
from tests.pages.conftest import SignIn
from tests.pages.counting import counted_queries
from tests.pages.reader import Visitor
from webapp.domain.roles import CompanyRole
from webapp.models import Application, Company, JobPosting, Profile, User, Workspace

POSTING = {"title": "Analyst", "location": "", "description": "Work."}
NOBODY = {"first_day": "", "first_time": "", "last_day": "", "last_time": "", "zone": "UTC"}


def typed(desk: Desk, **changes: str) -> dict[str, str]:
    return {"name": "Analysts", "desktop": f"{desk.credential_id}:{UBUNTU}", **NOBODY, **changes}


def add(desk: Desk, provider: Visitor, **changes: str) -> None:
    """A profile that the first job gives."""
    assert provider.post("/profiles/", typed(desk, **changes)).status_code == 303
    assert provider.post("/jobs/1/", POSTING | {"profile_id": "1"}).status_code == 303


def waiting(desk: Desk, count: int = 1) -> list[int]:
    found = [desk.add_application(is_approved=False).id for _ in range(count)]
    desk.session.commit()
    return found


def desktops(desk: Desk) -> list[Workspace]:
    with desk.sessions() as session:
        return list(session.scalars(select(Workspace).order_by(Workspace.id)))


def load_sizes(desk: Desk, provider: Visitor) -> None:
    provider.post(f"/credentials/{desk.credential_id}/bundles/refresh", {})


def test_it_is_added_given_to_a_job_and_ordered_with_one_press_whose_price_stands_beside_it(
    desk: Desk, provider: Visitor
) -> None:
    load_sizes(desk, provider)
    form = provider.get("/profiles/new").text
    add(desk, provider, days="90", username_pattern="{mailbox}")
    application = desk.add_application()
    desk.session.commit()

    page = provider.get("/jobs/1/").text
    press = {"version": "1"}
    answer = provider.post(f"/applications/{application.id}/order", press)

    assert "about $" in form and f'value="{desk.credential_id}:{UBUNTU}"' in form
    assert "Order “Analysts”" in page and "about $" in page and "seeker1" in page
    assert "Contracts run for 90 days from the approval on" in page and "by the profile" in page
    [made] = desktops(desk)
    assert answer.location.endswith(f"/workspaces/{made.id}/")
    assert (made.username, made.profile_id, made.profile_version) == ("seeker1", 1, 1)
    again = provider.post(f"/applications/{application.id}/order", press)
    assert again.location == answer.location
    assert len(desktops(desk)) == 1
    for path in ("/profiles/", "/profiles/1/", "/profiles/1/edit"):
        assert "Analysts" in provider.read(path).text


def test_what_was_changed_after_the_page_was_shown_is_not_ordered(desk: Desk, provider: Visitor) -> None:
    load_sizes(desk, provider)
    add(desk, provider)
    application = desk.add_application()
    desk.session.commit()
    provider.post("/profiles/1/", typed(desk, name="Data"))

    answer = provider.post(f"/applications/{application.id}/order", {"version": "1"})

    assert answer.status_code == 409
    assert "The profile was changed a moment ago" in answer.text
    assert desktops(desk) == []
    assert provider.post("/profiles/1/", typed(desk, name="Data")).status_code == 303
    assert "Version 2" in provider.read("/profiles/1/").text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Enter a name for the profile."),
        ({"desktop": ""}, "Choose a desktop size."),
        ({"desktop": "99:wsb-1"}, "Cloud account not found."),
        ({"username_pattern": "{who}"}, "is not a placeholder"),
        ({"username_pattern": "u{number}"}, "would always be 1"),
        ({"days": "0"}, "from 1 to 3650"),
        ({"month_cap": "much", "cap_currency": "USD"}, "Enter an amount"),
        ({"month_cap": "5", "cap_currency": "??"}, "currency code of three letters"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_added(
    desk: Desk, provider: Visitor, changes: dict[str, str], said: str
) -> None:
    load_sizes(desk, provider)

    answer = provider.post("/profiles/", typed(desk, **changes))

    assert answer.status_code == 422
    assert said in answer.text
    with desk.sessions() as session:
        assert session.scalars(select(Profile)).all() == []


def test_an_approval_says_what_it_has_ordered_and_a_refused_order_why(desk: Desk, provider: Visitor) -> None:
    load_sizes(desk, provider)
    add(desk, provider, orders_on_approval="1")
    first, second = waiting(desk, 2)

    provider.post(f"/applications/{first}/approve", {})
    ordered = provider.get("/jobs/1/").text
    with desk.sessions.begin() as session:
        session.execute(update(Company).values(most_desktops=1))
    provider.post(f"/applications/{second}/approve", {})
    refused = provider.get("/jobs/1/").text

    assert "1 desktop is ordered." in ordered
    assert [one.application_id for one in desktops(desk)] == [first]
    assert "No desktop was ordered for" in refused
    assert "No desktop was ordered: Your company may have 1 live desktop at once" in refused
    with desk.sessions() as session:
        assert session.get_one(Application, second).status == "approved"


def test_several_are_approved_or_ordered_for_with_one_press(desk: Desk, provider: Visitor) -> None:
    load_sizes(desk, provider)
    add(desk, provider, orders_on_approval="1")
    people = waiting(desk, 2)

    provider.post("/jobs/1/approve", {"application_id": [str(one) for one in people]})
    approved = provider.get("/jobs/1/").text
    provider.post("/profiles/1/", typed(desk))
    others = [desk.add_application().id for _ in range(2)]
    desk.session.commit()
    page = provider.get("/jobs/1/").text
    provider.post("/jobs/1/order", {"version": "2", "application_id": [str(one) for one in others]})

    assert "2 people are approved. 2 desktops are ordered." in approved
    assert "Order it for 2 approved people" in page
    assert [one.application_id for one in desktops(desk)] == [*people, *others]
    assert {one.profile_version for one in desktops(desk)} == {1, 2}


def test_after_a_change_the_page_lists_desktops_that_differ_and_offers_what_can_follow(
    desk: Desk, provider: Visitor
) -> None:
    load_sizes(desk, provider)
    add(desk, provider, days="30", orders_on_approval="1")
    [person] = waiting(desk)
    provider.post(f"/applications/{person}/approve", {})
    before = provider.read("/profiles/1/").text
    windows = typed(desk, days="90", desktop=f"{desk.credential_id}:{WINDOWS}")
    provider.post("/profiles/1/", windows)

    page = provider.read("/profiles/1/").text
    [made] = desktops(desk)
    answer = provider.post(f"/profiles/1/desktops/{made.id}/follow", {})
    after = provider.read("/profiles/1/").text

    assert "was ordered with what the profile gives now" in before
    assert "1 of 1 was ordered with an older version." in page
    assert "Size: Standard with Ubuntu 22.04, not Standard with Windows" in page
    assert "Contract: until 23 Dec 2026 (UTC), not until 21 Feb 2027 (UTC)." in page
    assert answer.status_code == 303
    assert "Contract:" not in after and "cannot be changed from here" in after
    assert provider.post(f"/profiles/1/desktops/{made.id}/follow", {}).status_code == 409
    assert provider.post("/profiles/1/desktops/99/follow", {}).status_code == 404


def test_hours_are_shown_before_the_press_and_desktops_with_older_ones_are_listed(
    desk: Desk, provider: Visitor
) -> None:
    load_sizes(desk, provider)
    add(desk, provider, workdays="9–17")
    application_id = desk.add_application().id
    desk.session.commit()

    before = provider.read("/jobs/1/").text
    provider.post(f"/applications/{application_id}/order", {"version": "1"})
    provider.post("/profiles/1/", typed(desk, workdays="8–12"))
    page = provider.read("/profiles/1/").text
    [made] = desktops(desk)
    provider.post(f"/profiles/1/desktops/{made.id}/follow", {})

    assert "runs Mon–Fri 9:00–17:00 UTC" in before
    assert "Their desktops run Mon–Fri 9:00–17:00 UTC, by the profile." in before
    assert "Hours: Mon–Fri 9:00–17:00 UTC, not Mon–Fri 8:00–12:00 UTC." in page
    assert "Each of them was ordered with what the profile gives now." in provider.read("/profiles/1/").text
    assert "Mon–Fri 8:00–12:00 UTC" in provider.read(f"/workspaces/{made.id}/").text
    unclear = provider.post("/profiles/1/", typed(desk, workdays="early"))
    assert unclear.status_code == 422 and "is not understood" in unclear.text


def test_an_archived_profile_is_given_by_no_job_any_more(desk: Desk, provider: Visitor) -> None:
    load_sizes(desk, provider)
    add(desk, provider)

    provider.post("/profiles/1/archive", {})

    with desk.sessions() as session:
        assert session.scalars(select(JobPosting.profile_id)).all() == [None]
    assert "1 archived" in provider.read("/profiles/").text
    assert "Archived" in provider.read("/profiles/1/").text
    answer = provider.post("/jobs/1/", POSTING | {"profile_id": "1"})
    assert answer.status_code == 422 and "Profile not found." in answer.text


def test_a_recruiter_gives_and_orders_but_changes_no_profile_and_another_company_sees_none(
    desk: Desk, provider: Visitor, rival: Visitor, sign_in: SignIn
) -> None:
    load_sizes(desk, provider)
    add(desk, provider)
    with desk.sessions.begin() as session:
        own = update(User).where(User.email == "provider@example.com")
        session.execute(own.values(company_role=CompanyRole.RECRUITER))
    recruiter = Visitor(sign_in("provider@example.com"))

    page = recruiter.read("/profiles/1/").text

    assert "Edit" not in page and "Archive" not in page
    for path in ("/profiles/new", "/profiles/1/edit"):
        assert recruiter.get(path).status_code == 403
        assert rival.get(path.replace("new", "1/")).status_code == 404
    assert recruiter.post("/jobs/1/", POSTING | {"profile_id": "1"}).status_code == 303
    assert rival.get("/profiles/1/").status_code == 404


def test_a_job_with_a_profile_asks_as_much_for_many_people_as_for_few(desk: Desk, provider: Visitor) -> None:
    load_sizes(desk, provider)
    add(desk, provider)
    desk.add_application()
    desk.session.commit()
    provider.get("/jobs/1/")
    with counted_queries() as few:
        provider.get("/jobs/1/")
    for _ in range(5):
        desk.add_application()
    desk.session.commit()

    with counted_queries() as many:
        provider.get("/jobs/1/")

    assert len(many) == len(few)


def test_a_profile_says_how_many_snapshots_are_kept_or_leaves_it_to_the_account(
    desk: Desk, provider: Visitor
) -> None:
    load_sizes(desk, provider)
    assert "As the cloud account says" in provider.get("/profiles/new").text
    kept = {"snapshots": "on", "daily": "3", "weekly": "0", "days_after_end": "30"}

    wrong = provider.post("/profiles/", typed(desk, **(kept | {"daily": "99"})))
    add(desk, provider, **kept)
    shown = provider.read("/profiles/1/").text
    form = provider.read("/profiles/1/edit")
    provider.post("/profiles/1/", typed(desk, snapshots="off"))
    off = provider.read("/profiles/1/").text
    provider.post("/profiles/1/", typed(desk, snapshots=""))

    assert wrong.status_code == 422 and "Enter a number from 1 to 60." in wrong.text
    assert "3 daily, 0 weekly" in shown and "for 30 days after" in shown
    assert (form.by_id("daily")["value"], form.by_id("days_after_end")["value"]) == ("3", "30")
    assert "not taken" in off
    assert "as the cloud account says" in provider.read("/profiles/1/").text


def test_whoever_has_left_is_not_among_those_for_whom_one_press_orders(desk: Desk, provider: Visitor) -> None:
    load_sizes(desk, provider)
    add(desk, provider)
    former, *new = [desk.add_application().id for _ in range(3)]
    ended_at = desk.clock.now() - timedelta(days=1)
    desk.session.execute(update(Application).where(Application.id == former).values(ends_at=ended_at))
    desk.session.commit()

    page = provider.read("/jobs/1/")

    assert "Order it for 2 approved people" in page.text
    assert {one["value"] for one in page.find("input", name="application_id")} == {str(one) for one in new}
