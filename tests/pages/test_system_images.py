"""Images of systems by page and API: what one is and costs is said before, and it is seen until it goes."""

import pytest

from tests.azure_rows import add_azure_credential
from tests.desk import Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Program, Visitor
from tests.pages.test_disk_snapshots import ready
from tests.pages.test_start import needs
from tests.system_images import CREATE, complete, delete, in_account, rows_of
from tests.windows import set_grace
from webapp.domain.lifecycle import Action, State
from webapp.domain.system_images import ImageState

POLLS = 'hx-trigger="every 10s'


@pytest.fixture
def provider(desk: Desk, sign_in: SignIn) -> Visitor:
    return Visitor(sign_in(desk.provider.email))


def address(workspace_id: int) -> str:
    return f"/workspaces/{workspace_id}/system-images/new"


def test_the_page_says_what_an_image_is_and_costs_before_the_press(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()

    page = provider.read(address(workspace_id))

    assert address(workspace_id) in provider.read(f"/workspaces/{workspace_id}/").links()
    assert "none of the files on the user volume" in page.text
    assert "Nobody can use the desktop for up to 45 minutes" in page.text
    assert "outlives the desktop by 90 days" in page.text


def test_a_press_creates_one_and_the_desktops_page_shows_it(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()

    assert provider.post(address(workspace_id), {}).status_code == 303
    before = provider.read(f"/workspaces/{workspace_id}/")
    desk.live(3600)

    assert "Being created" in before.text and address(workspace_id) not in before.links()
    assert "needs attention" not in before.text
    [image] = rows_of(desk)
    after = provider.read(f"/workspaces/{workspace_id}/").text
    assert image.name in after and "kept until 90 days after the desktop’s end" in after
    assert in_account(desk) == [image.name]


def test_an_open_page_sees_when_it_is_complete(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    before = provider.get(f"/workspaces/{workspace_id}/").text

    provider.post(address(workspace_id), {})
    desk.work()
    during = provider.get(f"/workspaces/{workspace_id}/").text
    desk.live(3600)

    page_after = provider.get(f"/workspaces/{workspace_id}/").text
    assert [POLLS in one for one in (before, during, page_after)] == [False, True, False]


def test_while_it_is_created_the_desktop_needs_nobodys_attention(desk: Desk, provider: Visitor) -> None:
    workspace_id, other_id = desk.available(), desk.available()
    provider.post(address(workspace_id), {})
    desk.work()

    assert desk.row(workspace_id).state is State.SUSPENDED
    assert needs(provider.read("/start/")) == set()
    desk.sandbox.set_workspace(desk.row(other_id).cloud_workspace_id or "", state="SUSPENDED")
    desk.live_until(other_id, State.SUSPENDED)

    page = provider.read("/start/")
    assert needs(page) == {"needs-fixing"}
    assert f"/workspaces/{other_id}/" in page.links() and f"/workspaces/{workspace_id}/" not in page.links()


def test_the_page_of_a_termination_offers_one_first_and_warns_while_it_is_created(
    desk: Desk, provider: Visitor
) -> None:
    workspace_id = desk.available()
    ending = f"/workspaces/{workspace_id}/terminate"

    assert address(workspace_id) in provider.read(ending).links()
    provider.post(address(workspace_id), {})

    page = provider.read(ending)
    assert "Wait until it is complete" in page.text and address(workspace_id) not in page.links()


@pytest.mark.parametrize("page", ["rebuild", "move", "hand-over?application={}"])
def test_other_pages_that_lose_the_system_offer_one_first_and_warn_too(
    desk: Desk, provider: Visitor, page: str
) -> None:
    workspace_id = desk.available()
    losing = f"/workspaces/{workspace_id}/{page.format(desk.add_application().id)}"
    desk.prove_everybody()
    desk.session.commit()

    assert address(workspace_id) in provider.read(losing).links()
    provider.post(address(workspace_id), {})

    asked = provider.read(losing)
    assert "Wait until it is complete" in asked.text and address(workspace_id) not in asked.links()


def test_a_desktop_that_does_not_run_is_offered_none(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)

    answer = provider.get(address(workspace_id))

    assert (answer.status_code, "Start it first" in answer.text) == (409, True)
    assert address(workspace_id) not in provider.read(f"/workspaces/{workspace_id}/").links()
    assert provider.post(address(workspace_id), {}).status_code == 409
    assert rows_of(desk) == []


def test_a_refused_one_says_why_on_the_desktops_page(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault("error", operation=CREATE, times=1, code="OperationNotSupportedException")

    provider.post(address(workspace_id), {})
    desk.work()

    page = provider.read(f"/workspaces/{workspace_id}/").text
    assert "Not created: The cloud creates no image of this desktop." in page


def test_of_a_desktop_that_is_gone_no_other_image_can_be_asked_for(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    provider.post(address(workspace_id), {})
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    page = provider.read(f"/workspaces/{workspace_id}/").text

    assert "Not created: The desktop was not running when its turn came." in page
    assert "Start the desktop" not in page


def test_it_is_deleted_by_its_name_also_from_the_record_of_a_desktop_that_is_gone(
    desk: Desk, provider: Visitor
) -> None:
    set_grace(desk, 0)
    workspace_id = desk.available()
    image = complete(desk, workspace_id)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    ending = f"/workspaces/{workspace_id}/system-images/{image.id}/delete"

    record = provider.read(f"/workspaces/{workspace_id}/record")
    assert ending in record.links() and "What is named below is kept for a while" in record.text
    assert f"{image.name}, of" in record.text
    wrong = provider.post(ending, {"confirm": "berth"})
    assert (wrong.status_code, "This is not its name." in wrong.text) == (422, True)
    assert provider.post(ending, {"confirm": f" {image.name} "}).status_code == 303
    desk.live(3600)

    assert (in_account(desk), [one.state for one in rows_of(desk)]) == ([], [ImageState.GONE])


def test_a_cloud_account_with_images_is_not_deleted(desk: Desk, sign_in: SignIn) -> None:
    set_grace(desk, 0)
    workspace_id = desk.available()
    image = complete(desk, workspace_id)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    def end_account() -> tuple[int, str]:
        answer = Visitor(sign_in(desk.provider.email)).post(
            f"/credentials/{desk.credential_id}/delete", {"confirm": "Cloud"}
        )
        return answer.status_code, answer.text

    status, text = end_account()
    assert status in (409, 422) and "1 image of desktops is still kept" in text
    delete(desk, workspace_id, image.id)
    desk.live(3600)
    assert end_account()[0] == 303


def test_the_api_creates_lists_and_deletes(desk: Desk, program: Program) -> None:
    workspace_id = desk.available()
    path = f"workspaces/{workspace_id}/system-images/"

    asked = program.call("POST", path)
    busy = program.read(path)
    desk.live(3600)
    [shown] = program.read(path)["images"]

    assert (asked.status_code, (asked.json or {})["state"]) == (202, "intent")
    assert busy["refusal"] == "An image of its system is being created already."
    assert (shown["state"], shown["error_code"], shown["kept_until"]) == ("ready", None, None)
    assert program.call("DELETE", f"{path}{shown['id']}/").status_code == 202
    desk.live(3600)
    assert (program.read(path)["images"], in_account(desk)) == ([], [])


def test_azure_needs_none(desk: Desk, program: Program) -> None:
    credential_id = add_azure_credential(desk.context, company_id=desk.provider.company_id or 0)
    workspace_id = ready(desk, credential_id)

    refused = program.call("POST", f"workspaces/{workspace_id}/system-images/")

    assert (refused.status_code, (refused.json or {})["code"]) == (409, "no_system_images")
