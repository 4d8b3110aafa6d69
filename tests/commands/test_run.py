"""What bin/run says when it cannot start: one sentence, an exit code, no traceback."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from _console import ROOT
from _data_folder import DataFolder


def run(home: Path, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, ROOT / "bin" / "run", *arguments],
        env=os.environ | {"BERTH_HOME": str(home)} | environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_busy_port_is_named_with_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        port = other.getsockname()[1]

        done = run(tmp_path / "data", "--port", str(port))

    assert done.returncode == 1
    assert done.stderr == f"Port {port} is in use by another program: try bin/run --port {port + 1}.\n"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.20"])
def test_the_demo_is_not_for_other_machines(tmp_path: Path, host: str) -> None:
    done = run(tmp_path / "data", "--host", host)

    assert done.returncode == 1
    assert done.stderr.startswith(f"The demo is for this machine only, not for {host}:")


def test_nor_is_the_data_of_a_demo(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    (folder / "demo-sign-ins.txt").touch()
    os.close(folder.lock_descriptor)

    done = run(folder.path, "--host", "0.0.0.0", "--no-sandbox")

    assert done.returncode == 1
    assert "another folder" in done.stderr


def test_a_second_start_on_the_same_data_is_refused(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")

    done = run(folder.path)

    assert done.returncode == 1
    assert f"(process {os.getpid()})" in done.stderr
    assert done.stderr.count("\n") == 1


def test_reset_while_it_runs_removes_nothing(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    (folder / "berth.sqlite3").touch()

    done = run(folder.path, "--reset")

    assert done.returncode == 1
    assert (folder / "berth.sqlite3").exists()


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    done = run(tmp_path / "data", PORT=port)

    assert done.returncode == 1
    assert done.stderr == f"The port must be a number from 1 to 65535, not {port!r}.\n"


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = run(tmp_path / "file" / "data")

    assert done.returncode == 1
    assert "cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
