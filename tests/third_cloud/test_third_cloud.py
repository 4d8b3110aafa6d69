"""A cloud is its folder, and a line in each registry: nothing else has to know it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.desk import key_pair
from tests.third_cloud.provider import PROVIDER
from webapp.config import Settings
from webapp.domain.endpoints import Endpoint
from webapp.providers.registry import PROVIDERS, find_provider


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_cloud_of_one_folder_gets_people_to_their_desktops(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.third_cloud", str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)

    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "fields on the form": ["tide_project", "tide_key"],
        "the order form speaks Tide": True,
        "by pages": "AVAILABLE",
        "the person’s way in": "tide://ada",
        "its test": True,
        "by API": "AVAILABLE",
        "its link": "tide://grace",
        "in the document": True,
        "machines": [["harbour", "ada", "running"], ["quay", "grace", "running"]],
    }


def test_registering_it_for_a_while_leaves_nothing_behind() -> None:
    with PROVIDERS.registered(PROVIDER):
        assert find_provider("tide") is PROVIDER
        assert PROVIDERS.list()[-1] is PROVIDER

    assert find_provider("tide") is None


def test_its_settings_are_read_under_the_names_it_declares() -> None:
    environ = {
        "BERTH_ENV": "development",
        "DATABASE_URL": "sqlite://",
        "REDIS_URL": "redis://127.0.0.1",
        "CREDENTIAL_PRIVATE_KEYS": key_pair()[1],
        "TIDE_ENDPOINT_URL": "http://127.0.0.1:4569/",
        "PROVISION_TIMEOUT_TIDE_S": "77",
    }
    with PROVIDERS.registered(PROVIDER):
        settings = Settings.from_env(environ, process="worker")

    assert settings.endpoint_of("tide") == Endpoint("http://127.0.0.1:4569")
    assert settings.provision_timeout_of("tide") == 77
    assert settings.endpoint_of("aws") is None
