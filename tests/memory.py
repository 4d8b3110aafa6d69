"""Temporary files of the tests lie in memory, where there is room: thousands of databases are copied.

On a disk, to make one PostgreSQL database took 0.4 s of the processor, for its 500 files; in memory, 0.02 s.
"""

import os
import tempfile
from pathlib import Path

IN_MEMORY = Path("/dev/shm")
"""On Linux; elsewhere, and in a container that has little of it, everything is as it was."""
ROOM = 3 * 1024**3


def use_memory() -> None:
    """Unless the person has chosen a place."""
    if "TMPDIR" in os.environ or not has_room(IN_MEMORY):
        return
    os.environ["TMPDIR"] = str(IN_MEMORY)
    tempfile.tempdir = None  # it is asked for again


def has_room(folder: Path) -> bool:
    """Whether tests can be played there: they start programs from it too."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize >= ROOM and not found.f_flag & os.ST_NOEXEC
