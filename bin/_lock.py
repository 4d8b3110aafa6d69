"""`bin/lock`: recreate the lock files, complete and with hashes, for every supported system and Python.

A lock includes the smaller one with `-r` and holds only what it adds: what production needs stands in one.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from _console import ROOT, Refusal, last_line, reason_of, refuse, say
from _data_folder import adopt
from _environment import DEV_LOCK, PRODUCTION_LOCK, RUN_LOCK, clean_environ, python_of

UV = "uv==0.13.9"
OLDEST_PYTHON = "3.11"
PAGES = (
    (PRODUCTION_LOCK, "requirements.in", None),
    (RUN_LOCK, "requirements-demo.in", PRODUCTION_LOCK),
    (DEV_LOCK, "requirements-dev.in", RUN_LOCK),
)
"""Each lock, the page it is made from, and the smaller lock that it includes."""
ENTRY = re.compile(r"^(?=[a-z0-9])", re.MULTILINE)


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--upgrade"]):
        say("usage: bin/lock [--upgrade]")
        say("Without --upgrade, locked versions stay as they are where the .in files allow it.")
        return 0 if arguments in (["-h"], ["--help"]) else 2
    try:
        _lock(arguments)
    except Refusal as refusal:
        return refuse(str(refusal))
    except OSError as error:
        return refuse(f"The lock files cannot be created: {reason_of(error)}.")
    return 0


def _lock(arguments: list[str]) -> None:
    tools = adopt(ROOT / ".berth") / "tools"
    if not (tools / "bin" / "uv").exists():
        say("Installing uv into .berth/tools ...")
        _call([sys.executable, "-m", "venv", tools])
        _call([python_of(tools), "-m", "pip", "install", "--quiet", UV])
    held: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        for lock, page, smaller in PAGES:
            whole = Path(folder) / lock
            _write_if_there(ROOT / lock, whole, smaller)
            _compile(tools, page, whole, [*arguments, *(("-c", smaller) if smaller else ())])
            header, *entries = ENTRY.split(whole.read_text())
            added = [entry for entry in entries if _first_line(entry) not in held]
            held.update(map(_first_line, entries))
            (ROOT / lock).write_text(header + (f"-r {smaller}\n" if smaller else "") + "".join(added))
            say(f"Created {lock} from {page}.")


def _write_if_there(lock: Path, whole: Path, smaller: str | None) -> None:
    """Let uv start from the versions that are locked."""
    if lock.exists():
        whole.write_text(lock.read_text().replace(f"-r {smaller}\n", ""))


def _first_line(entry: str) -> str:
    return entry.splitlines()[0]


def _compile(tools: Path, page: str, lock: Path, options: list[str]) -> None:
    # The command in the header is ours: uv's own would contain options and folders of this machine.
    _call(
        [
            tools / "bin" / "uv",
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--generate-hashes",
            "--python",
            sys.executable,
            "--python-version",
            OLDEST_PYTHON,
            "--no-emit-index-url",
            "--no-emit-find-links",
            "--custom-compile-command",
            "bin/lock",
            *options,
            page,
            "-o",
            lock,
        ]
    )


def _call(command: list) -> None:
    done = subprocess.run(command, cwd=ROOT, env=clean_environ(), capture_output=True, text=True)
    if done.returncode != 0:
        raise Refusal(f"{command[0]} failed: {last_line(done.stderr)}")
