"""What fits a window, however narrow it is and whatever people have typed."""

from sqlalchemy import update

from tests.browser.conftest import Site, Visit
from webapp.models import Company, JobPosting, User

LONG = "W" * 120
"""As long as a form takes it."""


def test_a_name_without_a_blank_makes_no_page_wider(site: Site, visit: Visit) -> None:
    ordered = site.desk.order()
    applied = site.desk.add_application(is_approved=False)
    seeker = site.desk.session.get_one(User, applied.seeker_id).email
    for table, column in ((User, "name"), (Company, "name"), (JobPosting, "title")):
        site.desk.session.execute(update(table).values({column: LONG}))
    site.desk.session.commit()
    provider, applicant = visit("provider@example.com"), visit(seeker)

    too_wide = {}
    for page, path in (
        (provider, "/start/"),
        (provider, "/jobs/"),
        (provider, "/jobs/1/"),
        (provider, "/workspaces/"),
        (provider, f"/workspaces/{ordered}/"),
        (applicant, "/desktops/"),
    ):
        page.goto(path)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            if (by := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
                too_wide[path, width] = by

    assert too_wide == {}


def test_a_phone_shows_desktops_before_filters_and_actions(site: Site, visit: Visit) -> None:
    site.desk.order()
    page = visit("provider@example.com")
    filters = page.locator("form.filter select")

    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/workspaces/")
    assert not any(one.is_visible() for one in filters.all())
    assert not page.get_by_role("button", name="Terminate").is_visible()
    page.get_by_label("Select this page").check()
    assert page.get_by_role("button", name="Terminate").is_visible()
    page.get_by_label("All filters").check()
    assert all(one.is_visible() for one in filters.all())
    page.goto("/workspaces/?state=STOPPED")
    assert all(one.is_visible() for one in filters.all())

    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/workspaces/")
    assert all(one.is_visible() for one in filters.all())
    assert not page.get_by_label("All filters").is_visible()
    assert page.get_by_role("button", name="Terminate").is_visible()
