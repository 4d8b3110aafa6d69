"""The private environment heals after everything that can cut an install short. Nothing is downloaded."""

import hashlib
import shutil
import subprocess
import zipfile
from pathlib import Path

import _environment
import pytest
from _console import Refusal


@pytest.fixture(scope="module")
def empty_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once and copied: making one takes seconds."""
    venv = tmp_path_factory.mktemp("made") / ".venv"
    _environment._make(venv)
    return venv


@pytest.fixture
def fresh_checkout(tmp_path: Path) -> Path:
    """A checkout whose lock pins one package that lies beside it."""
    (tmp_path / "bin").mkdir()
    lock_package(tmp_path, version="1")
    return tmp_path


@pytest.fixture
def checkout(fresh_checkout: Path, empty_environment: Path) -> Path:
    shutil.copytree(empty_environment, fresh_checkout / ".venv", symlinks=True)
    return fresh_checkout


def lock_package(checkout: Path, *, version: str, hash_of: str | None = None) -> None:
    wheel = checkout / f"berthtiny-{version}-py3-none-any.whl"
    info = f"berthtiny-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("berthtiny.py", f"VERSION = {version!r}\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: berthtiny\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    digest = hash_of or hashlib.sha256(wheel.read_bytes()).hexdigest()
    (checkout / "requirements.txt").write_text(f"./{wheel.name} --hash=sha256:{digest}\n")


def installed(python: Path) -> str:
    program = "import berthtiny; print(berthtiny.VERSION)"
    return subprocess.run([python, "-c", program], capture_output=True, text=True).stdout.strip()


def ensure(checkout: Path) -> Path:
    return _environment.ensure("requirements.txt", root=checkout)


def test_only_a_changed_lock_is_installed_again(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert installed(ensure(checkout)) == "1"
    assert "Installing" in capsys.readouterr().out

    ensure(checkout)
    assert capsys.readouterr().out == ""

    lock_package(checkout, version="2")
    assert installed(ensure(checkout)) == "2"


def test_an_install_that_was_cut_off_starts_again(checkout: Path) -> None:
    python = ensure(checkout)
    (checkout / ".venv" / "berth-installing").touch()
    next((checkout / ".venv").glob("lib/python*/site-packages/berthtiny.py")).write_text("half a fi")

    ensure(checkout)

    assert installed(python) == "1"


def test_an_environment_whose_python_went_away_is_made_again(checkout: Path) -> None:
    python = ensure(checkout)
    python.unlink()
    python.symlink_to(checkout / "removed-python")

    ensure(checkout)

    assert installed(python) == "1"


def test_a_package_with_another_hash_is_refused_in_one_sentence_and_heals(checkout: Path) -> None:
    lock_package(checkout, version="1", hash_of="0" * 64)
    with pytest.raises(Refusal, match=r"The packages could not be installed") as refusal:
        ensure(checkout)
    assert "\n" not in str(refusal.value)

    lock_package(checkout, version="1")
    assert installed(ensure(checkout)) == "1"


def test_an_index_out_of_reach_is_reported_in_one_sentence(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / "requirements.txt").write_text(f"berthtiny-of-nowhere==1 --hash=sha256:{'0' * 64}\n")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_RETRIES", "0")

    with pytest.raises(Refusal, match=r"Is the package index reachable\?"):
        ensure(checkout)


def test_a_python_without_venv_is_refused_with_what_to_install(
    fresh_checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(_environment.sys, "executable", "/bin/false")

    with pytest.raises(Refusal, match="apt install python3-venv"):
        ensure(fresh_checkout)
