"""The private environment .venv: created once, updated from a lock file when that has changed.

Standard library only. An interrupted install leaves a mark, and the next call starts it from scratch.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import _apt
from _console import ROOT, Refusal, reason_of, say
from _processes import ends_with_parent

VENV = ROOT / ".venv"
PRODUCTION_LOCK = "requirements.txt"
RUN_LOCK = "requirements-demo.txt"
DEV_LOCK = "requirements-dev.txt"
# A lock includes the smaller one with `-r`.
HOLDS = {
    PRODUCTION_LOCK: (PRODUCTION_LOCK,),
    RUN_LOCK: (RUN_LOCK, PRODUCTION_LOCK),
    DEV_LOCK: (DEV_LOCK, RUN_LOCK, PRODUCTION_LOCK),
}

ASTRAY = (
    "PYTHONHOME",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPATH",
    "PYTHONSAFEPATH",
    "VIRTUAL_ENV",
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_REQUIRE_VIRTUALENV",
)
APT_TIMEOUT_S = 300
NO_VENV = (
    "This Python cannot create virtual environments: install its venv module "
    "(Debian, Ubuntu: apt install python3-venv) and try again."
)


def ensure(lock: str, *, root: Path = ROOT, venv: Path | None = None) -> Path:
    """Make `.venv` contain exactly what `lock` pins, and return its Python. Raises Refusal."""
    venv = venv or root / ".venv"
    with _one_at_a_time(root):
        if _is_current(lock, root=root, venv=venv):
            return python_of(venv)
        started = time.monotonic()
        if not _is_usable(venv):
            say(f"Creating the environment {venv.name} ...")
            _make(venv)
        _install(lock, root=root, venv=venv)
        say(f"The environment is ready ({time.monotonic() - started:.0f} s).")
        return python_of(venv)


def python_of(venv: Path) -> Path:
    return venv / "bin" / "python"


def run_module(
    python: Path, name: str, *arguments: str | Path, cwd: Path
) -> "subprocess.CompletedProcess[str]":
    """Run a tool of the environment, whose output is read and not shown."""
    return subprocess.run(
        [python, "-m", name, *arguments],
        cwd=cwd,
        env=clean_environ(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def clean_environ() -> dict[str, str]:
    """This process's environment without variables that would mislead pip or Python."""
    environ = {name: value for name, value in os.environ.items() if name not in ASTRAY}
    environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    environ["PIP_NO_INPUT"] = "1"
    if not Path(environ.get("HOME", "")).is_dir():
        environ["PIP_NO_CACHE_DIR"] = "1"  # else pip would create that home
    return environ


def _stamp(venv: Path) -> Path:
    return venv / "berth-installed.json"


def _mark(venv: Path) -> Path:
    return venv / "berth-installing"


def _hash(lock: str, root: Path) -> str:
    return hashlib.sha256(b"".join((root / part).read_bytes() for part in HOLDS[lock])).hexdigest()


def _is_current(lock: str, *, root: Path, venv: Path) -> bool:
    try:
        installed = json.loads(_stamp(venv).read_text())
    except (OSError, ValueError):
        return False
    return installed.get(lock) == _hash(lock, root) and not _mark(venv).exists() and _runs(venv, "-c", "pass")


def _is_usable(venv: Path) -> bool:
    """Is it a complete environment with pip? Not if its Python is gone or an install was interrupted."""
    return not _mark(venv).exists() and _runs(venv, "-m", "pip", "--version")


def _runs(venv: Path, *arguments: str) -> bool:
    try:
        return (
            subprocess.run(
                [python_of(venv), *arguments], env=clean_environ(), capture_output=True, timeout=60
            ).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def _make(venv: Path) -> None:
    try:
        if venv.exists():
            shutil.rmtree(venv)
        venv.mkdir(parents=True)
        _mark(venv).touch()
    except OSError as error:
        raise Refusal(f"The environment {venv} cannot be created: {reason_of(error)}.") from error
    if not any(_made(maker, venv) for maker in _makers(venv)):
        _check_space(venv)
        if not _apt.is_allowed():
            raise Refusal(NO_VENV)
        say("This Python has no venv module; installing python3-venv ...")
        _apt.install("python3-venv", environ=clean_environ(), limit_s=APT_TIMEOUT_S)
        if not _made(_makers(venv)[0], venv):
            raise Refusal(NO_VENV)
    _mark(venv).unlink()


def _made(maker: list[str], venv: Path) -> bool:
    done = subprocess.run(maker, env=clean_environ(), stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode == 0 and _runs(venv, "-m", "pip", "--version")


def _makers(venv: Path) -> list[list[str]]:
    makers = [[sys.executable, "-m", "venv", str(venv)]]
    if uv := shutil.which("uv"):
        makers.append([uv, "venv", "--seed", "--allow-existing", "--python", sys.executable, str(venv)])
    if virtualenv := shutil.which("virtualenv"):
        makers.append([virtualenv, "--python", sys.executable, str(venv)])
    return makers


def _install(lock: str, *, root: Path, venv: Path) -> None:
    count = sum("==" in line for part in HOLDS[lock] for line in (root / part).read_text().splitlines())
    say(f"Installing {count} pinned packages from {lock}; the first time this takes 1 to 5 minutes ...")
    _stamp(venv).unlink(missing_ok=True)
    # --no-deps: the lock is complete, and leaves out on purpose what is never imported (see pyproject.toml).
    # --no-compile: a quarter of 10,000 files is ever imported; Python compiles those when it first does.
    command = [
        python_of(venv),
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--no-deps",
        "--no-compile",
        "--progress-bar",
        "off",
        "-r",
        root / lock,
    ]
    last = _follow(command, cwd=root, mark=_mark(venv))
    if last is not None:
        _check_space(venv)
        raise Refusal(
            f"The packages could not be installed. Is the package index reachable? pip's last line: {last}"
        )
    _stamp(venv).write_text(json.dumps({name: _hash(name, root) for name in HOLDS[lock]}))
    _mark(venv).unlink(missing_ok=True)


def _follow(command: list[str | Path], *, cwd: Path, mark: Path) -> str | None:
    """Run pip and print its progress; return its last error line if it fails, else None.

    `mark` is set before the first file changes: a failure before that leaves the environment intact.
    """
    complaint, seen = "no message", 0
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=clean_environ() | {"PYTHONUNBUFFERED": "1"},
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=ends_with_parent(),  # an incomplete environment must not keep changing in the background
    )
    with process:
        for line in process.stdout or ():
            line = line.strip()
            if line.startswith("ERROR:"):
                complaint = line.removeprefix("ERROR:").strip()
            elif line.startswith("Collecting "):
                seen += 1
                if seen % 10 == 0:
                    say(f"  {seen} packages downloaded ...")
            elif line.startswith("Installing collected"):
                mark.touch()
                say(f"  {seen} packages downloaded; installing ...")
    return None if process.returncode == 0 else complaint


def _check_space(venv: Path) -> None:
    """Raise Refusal if a full disk stopped the install."""
    at = venv if venv.exists() else venv.parent
    free_mib = shutil.disk_usage(at).free // 2**20
    if free_mib < 50:
        raise Refusal(f"The disk is full: {at} has {free_mib} MiB free, and the environment needs about 500.")


@contextlib.contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    """Two commands must not install into the same folder at once; the second waits."""
    descriptor = os.open(root / "bin", os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another command is preparing the environment; waiting for it ...")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            pass  # a file system without locks: one person, one terminal
        yield
    finally:
        os.close(descriptor)
