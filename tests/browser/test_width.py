"""What fits a window, however narrow it is and whatever people have typed."""

from sqlalchemy import update

from tests.browser.conftest import Site, Visit
from tests.browser.furnished import furnish
from tests.browser.test_accessibility import provider_paths
from webapp.models import CloudCredential, Company, JobPosting, User, Workspace

LONG = "W" * 120
"""As long as a form takes it."""
WIDER = """Math.ceil(Math.max(0, ...Array.from(document.querySelectorAll("main table"), (one) =>
  one.getBoundingClientRect().right - document.querySelector("main").getBoundingClientRect().right - 0.5)))"""


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


def test_a_long_name_hides_no_link_of_the_menu(site: Site, visit: Visit) -> None:
    site.desk.session.execute(update(User).values(name="Wilhelmina of Featherstonehaugh-Marjoribanks"))
    site.desk.session.commit()
    page = visit("provider@example.com")
    page.goto("/start/")

    hidden = {}
    for width in (760, 1000, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        last, who = (page.locator(one).last.bounding_box() for one in (".menu a", ".who"))
        assert last and who
        is_beside = last["y"] < who["y"] + who["height"]
        if (by := last["x"] + last["width"] - who["x"]) > 0 and is_beside:
            hidden[width] = by

    assert hidden == {}


def test_no_table_is_wider_than_its_page(site: Site, visit: Visit) -> None:
    """Names are long, and a month has its cost."""
    made = furnish(site.desk)
    for table, column in (
        (User, User.name),
        (JobPosting, JobPosting.title),
        (CloudCredential, CloudCredential.name),
    ):
        longer = {column: column + " of Featherstonehaugh-Marjoribanks"}
        site.desk.session.execute(update(table).values(longer).execution_options(synchronize_session=False))
    site.desk.session.execute(update(Workspace).values(username="wilhelmina.featherst"))
    site.desk.session.commit()
    page = visit("provider@example.com")

    too_wide, seen = {}, 0
    for path in (*provider_paths(made), "/workspaces/?ended=1"):
        page.goto(path)
        if page.locator("main table").count() == 0:
            continue
        seen += 1
        for width in (720, 980, 1060, 1150, 1280, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            if by := page.evaluate(WIDER):
                too_wide[path, width] = by

    assert too_wide == {}
    assert seen > 15


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
