"""The simulated Azure for tests."""

from collections.abc import Iterator

import pytest

from sandbox.azure.server import Handle, start
from tests.clouds.azure.stage import AzureStage
from webapp.clouds.azure_avd import tokens


@pytest.fixture(scope="session")
def azure_server() -> Iterator[Handle]:
    """One simulated Azure a session, its clock standing still; each test begins with a fresh one."""
    with start(speed=0, demo=True) as handle:
        yield handle


@pytest.fixture
def azure_stage(azure_server: Handle, no_kept_token: None) -> AzureStage:
    tokens.set_aside()  # as a worker does: its jobs share the token
    azure_server.control.reset(demo=True)
    azure_server.control.set_people(None)  # most tests are about something else
    return AzureStage(azure_server.control, azure_server.ca_file)
