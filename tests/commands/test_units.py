"""The systemd units: hardened alike, and the private key out of the web server's reach."""

import configparser
import ipaddress
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cases import each_case
from webapp.domain.addresses import NOT_OUTSIDE, is_public

DEPLOY = Path(__file__).resolve().parents[2] / "docs" / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
ONCE = "berth-backup.service"
"""Started by its timer, which comes again: it does its work and ends."""
METADATA = ("169.254.169.254", "169.254.170.2", "fd00:ec2::254")
"""Where clouds give the keys of a host to whoever asks: virtual machines, containers, IPv6."""
EGRESS = DEPLOY / "egress"
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")


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


@each_case("path", UNITS, ids=lambda path: path.name)
def test_every_unit_ends_all_its_processes_and_is_hardened(path: Path) -> None:
    service = Unit(path)["Service"]

    assert service["KillMode"] == "control-group"
    if path.name != ONCE:
        assert service["Restart"] == "always"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["User"] != "root"
    assert service["LimitCORE"] == "0"
    assert service["MemoryDenyWriteExecute"] == "yes"
    assert (service["IPAddressDeny"], service["IPAddressAllow"]) == ("any", "localhost")


def test_only_workers_on_cloud_accounts_are_led_out_and_by_the_proxy() -> None:
    ways = {path.name: Unit(path).all("Environment") for path in UNITS}
    proxy = (EGRESS / "squid.conf").read_text().splitlines()

    assert {name: found for name, found in ways.items() if found} == {
        "berth-worker@.service": ["HTTPS_PROXY=http://127.0.0.1:3128"]
    }
    assert "http_port 127.0.0.1:3128" in proxy
    rules = [line for line in proxy if line.startswith("http_access")]
    assert rules == [
        "http_access deny !tunnel",
        "http_access deny !tls",
        "http_access allow localhost clouds",
        "http_access deny all",
    ]
    assert 'acl clouds dstdomain -n "/etc/squid/berth-clouds.txt"' in proxy
    assert {"acl tls port 443", "acl tunnel method CONNECT"} <= set(proxy)


def test_who_calls_what_companies_enter_is_kept_out_of_every_network_that_is_not_public() -> None:
    """The drop-in shuts out what Berth's own judgement of an address shuts out, and does so first."""
    lines = Unit(EGRESS / "companies.conf").all("IPAddressDeny")
    denied = [ipaddress.ip_network(one) for line in lines for one in line.split()]
    inside = [
        *METADATA,
        "168.63.129.16",
        "10.0.0.1",
        "100.64.0.1",
        "172.16.9.9",
        "192.168.1.1",
        "0.0.0.0",
        "fe80::1",
        "fd12::1",
        "2002:a00:1::",
        *(str(edge) for one in NOT_OUTSIDE for edge in (one[0], one[-1])),
    ]

    assert lines[0] == "", "without it the unit's own “any” would go on to hold"
    for address in map(ipaddress.ip_address, inside):
        assert not is_public(str(address))
        assert any(address in one for one in denied if one.version == address.version), address
    assert not any(is_public(str(one.network_address)) for one in denied)


@each_case("path", UNITS, ids=lambda path: path.name)
def test_every_unit_can_add_up_its_metrics_with_the_others(path: Path) -> None:
    service = Unit(path)["Service"]

    assert service["ReadWritePaths"] == "-/run/berth-metrics"
    assert service["UMask"] == "0027"
    assert service["SupplementaryGroups"] == "berth-metrics"
    assert "d /run/berth-metrics 2770 root berth-metrics" in (DEPLOY / "berth-metrics.conf").read_text()
    assert "PROMETHEUS_MULTIPROC_DIR=/run/berth-metrics" in (DEPLOY / "berth.env.example").read_text()


def test_each_secret_is_a_file_for_one_unit_and_in_no_environment() -> None:
    credentials = {path.name: Unit(path).all("LoadCredential") for path in UNITS}
    environment = "".join(path.read_text() for path in DEPLOY.glob("*.example"))

    assert {name: found for name, found in credentials.items() if found} == {
        "berth-web.service": ["SECRET_KEY:/etc/berth/web/SECRET_KEY"],
        "berth-worker@.service": ["CREDENTIAL_PRIVATE_KEYS:/etc/berth/worker/CREDENTIAL_PRIVATE_KEYS"],
        "berth-background@.service": [
            "WEBHOOK_PRIVATE_KEYS:/etc/berth/background/WEBHOOK_PRIVATE_KEYS",
            "SMTP_URL:/etc/berth/background/SMTP_URL",
        ],
    }
    secrets = ("SECRET_KEY", "CREDENTIAL_PRIV", "SMTP_URL", "AWS_IDENTITY_SECRET")
    assert not [line for line in environment.splitlines() if line.lstrip("#").startswith(secrets)]


def test_an_identity_of_its_own_is_for_the_workers_and_takes_down_no_wall() -> None:
    key, instance = (Unit(DEPLOY / "identity" / name) for name in ("key.conf", "instance.conf"))

    assert key.all("LoadCredential") == ["AWS_IDENTITY_SECRET:/etc/berth/worker/AWS_IDENTITY_SECRET"]
    assert instance.all("IPAddressAllow") == [METADATA[0]]
    for unit in (key, instance):
        assert unit.sections() == ["Service"] and len(unit["Service"]) == 1


def verified(text: str, name: str, folder: Path) -> tuple[int, str]:
    """What systemd says about a unit whose program exists."""
    (folder / "python").symlink_to("/bin/sh")
    (folder / name).write_text(text.replace("/opt/berth/.venv/bin/python", str(folder / "python")))
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@needs_systemd
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_understands_every_line(path: Path, tmp_path: Path) -> None:
    assert verified(path.read_text(), path.name, tmp_path) == (0, "")


@needs_systemd
@pytest.mark.parametrize(
    ("name", "drop_in"),
    [
        ("berth-web.service", "egress/companies.conf"),
        ("berth-worker@.service", "identity/key.conf"),
        ("berth-worker@.service", "identity/instance.conf"),
    ],
)
def test_systemd_understands_the_drop_ins(tmp_path: Path, name: str, drop_in: str) -> None:
    folder = tmp_path / f"{name}.d"
    folder.mkdir()
    (folder / "one.conf").write_text((DEPLOY / drop_in).read_text())

    assert verified((DEPLOY / name).read_text(), name, tmp_path) == (0, "")


@needs_systemd
def test_a_line_that_systemd_would_ignore_is_found(tmp_path: Path) -> None:
    text = (DEPLOY / "berth-web.service").read_text().replace("IPAddressDeny=", "IPAdressDeny=")

    assert "IPAdressDeny" in verified(text, "berth-web.service", tmp_path)[1]


@needs_systemd
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_finds_little_exposure(path: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", path],
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_who_holds_a_secret_or_everybodys_connections_is_a_user_of_its_own() -> None:
    units = ("berth-web.service", "berth-worker@.service", "berth-background@.service", "berth-live.service")

    assert len({Unit(DEPLOY / name)["Service"]["User"] for name in units}) == 4


def test_the_backup_is_made_every_night_by_a_user_of_its_own_into_a_folder_that_nobody_else_reads(
    tmp_path: Path,
) -> None:
    unit, timer = Unit(DEPLOY / ONCE), Unit(DEPLOY / "berth-backup.timer")

    service = unit["Service"]
    assert (service["Type"], service["User"]) == ("oneshot", "berth-backup")
    assert (service["StateDirectory"], service["StateDirectoryMode"]) == ("berth-backup", "0700")
    assert unit.all("LoadCredential") == [] and unit.all("EnvironmentFile") == ["/etc/berth/berth.env"]
    assert "-m jobs.backup /var/lib/berth-backup --keep 14" in service["ExecStart"]
    assert (timer["Timer"]["OnCalendar"], timer["Timer"]["Persistent"]) == ("*-*-* 02:30:00 UTC", "true")
    assert timer["Install"]["WantedBy"] == "timers.target"
    if shutil.which("systemd-analyze"):
        (tmp_path / ONCE).write_text("[Service]\nType=oneshot\nExecStart=/bin/true\n")
        assert verified((DEPLOY / "berth-backup.timer").read_text(), "berth-backup.timer", tmp_path) == (
            0,
            "",
        )
