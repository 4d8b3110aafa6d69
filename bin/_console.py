"""Console output of the commands: short lines, and one sentence if something is wrong."""

import errno
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Refusal(Exception):
    """A problem that the person can fix; the text says how, in one sentence."""


def say(text: str = "") -> None:
    """Print a line at once. A closed terminal is no reason to fail."""
    try:
        print(text, flush=True)
    except OSError:
        # Closed terminal: continue to a clean exit; the null device silences Python's flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def refuse(text: str) -> int:
    """Print why the command stops, and return its exit code."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        return 1
    return 1


def reason_of(error: OSError) -> str:
    """The system error in words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full"
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def last_line(text: str) -> str:
    """What a failed command said last, which mostly is why."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def short(path: Path) -> str:
    """The path as a person in the checkout would type it."""
    try:
        return str(path.relative_to(ROOT))
    except ValueError:
        return str(path)
