"""`bin/lock`: recreate the lock files, complete and with hashes, for every supported system and Python."""

import subprocess
import sys

from _console import ROOT, Refusal, last_line, reason_of, refuse, say
from _data_folder import adopt
from _environment import DEV_LOCK, PRODUCTION_LOCK, RUN_LOCK, clean_environ, python_of

UV = "uv==0.13.9"
OLDEST_PYTHON = "3.11"
PAGES = (
    (PRODUCTION_LOCK, "requirements.in"),
    (RUN_LOCK, "requirements-demo.in"),
    (DEV_LOCK, "requirements-dev.in"),
)


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
    for lock, page in PAGES:
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
                *arguments,
                page,
                "-o",
                lock,
            ]
        )
        say(f"Created {lock} from {page}.")


def _call(command: list) -> None:
    done = subprocess.run(command, cwd=ROOT, env=clean_environ(), capture_output=True, text=True)
    if done.returncode != 0:
        raise Refusal(f"{command[0]} failed: {last_line(done.stderr)}")
