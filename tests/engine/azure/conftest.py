"""A whole Berth on the simulated Azure."""

from collections.abc import Iterator

import pytest

from tests.azure_stage import AzureStage
from tests.desk import Desk, RungBell, StoryClock, make_settings


@pytest.fixture
def desk(database_url: str, azure_stage: AzureStage, bell: RungBell) -> Iterator[Desk]:
    """Doors, engine and cloud of one company whose credential is Azure's."""
    settings = make_settings(database_url, **azure_stage.settings())
    made = Desk(
        settings=settings, clock=StoryClock(azure_stage.control), bell=bell,
        sandbox=azure_stage.control, stage=azure_stage)  # fmt: skip
    yield made
    made.close()
