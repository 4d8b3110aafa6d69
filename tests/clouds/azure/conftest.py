"""The driver of Azure on the simulated one."""

from collections.abc import Callable

import pytest

from tests.clouds.azure.stage import AzureStage
from tests.contract.play import OpenGate
from webapp.clouds.azure_avd.client import TOKEN
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.clouds.base import Access, Order
from webapp.domain.endpoints import Endpoint
from webapp.providers.azure_avd.fields import FIELDS as AZURE
from webapp.vault.box import Secret


class WatchedGate(OpenGate):
    """`operations` without those of the sign-in, which are no calls of Resource Manager."""

    def __init__(self) -> None:
        super().__init__()
        self.all_operations: list[str] = []
        self.closed_for: dict[str, Exception] = {}

    def __call__(self, operation: str) -> None:
        if operation in self.closed_for:
            raise self.closed_for[operation]
        self.all_operations.append(operation)
        if operation != TOKEN:
            super().__call__(operation)


@pytest.fixture
def gate() -> WatchedGate:
    return WatchedGate()


@pytest.fixture
def enter(azure_stage: AzureStage, gate: OpenGate) -> Callable[..., AzureAvd]:
    """`enter(host_pool="another")`: a driver whose credential differs in what is named."""

    def make(**changes: str) -> AzureAvd:
        values = {**AZURE.optional, **azure_stage.fields, **changes}
        return AzureAvd(
            Access(
                public_fields={name: values[name] for name in values if name != AZURE.secret},
                secret=Secret(values[AZURE.secret]),
                endpoint=Endpoint(azure_stage.control.url, azure_stage.ca_file),
                installation="install",
            ),
            gate,
        )

    return make


@pytest.fixture
def driver(enter: Callable[..., AzureAvd]) -> AzureAvd:
    return enter()


@pytest.fixture
def order() -> Callable[..., Order]:
    def make(number: int = 1, *, generation: int = 1) -> Order:
        return Order(f"install/row{number}/{generation}", f"person.{number}@example.com", "az-standard", "")

    return make
