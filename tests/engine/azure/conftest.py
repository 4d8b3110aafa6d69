"""A whole Berth on the simulated Azure."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.azure.server import Handle as AzureHandle
from tests.clouds.azure.stage import AzureStage
from tests.desk import Desk, RecordingNotifier, StoryClock, make_settings
from tests.furnished import Template, make_template


@pytest.fixture(scope="session")
def azure_template(
    migrated_sqlite: Path, azure_server: AzureHandle, tmp_path_factory: pytest.TempPathFactory
) -> Template:
    target = tmp_path_factory.mktemp("azure") / "berth.sqlite3"
    return make_template(migrated_sqlite, target, AzureStage(azure_server.control, azure_server.ca_file))


@pytest.fixture
def desk(
    azure_template: Template, database_url: str, azure_stage: AzureStage, notifier: RecordingNotifier
) -> Iterator[Desk]:
    """Entry points, engine and cloud of one company whose credential is Azure's."""
    settings = make_settings(database_url, azure_stage)
    made = azure_template.open_desk(settings, StoryClock(azure_stage.control), notifier, azure_stage)
    yield made
    made.close()
