"""The systemd units: hardened alike, and the private key out of the web server's reach."""

import configparser
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "docs" / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))


class Unit(configparser.RawConfigParser):
    """A unit repeats keys; the values are joined by a line break."""

    def __init__(self, path: Path) -> None:
        super().__init__(strict=False, delimiters="=", comment_prefixes="#")
        self.optionxform = str  # type: ignore[assignment,method-assign]
        self.path = path
        self.read(path)

    def all(self, key: str) -> list[str]:
        lines = self.path.read_text().splitlines()
        return [line.partition("=")[2] for line in lines if line.startswith(f"{key}=")]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_every_unit_ends_all_its_processes_and_is_hardened(path: Path) -> None:
    service = Unit(path)["Service"]

    assert service["KillMode"] == "control-group"
    assert service["Restart"] == "always"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["User"] != "root"


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_every_unit_can_add_up_its_metrics_with_the_others(path: Path) -> None:
    service = Unit(path)["Service"]

    assert service["ReadWritePaths"] == "-/run/berth-metrics"
    assert service["UMask"] == "0027"
    assert "d /run/berth-metrics 2770 root berth" in (DEPLOY / "berth-metrics.conf").read_text()
    assert "PROMETHEUS_MULTIPROC_DIR=/run/berth-metrics" in (DEPLOY / "berth.env.example").read_text()


def test_only_the_workers_get_the_private_key() -> None:
    readers = {path.name for path in UNITS if "/etc/berth/worker.env" in Unit(path).all("EnvironmentFile")}

    assert readers == {"berth-worker@.service"}
    assert "CREDENTIAL_PRIVATE_KEYS" in (DEPLOY / "worker.env.example").read_text()
    assert "CREDENTIAL_PRIVATE_KEYS" not in (DEPLOY / "web.env.example").read_text()
    assert "CREDENTIAL_PRIVATE_KEYS" not in (DEPLOY / "berth.env.example").read_text()


def test_the_web_server_and_the_workers_are_different_users() -> None:
    web, worker = Unit(DEPLOY / "berth-web.service"), Unit(DEPLOY / "berth-worker@.service")

    assert web["Service"]["User"] != worker["Service"]["User"]
