"""In the demo the seeker's press opens a page in place of the cloud's client, and counts as a connection."""

from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from sandbox.control import Sandbox
from sandbox.mail.server import Handle, start
from sandbox.mail.windows import clouds_at
from tests.clouds.aws.stage import AwsStage
from tests.desk import Desk, make_settings
from tests.engine.test_connections import known, look, state
from tests.pages.reader import Visitor
from webapp.config import Settings
from webapp.domain.connections import ConnectionState


@pytest.fixture
def demo(sandbox: Sandbox) -> Iterator[Handle]:
    with start(clouds=clouds_at(aws=sandbox.url, azure=None, azure_ca=None)) as handle:
        yield handle


@pytest.fixture
def settings(database_url: str, sandbox: Sandbox, demo: Handle) -> Settings:
    return make_settings(database_url, AwsStage(sandbox), mailbox_url=f"{demo.url}/")


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


def read(address: str) -> str:
    with urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


def test_opening_the_simulated_desktop_is_the_first_connection(
    desk: Desk, seeker: Visitor, hired: int
) -> None:
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
