"""The provider's workspaces: ordered, watched, pressed, ended."""

import pytest

from sandbox.demo import DEMO_ACCESS_KEY_ID
from tests.desk import UBUNTU, WINDOWS, Desk
from tests.pages.reader import Reader, Visitor
from webapp.domain.lifecycle import Action, State


def order_form(desk: Desk, **changes: object) -> dict[str, object]:
    form: dict[str, object] = {
        "application_id": changes.get("application_id") or desk.add_application().id,
        "cloud_credential_id": desk.credential_id,
        "bundle_id": UBUNTU,
        "username": "sam.okafor",
    }
    desk.session.commit()  # the desk's own session must not hold the database while the page writes
    return form | changes


def test_from_the_approved_applicant_to_the_row_shown_without_scripts(desk: Desk, provider: Visitor) -> None:
    application = desk.add_application()
    desk.session.commit()
    provider.post(f"/credentials/{desk.credential_id}/bundles/refresh")
    page = provider.read(f"/workspaces/new?application={application.id}&credential={desk.credential_id}")
    assert page.find("input", name="bundle_id", value=UBUNTU)
    assert page.by_id("username")["value"] == "seeker1"

    response = provider.post("/workspaces/", order_form(desk, application_id=application.id))

    shown = provider.read(response.location)
    assert response.status_code == 303
    assert shown.by_id("workspace-status")["data-state"] == "PENDING"
    assert "Setting up" in shown.text
    assert "sam.okafor" in provider.read("/workspaces/").text


def test_a_bundle_of_windows_needs_no_second_choice(desk: Desk, provider: Visitor) -> None:
    provider.post(f"/credentials/{desk.credential_id}/bundles/refresh")

    response = provider.post("/workspaces/", order_form(desk, bundle_id=WINDOWS))

    assert desk.row(int(response.location.split("/")[2])).workspace_type == "windows"


@pytest.mark.parametrize(
    "changes, status, field",
    [
        ({"username": "a b"}, 422, "username"),
        ({"username": ""}, 422, "username"),
        ({"bundle_id": ""}, 422, "bundle_id"),
        ({"bundle_id": "wsb-unknown"}, 422, "bundle_id"),
        ({"application_id": 999}, 422, None),
        ({"application_id": "x"}, 422, None),
        ({"cloud_credential_id": 999}, 422, None),
        ({"cloud_credential_id": "9" * 40}, 422, None),
    ],
)
def test_a_wrong_order_comes_back_with_the_message_and_makes_nothing(
    desk: Desk, provider: Visitor, changes: dict[str, object], status: int, field: str | None
) -> None:
    provider.post(f"/credentials/{desk.credential_id}/bundles/refresh")

    response = provider.post("/workspaces/", order_form(desk, **changes))

    page = Reader(response.text)
    assert response.status_code == status
    assert page.find("div", role="alert")
    assert field is None or page.by_id(f"{field}-error")
    desk.sweep()
    assert desk.machines() == []


def test_pressing_twice_makes_one_and_leads_to_it_both_times(desk: Desk, provider: Visitor) -> None:
    form = order_form(desk)
    first = provider.post("/workspaces/", form)

    second = provider.post("/workspaces/", form)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert "You ordered this desktop a moment ago." in provider.read(str(second.location)).text


def test_another_order_for_the_same_person_or_later_leads_to_the_one_there_is(
    desk: Desk, provider: Visitor
) -> None:
    form = order_form(desk)
    first = provider.post("/workspaces/", form)

    other = provider.post("/workspaces/", form | {"username": "somebody.else"})
    desk.clock.pause(3600)
    later = provider.post("/workspaces/", form)

    for refused in (other, later):
        assert refused.status_code == 409
        assert first.location in Reader(refused.text).links()


def test_a_moving_workspace_polls_and_a_settled_one_does_not(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.order()
    status = provider.read(f"/workspaces/{workspace_id}/").by_id("workspace-status")
    rows = provider.read("/workspaces/").by_id("workspace-rows")
    assert status["hx-trigger"] == rows["hx-trigger"] == "every 2s, look"

    desk.live_until(workspace_id, State.AVAILABLE)

    status = provider.read(f"/workspaces/{workspace_id}/").by_id("workspace-status")
    rows = provider.read("/workspaces/").by_id("workspace-rows")
    assert status["hx-trigger"] == rows["hx-trigger"] == "look", "only when somebody comes back to the page"


def test_many_moving_rows_are_one_poll(desk: Desk, provider: Visitor) -> None:
    for _ in range(3):
        desk.order()

    page = provider.read("/workspaces/")

    assert len(page.find("tr", data_state="PENDING")) == 3
    assert sum("hx-get" in attributes for _, attributes in page.elements) == 1


@pytest.mark.parametrize("fragment", ["/workspaces/rows", "/workspaces/1/status"])
def test_an_unchanged_fragment_is_a_304_and_a_changed_one_is_sent_again(
    desk: Desk, provider: Visitor, fragment: str
) -> None:
    desk.order()
    first = provider.get(fragment, headers={"HX-Request": "true"})
    etag = first.headers["ETag"]
    assert f'data-etag="{etag[3:-1]}"' in first.text

    same = provider.get(fragment, headers={"HX-Request": "true", "If-None-Match": etag})
    desk.live_until(1, State.AVAILABLE)
    changed = provider.get(fragment, headers={"HX-Request": "true", "If-None-Match": etag})

    assert (same.status_code, same.data) == (304, b"")
    assert same.headers["Cache-Control"] == "private, no-cache"
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag


def test_another_persons_version_of_a_fragment_is_not_ours(
    desk: Desk, provider: Visitor, rival: Visitor
) -> None:
    etag = provider.get("/workspaces/rows").headers["ETag"]

    assert rival.get("/workspaces/rows", headers={"If-None-Match": etag}).status_code == 200


def test_the_connection_and_the_log_are_on_the_page(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available(username="sam.okafor")

    page = provider.read(f"/workspaces/{workspace_id}/")

    assert "workspaces://sam.okafor@WSdemo+BERTH1" in page.text
    assert "Setting up → Available" in page.text


def test_a_press_answers_with_the_new_state(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()

    fragment = provider.post(f"/workspaces/{workspace_id}/stop", is_htmx=True)
    plain = provider.post(f"/workspaces/{workspace_id}/stop")

    assert Reader(fragment.text).by_id("workspace-status")["data-state"] == "STOPPING"
    assert "<html" not in fragment.text
    assert (plain.status_code, plain.location) == (303, f"/workspaces/{workspace_id}/")
    assert desk.story(workspace_id).count("stop_requested") == 1


def test_what_cannot_be_pressed_is_disabled_with_its_reason(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()

    page = provider.read(f"/workspaces/{workspace_id}/")

    assert page.find("button", disabled=None, aria_describedby="why-start")[0].keys() >= {"disabled"}
    assert "Only a stopped desktop can be started." in page.text


def test_a_press_that_is_not_possible_says_why_where_the_person_looks(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()

    response = provider.post(f"/workspaces/{workspace_id}/start", is_htmx=True)

    assert (response.status_code, response.headers["HX-Retarget"]) == (409, "#notice")
    assert "Only a stopped desktop can be started." in response.text


def test_a_failed_workspace_shows_cause_and_remedy_by_one_button(desk: Desk, provider: Visitor) -> None:
    desk.refuse_users()
    workspace_id = desk.order()
    desk.live_until(workspace_id, State.ERROR)

    page = provider.read(f"/workspaces/{workspace_id}/")

    assert "name in the directory was changed" in page.text
    assert page.by_id("remedy-0-retry")["data-tone"] == page.by_id("press-retry")["data-tone"] == "quiet"
    assert page.by_id("correct").get("data-tone") is None, "the button that leads"


def test_termination_asks_for_the_user_name(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available(username="sam.okafor")
    page = provider.read(f"/workspaces/{workspace_id}/terminate")
    assert "permanently deletes every file on it" in page.text

    wrong = provider.post(f"/workspaces/{workspace_id}/terminate", {"username": "sam"})
    assert wrong.status_code == 422
    assert desk.row(workspace_id).state is State.AVAILABLE

    right = provider.post(f"/workspaces/{workspace_id}/terminate", {"username": "sam.okafor"})
    assert right.status_code == 303
    assert desk.row(workspace_id).state is State.TERMINATING

    again = provider.get(f"/workspaces/{workspace_id}/terminate")
    assert (again.status_code, again.location) == (303, f"/workspaces/{workspace_id}/")


def test_an_ended_workspace_leaves_the_list_after_a_while_and_can_be_found(
    desk: Desk, provider: Visitor
) -> None:
    workspace_id = desk.available(username="sam.okafor")
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    assert "sam.okafor" in provider.read("/workspaces/").text

    desk.clock.pause(2 * 3600)

    assert "sam.okafor" not in provider.read("/workspaces/").text
    assert "sam.okafor" in provider.read("/workspaces/?ended=1").text
    assert "sam.okafor" in provider.read("/workspaces/?q=okafor").text


def test_the_search_lives_in_the_address_and_its_poll_too(desk: Desk, provider: Visitor) -> None:
    desk.order(username="sam.okafor")
    desk.order(username="mina.park")

    page = provider.read("/workspaces/?q=OKAFOR")

    assert "sam.okafor" in page.text
    assert "mina.park" not in page.text
    assert page.by_id("workspace-rows")["hx-get"] == "/workspaces/rows?q=OKAFOR"
    assert "Nothing matches “nobody”" in provider.read("/workspaces/?q=nobody").text


def test_refresh_asks_the_cloud_and_says_when(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    desk.clock.pause(60)
    looks = len(desk.calls("DescribeWorkspaces"))

    response = provider.post(f"/workspaces/{workspace_id}/refresh", is_htmx=True)

    assert response.status_code == 200
    assert len(desk.calls("DescribeWorkspaces")) == looks + 1
    assert "just now" in response.text


def test_an_order_that_waits_is_not_said_to_be_the_clouds_work(desk: Desk, provider: Visitor) -> None:
    """With a key that does not work nothing is made, and the page must not claim the contrary."""
    desk.sandbox.set_key(DEMO_ACCESS_KEY_ID, state="disabled")
    address = provider.post("/workspaces/", order_form(desk)).location
    before = provider.read(address).text
    desk.work()

    blocked = provider.read(address)

    assert "a worker sends it to the cloud next" in before
    assert "The cloud is creating" not in before + blocked.text
    assert "All work in this cloud account is on hold." in blocked.text
    assert "continues as soon as the cloud account works again" in blocked.text
    assert not blocked.find("div", role="progressbar")


def test_a_confirmed_order_is_the_clouds_work(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.order()
    desk.work()
    desk.session.commit()

    page = provider.read(f"/workspaces/{workspace_id}/")

    assert "The cloud is creating this desktop." in page.text
    assert page.find("div", role="progressbar")


def test_an_order_that_nobody_sends_is_not_silent(desk: Desk, provider: Visitor) -> None:
    """Workers away or a cloud without an answer: the page that watches says so, and where to look."""
    address = provider.post("/workspaces/", order_form(desk)).location
    fresh = provider.read(address)
    etag = f'W/"{fresh.by_id("workspace-status")["data-etag"]}"'
    desk.clock.pause(30)

    late = provider.get(f"{address}status", headers={"HX-Request": "true", "If-None-Match": etag})

    assert "has not been sent yet" not in fresh.text
    assert late.status_code == 200
    assert "This order has not been sent yet." in Reader(late.text).text
    assert f"/credentials/{desk.credential_id}/" in Reader(late.text).links()
