"""The server as a process: its certificate, what it remembers when it is killed, and how it ends."""

from __future__ import annotations

import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from azure.core.exceptions import AzureError

from sandbox.azure.server import Handle, start
from sandbox.azure_control import AzureSandbox
from tests.sandbox.azure.clients import GROUP, POOL, Clients
from tests.sandbox.processes import Processes

ROOT = Path(__file__).parents[3]
Make = Callable[..., Clients]
Launch = Callable[..., tuple[subprocess.Popen[str], str, str]]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Start `python -m sandbox.azure` and wait until it says where it listens; process, address, CA file."""
    processes, numbers = Processes(), count()

    def run(*options: str) -> tuple[subprocess.Popen[str], str, str]:
        ca_file = str(tmp_path / f"ca{next(numbers)}.pem")
        return *processes.start("sandbox.azure", "--ca-file", ca_file, *options), ca_file

    yield run
    processes.close()


@pytest.mark.crash
def test_a_killed_server_loses_nothing_not_even_its_authority(
    launch: Launch, make_clients: Make, tmp_path: Path
) -> None:
    options = ("--state", str(tmp_path / "state.sqlite3"), "--speed", "0")
    process, url, first_ca = launch(*options)
    control = AzureSandbox(url, ca_file=first_ca)
    control.add_fault("throttle", operation="virtualMachines.restart", times=3)
    control.deny(["Microsoft.Compute/virtualMachines/restart/action"])
    control.make_machine("vm1")
    clients = make_clients(url=url, ca_file=first_ca)
    clients.compute.virtual_machines.begin_deallocate(GROUP, "vm1", polling=False)
    control.advance(10)
    control.set_price("E10 LRS", month="12")
    before, bill = control.state(), control.bill()
    process.send_signal(signal.SIGKILL)
    process.wait()

    _, url, second_ca = launch(*options)

    control = AzureSandbox(url, ca_file=first_ca)
    assert (control.state(), control.bill()) == (before, bill)
    assert Path(first_ca).read_bytes() == Path(second_ca).read_bytes()
    assert [one["accepted"] for one in control.ledger(operation="virtualMachines.deallocate")] == [1]
    control.advance(60)
    assert make_clients(url=url, ca_file=first_ca).powers() == {"vm1": "deallocated"}


def test_the_demo_shows_new_things_a_little_late_and_ends_cleanly(launch: Launch) -> None:
    process, url, ca_file = launch("--speed", "60")
    control = AzureSandbox(url, ca_file=ca_file)

    assert control.health()["speed"] == 60
    assert control.state()["settings"]["list_lag_s"] > 0
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    assert process.stderr is not None and process.stderr.read() == ""


@pytest.mark.parametrize(
    "options", [["--host", "0.0.0.0"], ["--speed", "-1"], ["--ca-file", "no/such/folder/ca.pem"]]
)
def test_what_cannot_work_is_reported_in_one_line(options: list[str]) -> None:
    command = [sys.executable, "-m", "sandbox.azure", "--port", "0", *options]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)

    assert done.returncode == 1
    assert done.stderr.startswith("sandbox: cannot start: ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "::"])
def test_only_loopback_is_listened_on(host: str) -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.0/8"):
        start(host=host)


def test_a_busy_port_and_the_file_of_another_cloud_are_refused(tmp_path: Path) -> None:
    from sandbox.aws.server import start as start_aws

    state = str(tmp_path / "aws.sqlite3")
    start_aws(state=state).stop()

    with start() as handle, pytest.raises(OSError, match="in use"):
        start(port=int(handle.url.rpartition(":")[2]))
    with pytest.raises(ValueError, match="another version"):
        start(state=state)


def test_the_certificate_is_for_this_machine_and_good_by_both_its_names(server: Handle) -> None:
    port = server.url.rpartition(":")[2]

    for name in ("localhost", "127.0.0.1"):
        assert AzureSandbox(f"https://{name}:{port}", ca_file=server.ca_file).health()["ok"]
    with pytest.raises(ssl.SSLCertVerificationError):
        AzureSandbox(server.url).health()


def test_a_temporary_certificate_goes_with_its_server_a_named_one_stays(tmp_path: Path) -> None:
    named = tmp_path / "ca.pem"
    with start() as passing, start(ca_file=str(named)) as staying:
        temporary = Path(passing.ca_file)
        assert temporary.exists() and staying.ca_file == str(named)

    assert not temporary.exists() and named.exists()


def test_time_goes_on_while_the_server_is_down(tmp_path: Path) -> None:
    state, real = str(tmp_path / "state.sqlite3"), [1_800_000_000.0]
    with start(state=state, speed=1, real=lambda: real[0]) as handle:
        handle.control.make_machine("vm1")
        handle.control.shut_down_in_guest("vm1")
    real[0] += 3600

    with start(state=state, speed=None, real=lambda: real[0]) as handle:
        [vm] = [one for one in handle.control.parts() if one["kind"] == "vm"]

    assert vm["power"] == "stopped"


def test_a_stopped_server_answers_nobody(make_clients: Make, tmp_path: Path) -> None:
    handle = start(ca_file=str(tmp_path / "ca.pem"))
    clients = make_clients(url=handle.url, ca_file=handle.ca_file)
    clients.avd.host_pools.get(GROUP, POOL)

    handle.stop()
    handle.stop()

    with pytest.raises(AzureError):
        clients.avd.host_pools.get(GROUP, POOL)


def test_a_page_in_a_browser_cannot_reach_the_control_api_by_another_name(server: Handle) -> None:
    context = ssl.create_default_context(cafile=server.ca_file)
    request = urllib.request.Request(f"{server.url}/_sandbox/state", headers={"Host": "evil.example"})

    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=5, context=context)

    with refusal.value:
        assert refusal.value.code == 403
