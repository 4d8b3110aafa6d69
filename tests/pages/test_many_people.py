"""Forms in which one of many people is chosen: a list while it is short, a search when it is not."""

import pytest
from sqlalchemy import update

from tests.desk import Desk
from tests.pages.reader import Visitor
from tests.pages.test_cohorts import hire, letters
from tests.windows import DAY
from webapp.models import Application, Cohort, CohortRow
from webapp.pages import orphans
from webapp.pages.cohorts import views
from webapp.pages.workspaces import orders
from webapp.services.cohort_plan import MOST_PEOPLE

FORM = "/workspaces/new"


@pytest.fixture(autouse=True)
def _short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "MOST_LISTED", 2)
    monkeypatch.setattr(orphans, "MOST_LISTED", 2)


@pytest.fixture
def three(desk: Desk) -> list[int]:
    """Applications, the first approved last, of Ada, Bo and Cy."""
    made = []
    for name in ("Cy Young", "Bo Derek", "Ada King"):
        application = desk.add_application()
        desk.session.refresh(application, ["seeker"])
        application.seeker.name = name
        desk.clock.pause(60)
        made.append(application.id)
        desk.session.commit()
    return made


def options(visitor: Visitor, path: str) -> set[str]:
    """Whom the form lists."""
    elements = visitor.read(path).elements
    start = next(place for place, (_, one) in enumerate(elements) if one.get("id") == "application")
    listed = [str(one["value"]) for tag, one in elements[start + 1 : start + 5] if tag == "option"]
    return {one for one in listed if one} if listed else set()


def test_a_long_list_is_cut_and_the_others_are_found_by_name_or_address(
    desk: Desk, provider: Visitor, three: list[int]
) -> None:
    page = provider.read(FORM)

    assert page.by_id("who") and "Search for the others" in page.text
    assert len(options(provider, FORM)) == 2
    assert options(provider, f"{FORM}?who=cy+yo") == {str(three[0])}
    assert "Nobody who waits for a desktop matches “zoe”." in provider.read(f"{FORM}?who=zoe").text
    assert options(provider, f"{FORM}?who=%25") == set()


def test_who_is_named_in_the_address_can_be_ordered_for_whatever_the_list_shows(
    desk: Desk, provider: Visitor, rival: Visitor, three: list[int]
) -> None:
    for application_id in three:
        page = provider.read(f"{FORM}?application={application_id}")
        assert page.find("input", name="application_id", value=str(application_id))
    assert "order-form" not in rival.get(f"{FORM}?application={three[0]}").text


def test_a_short_list_needs_no_search(desk: Desk, provider: Visitor) -> None:
    desk.add_application()
    desk.session.commit()

    assert 'id="who"' not in provider.get(FORM).text


def test_group_orders_are_listed_a_page_at_a_time(
    desk: Desk, provider: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_LISTED", 2)
    values = {
        "company_id": desk.provider.company_id,
        "credential_id": desk.credential_id,
        "ordered_by_id": desk.provider.id,
        "workspace_type": "ubuntu",
        "bundle_id": "wsb-1",
        "bundle_name": "Standard",
        "created_at": desk.clock.now(),
    }
    for number in range(3):
        cohort = Cohort(key=f"k{number}", name=f"Group {number}", **values)
        desk.session.add(cohort)
        desk.session.flush()
        desk.session.add(CohortRow(cohort_id=cohort.id, place=1, person="Ada"))
    desk.session.commit()

    first = provider.read("/cohorts/")
    second = provider.read(next(link for link in first.links() if "before=" in link))

    assert ["Group 2" in first.text, "Group 1" in first.text, "Group 0" in first.text] == [True, True, False]
    assert "Group 0" in second.text and "Group 1" not in second.text
    assert not [link for link in second.links() if "before=" in link]


def test_whoever_has_left_takes_nobodys_place_in_a_group_order(desk: Desk, provider: Visitor) -> None:
    former = hire(desk, [f"Former {letters(number)}" for number in range(MOST_PEOPLE)])
    desk.session.execute(
        update(Application).where(Application.id.in_(former)).values(ends_at=desk.clock.now() - DAY)
    )
    desk.session.commit()
    [new, second] = hire(desk, ["Nina New", "Sven Second"])
    desk.session.commit()

    group, job = provider.read("/cohorts/new?job=1"), provider.read("/jobs/1/").text

    offered = {one["value"] for one in group.find("input", name="application_id")}
    assert offered == {str(new), str(second)}
    assert "Order for 2 approved people" in job
