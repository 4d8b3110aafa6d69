"""What people type without a blank: it breaks, and no page becomes wider than the window."""

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
