"""The simulated Amazon for tests."""

import os
from collections.abc import Iterator
from functools import lru_cache

import pytest

from sandbox import demo
from sandbox.aws.server import start
from sandbox.control import Sandbox
from tests.clouds.aws.stage import AwsStage
from webapp.clouds.aws_workspaces import client


@pytest.fixture(scope="session", autouse=True)
def kept_clients() -> Iterator[None]:
    """The SDK makes a client once for the same key and place, not for each of ten thousand runs."""
    kept = lru_cache(maxsize=32)(client._make)
    os.register_at_fork(after_in_child=kept.cache_clear)  # a connection is its process's own
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "_make", kept)
        yield


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[Sandbox]:
    """One simulated cloud a session, its clock standing still; each test begins with a fresh one."""
    handle = start(port=0, speed=0, demo=True)
    yield handle.control
    handle.stop()


@pytest.fixture
def sandbox(sandbox_server: Sandbox) -> Sandbox:
    sandbox_server.reset(demo=True)
    # Most tests are about something else: everybody is in the directory, a desktop can be rebuilt at once.
    sandbox_server.set_users(demo.DEMO_DIRECTORY_ID, None)
    sandbox_server.set_settings(first_snapshot_s=0)
    return sandbox_server


@pytest.fixture
def aws_stage(sandbox: Sandbox) -> AwsStage:
    sandbox.set_settings(calls_per_s=0)
    return AwsStage(sandbox)
