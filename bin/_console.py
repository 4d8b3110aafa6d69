"""What the commands say: calm lines, one sentence when something is wrong."""

import errno
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Refusal(Exception):
    """Something that the person can put right; the text is the one sentence that says how."""


def say(text: str = "") -> None:
    """Print a line at once. A terminal that went away is no reason to fail."""
    try:
        print(text, flush=True)
    except OSError:
        # Closed terminal: go on to the clean end; the null device keeps Python's own exit flush quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def refuse(text: str) -> int:
    """Say why the command ends, and return its exit code."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        return 1
    return 1


def reason_of(error: OSError) -> str:
    """The system's complaint as words for a person."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full"
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def short(path: Path) -> str:
    """The path as a person in the checkout would type it."""
    try:
        return str(path.relative_to(ROOT))
    except ValueError:
        return str(path)
