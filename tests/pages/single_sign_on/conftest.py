"""A company whose people sign in by an issuer of this machine."""

from collections.abc import Iterator

import pytest
from flask import Flask

from sandbox.control import Sandbox
from tests.clouds.aws.stage import AwsStage
from tests.desk import Desk, make_settings
from tests.pages.single_sign_on.issuer import Issuer
from tests.pages.single_sign_on.names import Names
from tests.pages.single_sign_on.traveller import Traveller, set_up
from webapp.config import Settings


@pytest.fixture(scope="session")
def names_server() -> Iterator[Names]:
    made = Names()
    server = made.start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def names(names_server: Names) -> Names:
    names_server.texts.clear()
    names_server.asked.clear()
    names_server.is_failing = False
    return names_server


@pytest.fixture
def settings(database_url: str, sandbox: Sandbox, names: Names) -> Settings:
    return make_settings(
        database_url,
        AwsStage(sandbox),
        local_issuers=frozenset({"127.0.0.1"}),
        dns_server=names.address,
    )


@pytest.fixture
def issuer(desk: Desk) -> Iterator[Issuer]:
    """Ada sits there."""
    made = Issuer(desk.clock.now, person={"sub": "1", "email": "ada@example.com", "name": "Ada Byron"})
    server = made.start()
    yield made
    made.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def company(desk: Desk, issuer: Issuer, names: Names) -> int:
    """The desk's company, which has proven example.com; its id."""
    return set_up(desk, issuer, names)


@pytest.fixture
def traveller(app: Flask, desk: Desk, company: int, issuer: Issuer) -> Traveller:
    return Traveller(app, issuer)
