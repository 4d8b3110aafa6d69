"""In the demo the seeker's press opens a page in place of the cloud's client, and counts as a connection."""

from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from sandbox.azure_control import AzureSandbox
from sandbox.control import Sandbox
from sandbox.mail.server import Handle, start
from sandbox.mail.windows import clouds_at
from tests.clouds.aws.stage import AwsStage
from tests.clouds.azure.stage import AzureStage
from tests.desk import Desk, StoryClock, make_settings
from tests.engine.test_connections import known, look, machine, state
from tests.pages.reader import Visitor
from webapp.config import Settings
from webapp.domain.connections import ConnectionState


@pytest.fixture
def demo(sandbox: Sandbox, azure_stage: AzureStage) -> Iterator[Handle]:
    microsoft, ca_file = azure_stage.control.url, azure_stage.ca_file
    with start(clouds=clouds_at(aws=sandbox.url, azure=microsoft, azure_ca=ca_file)) as handle:
        yield handle


@pytest.fixture
def settings(database_url: str, sandbox: Sandbox, azure_stage: AzureStage, demo: Handle) -> Settings:
    return make_settings(database_url, AwsStage(sandbox), azure_stage, mailbox_url=f"{demo.url}/")


@pytest.fixture
def clock(sandbox: Sandbox, azure_stage: AzureStage) -> StoryClock:
    return StoryClock(sandbox, azure_stage.control)


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


def read(address: str) -> str:
    with urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


@pytest.fixture
def on_azure(desk: Desk, azure_stage: AzureStage) -> AzureSandbox:
    """The desk's cloud from now on."""
    desk.stage, desk.sandbox = azure_stage, azure_stage.control
    desk.credential_id = desk.add_credential("Another cloud")
    azure_stage.control.set_now(desk.clock.now().timestamp())
    return azure_stage.control


def test_opening_the_simulated_desktop_is_the_first_connection(
    desk: Desk, seeker: Visitor, hired: int
) -> None:
    assert_connects_and_disconnects(desk, seeker, hired)


def test_so_it_is_on_azure_with_a_session_of_the_person(
    desk: Desk, on_azure: AzureSandbox, seeker: Visitor, approved: int
) -> None:
    workspace_id = desk.available(application_id=approved, username="sam@example.com")

    assert_connects_and_disconnects(desk, seeker, workspace_id)

    host = machine(desk, workspace_id)
    read(str(seeker.read(f"/desktops/{workspace_id}/").by_id("open-simulated")["href"]))
    sessions = [
        one for part in on_azure.parts() if part["name"].startswith(host) for one in part.get("sessions", ())
    ]
    assert [one["user"] for one in sessions] == ["sam@example.com"]


def test_a_desktop_that_the_cloud_does_not_have_has_no_window(demo: Handle) -> None:
    for path in ("azure/vm-unknown", "aws/ws-unknown", "third/ws-1", "azure/"):
        with pytest.raises(HTTPError) as refused:
            read(f"{demo.url}/desktops/{path}?user=sam")
        assert refused.value.code == 404


def assert_connects_and_disconnects(desk: Desk, seeker: Visitor, hired: int) -> None:
    look(desk)
    before = known(desk, hired)
    assert before is not None and before.first_connected_at is None
    link = str(seeker.read(f"/desktops/{hired}/").by_id("open-simulated")["href"])

    assert "Connected as" in read(link)

    look(desk)
    after = known(desk, hired)
    assert after is not None and after.first_connected_at is not None
    assert state(desk, hired) is ConnectionState.CONNECTED
    assert "You are disconnected" in read(link.replace("?", "/left?"))
    look(desk)
    assert state(desk, hired) is ConnectionState.DISCONNECTED
