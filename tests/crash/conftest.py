"""Worlds of real processes for the tests; the cluster of PostgreSQL is shared, worlds are not."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.crash.harness.world import World


@pytest.fixture
def make_world(request: pytest.FixtureRequest) -> Iterator[Callable[..., World]]:
    """`make_world(database="postgresql", speed=20)`: a running world, ended with the test."""
    with ExitStack() as stack:

        def make(*, database: str = "sqlite", **options: object) -> World:
            cluster = request.getfixturevalue("postgres_cluster") if database == "postgresql" else None
            return stack.enter_context(World(database=database, cluster=cluster, **options))  # type: ignore[arg-type]

        yield make
