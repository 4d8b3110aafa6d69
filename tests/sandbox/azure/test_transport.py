"""The same without a socket: the SDKs, the sign-in and the control client within one process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.mgmt.resource.deployments.models import Deployment, DeploymentProperties

from sandbox.azure.local import URL, LocalAzureSandbox, make_world
from sandbox.azure.transport import InProcessTransport
from sandbox.azure_control import SandboxError
from tests.sandbox.azure.clients import GROUP, POOL, Clients
from tests.sandbox.azure.session_host import parameters, template


class Stage:
    """A world with everything that speaks to it, on a clock that stands still."""

    def __init__(self) -> None:
        self.real_s = 1_800_000_000.0
        self.world = make_world(lambda: self.real_s)
        self.control = LocalAzureSandbox(self.world)
        self.sent: list[str] = []
        self.waited: list[float] = []
        self.transport = InProcessTransport(self.world, self._hear, wait=self.waited.append)
        self.sdk = Clients(URL, transport=self.transport)

    def _hear(self, request: Any) -> None:
        self.sent.append(f"{request.method} {request.url}")


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.world.store.close()


def test_a_whole_life_passes_without_a_wire(stage: Stage) -> None:
    token = stage.sdk.token(stage.control.now())
    values = parameters("vm1", token=token, claim="claim/1")
    properties = DeploymentProperties(mode="Incremental", template=template(), parameters=values)
    stage.sdk.deployments.deployments.begin_create_or_update(
        GROUP, "vm1", Deployment(properties=properties), polling=False
    )
    stage.control.advance(1200)
    alive = (stage.sdk.powers(), stage.sdk.statuses())
    stage.sdk.compute.virtual_machines.begin_delete(GROUP, "vm1", polling=False)
    stage.control.advance(120)

    assert alive == ({"vm1": "running"}, {"vm1": "Available"})
    assert stage.sdk.powers() == {}
    assert len(stage.sent) == len(stage.control.ledger())
    assert stage.sent[0].endswith("/v2.0/.well-known/openid-configuration")


def test_pages_are_followed_without_a_wire(stage: Stage) -> None:
    stage.control.set_settings(vm_page=1)
    for name in ("vm1", "vm2", "vm3"):
        stage.control.make_machine(name)

    assert list(stage.sdk.powers()) == ["vm1", "vm2", "vm3"]


def test_the_same_story_is_the_same_to_the_letter() -> None:
    def play() -> list[Any]:
        stage = Stage()
        stage.control.make_machine("vm1")
        stage.sdk.compute.virtual_machines.begin_restart(GROUP, "vm1", polling=False)
        stage.control.advance(90)
        outcome = [
            stage.control.journal(),
            stage.control.ledger(),
            stage.sdk.statuses(),
            stage.control.parts(),
        ]
        stage.world.store.close()
        return outcome

    assert play() == play()


@pytest.mark.parametrize(
    ("fault", "kind", "power"),
    [
        ({"kind": "drop_before"}, ServiceRequestError, "running"),
        ({"kind": "drop_after"}, ServiceResponseError, "deallocating"),
        ({"kind": "hang"}, ServiceResponseTimeoutError, "running"),
        ({"kind": "hang", "effect": True}, ServiceResponseTimeoutError, "deallocating"),
        ({"kind": "truncated"}, IncompleteReadError, "deallocating"),
        ({"kind": "throttle", "retry_after_s": 600}, HttpResponseError, "running"),
    ],
)
def test_broken_connections_are_the_errors_that_the_sdks_know(
    fault: dict[str, Any], kind: type[Exception], power: str, stage: Stage
) -> None:
    stage.control.make_machine("vm1")
    stage.control.add_fault(operation="virtualMachines.deallocate", **fault)

    with pytest.raises(kind):
        stage.sdk.compute.virtual_machines.begin_deallocate(GROUP, "vm1", polling=False)

    assert stage.sdk.powers() == {"vm1": power}
    assert stage.waited == []


def test_a_slow_call_waits_as_its_owner_likes(stage: Stage) -> None:
    stage.control.add_fault("slow", operation="hostPools.get", seconds=30)

    assert stage.sdk.avd.host_pools.get(GROUP, POOL).name == POOL
    assert stage.waited == [30]


def test_waiting_between_two_attempts_is_its_owners_business_too(stage: Stage) -> None:
    patient = Clients(URL, transport=stage.transport, retry_total=2)
    stage.control.add_fault("throttle", operation="hostPools.get", retry_after_s=600)

    assert patient.avd.host_pools.get(GROUP, POOL).name == POOL
    assert stage.waited == [600]


def test_the_sign_in_fails_as_it_does_over_the_wire(stage: Stage) -> None:
    stage.control.set_secret(state="expired")

    with pytest.raises(ClientAuthenticationError, match="AADSTS7000222"):
        stage.sdk.avd.host_pools.get(GROUP, POOL)


def test_what_comes_before_a_request_may_stop_it(stage: Stage) -> None:
    def refuse(request: Any) -> None:
        raise ServiceRequestError("the cable is out")

    clients = Clients(URL, transport=InProcessTransport(stage.world, refuse))

    with pytest.raises(ClientAuthenticationError, match="cable"):
        clients.avd.host_pools.get(GROUP, POOL)
    assert stage.control.ledger() == []


def test_tokens_run_out_by_the_clock_that_was_handed_in(stage: Stage) -> None:
    stage.sdk.avd.host_pools.get(GROUP, POOL)
    stage.real_s += 3600

    with pytest.raises(ClientAuthenticationError, match="ExpiredAuthenticationToken"):
        stage.sdk.avd.host_pools.get(GROUP, POOL)


def test_the_local_control_refuses_in_words_too(stage: Stage) -> None:
    with pytest.raises(SandboxError, match="no such machine"):
        stage.control.set_power("nobody", "running")
    assert stage.control.health()["ok"]


def test_a_request_costs_little(stage: Stage) -> None:
    """Counted in statements of the store, not in time: what grows there grows in every simulated second."""
    stage.control.set_settings(reads_per_s=0)
    for number in range(20):
        stage.control.make_machine(f"vm{number}")
    stage.sdk.compute.virtual_machines.get(GROUP, "vm1", expand="instanceView")
    statements: list[str] = []
    stage.world.store._db.set_trace_callback(statements.append)

    stage.sdk.compute.virtual_machines.get(GROUP, "vm1", expand="instanceView")
    one = len(statements)
    stage.sdk.statuses()
    listing = len(statements) - one
    stage.sdk.powers()

    assert one <= 20 and listing <= 20 and len(statements) - one - listing <= 20
