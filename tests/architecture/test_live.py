"""`live` holds connections of everybody, so it loads nothing that could open a secret or reach a cloud."""

import subprocess
import sys

from tests.architecture.sources import ROOT
from tests.architecture.test_sdks import sdks

LOADED = """
import sys
import live.__main__, live.postgres, live.sqlite
print(*sorted(sys.modules))
"""
FOREIGN = (
    "webapp.vault",
    "webapp.engine",
    "webapp.clouds",
    "webapp.services",
    "webapp.pages",
    "jobs",
    "sandbox",
)
PACKAGES = {"flask", "werkzeug", "rq", "argon2", "itsdangerous"}


def test_it_loads_no_sdk_no_vault_and_nothing_that_acts() -> None:
    command = [sys.executable, "-c", LOADED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    modules = done.stdout.split()

    assert "webapp.models.user" in modules
    assert [one for one in modules if one.partition(".")[0] in sdks() | PACKAGES] == []
    assert [one for one in modules if one.startswith(FOREIGN)] == []
    assert [one for one in modules if one.startswith("cryptography.hazmat")] == []
