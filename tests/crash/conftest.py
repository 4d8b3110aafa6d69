"""Worlds of real processes for the tests; the cluster of PostgreSQL is shared, worlds are not."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from sandbox.control import Sandbox
from tests.clouds.aws.stage import AwsStage
from tests.crash.harness.world import World
from tests.desk import make_settings
from webapp.config import Settings


@pytest.fixture
def settings(database_url: str, sandbox: Sandbox) -> Settings:
    """The product's pace: a row is due again before the lease of a dead worker has run out."""
    return replace(make_settings(database_url, AwsStage(sandbox)), poll_interval_s=30)


@pytest.fixture
def make_world(request: pytest.FixtureRequest) -> Iterator[Callable[..., World]]:
    """`make_world(database="postgresql", speed=20)`: a running world, ended with the test."""
    with ExitStack() as stack:

        def make(*, database: str = "sqlite", **options: object) -> World:
            shared = {}
            if database == "postgresql":
                names = {"cluster": "postgres_cluster", "template": "postgres_template"}
                shared = {part: request.getfixturevalue(name) for part, name in names.items()}
            return stack.enter_context(World(database=database, **shared, **options))  # type: ignore[arg-type]

        yield make
