"""No process loads an SDK that it does not use."""

import os
import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT
from tests.architecture.test_sdks import sdks
from tests.desk import webhook_key_pair

SCHEDULER = "import jobs.schedule"
BACKGROUND = """
from jobs import worker
from webapp.config import Settings
worker.prepare("background", Settings.from_env(process="background"))
"""


@pytest.mark.parametrize("program", [SCHEDULER, BACKGROUND], ids=["scheduler", "background"])
def test_what_calls_no_cloud_loads_no_module_of_an_sdk(program: str, database_url: str) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys; print(*sys.modules)"],
        env={
            "PATH": os.environ["PATH"],
            "BERTH_ENV": "development",
            "DATABASE_URL": database_url,
            "REDIS_URL": "unix:///nowhere/at/all",
            "WEBHOOK_PRIVATE_KEYS": webhook_key_pair()[1],
        },
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )

    loaded = shown.stdout.split()
    assert "webapp.models" in loaded
    assert [name for name in loaded if name.partition(".")[0] in sdks() - {"requests", "urllib3"}] == []
    if program == SCHEDULER:
        heavy = ("cryptography.hazmat", "flask", "rq", "alembic")
        assert [name for name in loaded if name.startswith(heavy)] == [], "it has no key and serves nobody"
