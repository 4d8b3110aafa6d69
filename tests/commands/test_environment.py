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
def healed_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a cut-off install left, made whole: once, because to make an environment takes seconds."""
    checkout = tmp_path_factory.mktemp("healed")
    (checkout / "bin").mkdir()
    lock_package(checkout, version="1")
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "half a fi").touch()
    (checkout / ".venv" / "berth-installing").touch()
    ensure(checkout)
    return checkout


@pytest.fixture
def fresh_checkout(tmp_path: Path) -> Path:
    """A checkout whose lock pins one package that lies beside it."""
    (tmp_path / "bin").mkdir()
    lock_package(tmp_path, version="1")
    return tmp_path


@pytest.fixture
def checkout(fresh_checkout: Path, healed_checkout: Path) -> Path:
    """With an environment into which nothing has been installed yet."""
    shutil.copytree(healed_checkout / ".venv", fresh_checkout / ".venv", symlinks=True)
    for one in (fresh_checkout / ".venv").glob("lib/python*/site-packages/berthtiny*"):
        shutil.rmtree(one) if one.is_dir() else one.unlink()
    (fresh_checkout / ".venv" / "berth-installed.json").unlink()
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


def test_an_install_that_was_cut_off_starts_again(healed_checkout: Path) -> None:
    assert installed(healed_checkout / ".venv" / "bin" / "python") == "1"
    assert not (healed_checkout / ".venv" / "half a fi").exists()


def test_an_environment_without_its_python_or_with_a_cut_off_install_is_not_used(checkout: Path) -> None:
    venv = checkout / ".venv"
    assert _environment._is_usable(venv)

    _environment._mark(venv).touch()
    assert not _environment._is_usable(venv)

    _environment._mark(venv).unlink()
    _let_its_python_go(checkout)
    assert not _environment._is_usable(venv)


def _let_its_python_go(checkout: Path) -> None:
    python = _environment.python_of(checkout / ".venv")
    python.unlink()
    python.symlink_to(checkout / "removed-python")


@pytest.mark.campaign  # made again as after a cut-off install, which is played
def test_an_environment_whose_python_went_away_is_made_again(checkout: Path) -> None:
    ensure(checkout)
    _let_its_python_go(checkout)

    assert installed(ensure(checkout)) == "1"


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
