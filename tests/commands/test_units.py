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


@pytest.mark.parametrize(
    ("name", "unit", "secret"),
    [
        ("web", "berth-web.service", "SECRET_KEY"),
        ("worker", "berth-worker@.service", "CREDENTIAL_PRIVATE_KEYS"),
        ("background", "berth-background@.service", "WEBHOOK_PRIVATE_KEYS"),
    ],
)
def test_each_secret_has_one_unit(name: str, unit: str, secret: str) -> None:
    readers = {path.name for path in UNITS if f"/etc/berth/{name}.env" in Unit(path).all("EnvironmentFile")}
    holders = [path.name for path in DEPLOY.glob("*.example") if f"\n{secret}=" in path.read_text()]

    assert readers == {unit}
    assert holders == [f"{name}.env.example"]


def test_the_web_server_and_the_two_kinds_of_workers_are_different_users() -> None:
    units = ("berth-web.service", "berth-worker@.service", "berth-background@.service")

    assert len({Unit(DEPLOY / name)["Service"]["User"] for name in units}) == 3
