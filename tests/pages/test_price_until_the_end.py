"""Who orders for a contract with an end sees before the press what it will cost until then."""

import pytest

from tests.desk import WINDOWS, Desk
from tests.pages.reader import Visitor
from tests.windows import DAY, have_window

UNTIL_END = "about $189.52 until the contract ends"  # 64.05 a month, 90 days


@pytest.fixture(autouse=True)
def known_sizes(desk: Desk, provider: Visitor) -> None:
    provider.post(f"/credentials/{desk.credential_id}/bundles/refresh")


def order_page(desk: Desk, application_id: int) -> str:
    return f"/workspaces/new?application={application_id}&credential={desk.credential_id}&bundle={WINDOWS}"


def test_the_order_page_says_what_it_costs_until_the_contract_ends(desk: Desk, provider: Visitor) -> None:
    application_id = desk.add_application().id
    desk.session.commit()
    without_end = provider.read(order_page(desk, application_id))
    have_window(desk, application_id, starts=30 * DAY, ends=120 * DAY)

    page = provider.read(order_page(desk, application_id))

    assert "until the contract ends" not in without_end.text
    assert "about $64.05 a month at 160 hours of use" in page.text
    assert UNTIL_END in page.text
    [windows] = page.find("input", name="bundle_id", value=WINDOWS)
    assert windows["data-until-end"] == UNTIL_END, "the summary follows the choice"


def test_sizes_that_are_loaded_again_keep_what_they_cost_until_the_end(desk: Desk, provider: Visitor) -> None:
    application_id = desk.add_application().id
    desk.session.commit()
    have_window(desk, application_id, ends=90 * DAY)
    asked = {"application_id": application_id, "bundle_id": WINDOWS}

    loaded = provider.post(f"/workspaces/new/{desk.credential_id}/bundles", asked, is_htmx=True)

    assert f'data-until-end="{UNTIL_END}"' in loaded.text


def test_a_group_sees_the_sum_until_the_ends_and_how_many_have_none(desk: Desk, provider: Visitor) -> None:
    people = [desk.add_application().id for _ in range(3)]
    desk.session.commit()
    for application_id, days in zip(people, (30, 60, None), strict=True):
        have_window(desk, application_id, ends=days * DAY if days else None)
    form = {"key": "k" * 32, "credential_id": desk.credential_id, "bundle_id": WINDOWS, "name": "Group"}

    page = provider.post("/cohorts/check", form | {"application_id": people, "pattern": "{mailbox}"}).text

    assert "3 desktops at 160 hours of use each: about $192.15 a month together" in page
    assert "and about $189.52 until their contracts end, without 1 whose contract has no end." in page
