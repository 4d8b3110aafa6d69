"""One simulated Azure for the whole folder, made new before each test, and the real SDKs to talk to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from azure.mgmt.resource.deployments.models import Deployment, DeploymentProperties

from sandbox.azure.server import Handle, start
from sandbox.azure_control import AzureSandbox
from tests.sandbox.azure.clients import GROUP, Clients
from tests.sandbox.azure.costs import DAY_S, HOUR_S, moment
from tests.sandbox.azure.session_host import parameters, template

Order = Callable[..., Any]
Desk = Callable[..., str]


@pytest.fixture(scope="session")
def server() -> Iterator[Handle]:
    with start(speed=0) as handle:
        yield handle


@pytest.fixture(scope="session")
def demo_clients(server: Handle) -> Iterator[Clients]:
    clients = Clients(server.url, ca_file=server.ca_file)
    yield clients
    clients.close()


@pytest.fixture
def control(server: Handle) -> AzureSandbox:
    """A new demo world whose clock stands still, without a rate limit."""
    server.control.reset()
    server.control.set_people(None)
    server.control.set_settings(reads_per_s=0, writes_per_s=0, deletes_per_s=0, list_all_per_min=0)
    return server.control


@pytest.fixture
def sdk(control: AzureSandbox, demo_clients: Clients) -> Clients:
    """The demo application's clients."""
    return demo_clients


@pytest.fixture
def make_clients(server: Handle) -> Iterator[Callable[..., Clients]]:
    """Clients that are somebody else's, or not patient."""
    made: list[Clients] = []

    def make(**changes: Any) -> Clients:
        made.append(Clients(changes.pop("url", server.url), **{"ca_file": server.ca_file, **changes}))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def order(sdk: Clients, control: AzureSandbox) -> Order:
    """Send the deployment of a machine, `order("vm1", size=…)`; its poller."""
    tokens: list[str] = []

    def send(
        name: str = "vm1", *, claim: str | None = "claim/1", deployment: str | None = None, **changes: Any
    ) -> Any:
        if "token" not in changes and not tokens:
            tokens.append(sdk.token(control.now()))
        polling = changes.pop("polling", False)
        token = changes.pop("token", tokens[0] if tokens else None)
        body = Deployment(
            tags={"berth-claim": claim} if claim else {},
            properties=DeploymentProperties(
                mode=changes.pop("mode", "Incremental"),
                template=changes.pop("template", None) or template(),
                parameters=parameters(name, token=token, claim=claim, **changes),
            ),
        )
        return sdk.deployments.deployments.begin_create_or_update(
            GROUP, deployment or name, body, polling=polling
        )

    return send


@pytest.fixture
def desk(order: Order, control: AzureSandbox) -> Desk:
    """A machine whose host is Available; its name."""

    def make(name: str = "vm1", **changes: Any) -> str:
        order(name, **changes)
        control.advance(20 * 60)
        return name

    return make


@pytest.fixture
def deployed(sdk: Clients) -> Callable[..., Any]:
    """The properties of a deployment."""

    def look(name: str = "vm1") -> Any:
        return sdk.deployments.deployments.get(GROUP, name).properties

    return look


@pytest.fixture
def living(control: AzureSandbox) -> Callable[[], set[str]]:
    """What lives, by the journal: `vm vm1`, `nic vm1-nic` …"""

    def look() -> set[str]:
        return {f"{one['kind']} {one['name']}" for one in control.journal() if one["gone_at"] is None}

    return look


@pytest.fixture
def three_days(control: AzureSandbox) -> AzureSandbox:
    """Three machines of two sizes, from March 10 to the end of March 12."""
    control.set_now(moment("2026-03-10T00:00"))
    for number, more in enumerate(({}, {"size": "Standard_D2s_v5"}, {"license": "Windows_Client"})):
        control.make_machine(f"VM{number}", pool=None, tags={"team": f"t{number % 2}"}, **more)
    control.advance(2 * DAY_S + 7 * HOUR_S + 1234.567)
    control.set_power("VM1", "deallocated")
    control.set_now(moment("2026-03-13T00:00"))
    return control
