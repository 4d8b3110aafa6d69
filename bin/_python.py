"""Which Python may run the commands. Written for any Python 3, so no modern syntax here."""

import os
import shutil
import sys

OLDEST = (3, 11)
NEWEST = (3, 13)


def require(script, version=None):
    """Return on a supported Python; else run a supported one from PATH, or stop with one sentence."""
    version = tuple(version or sys.version_info)[:2]
    if OLDEST <= version <= NEWEST:
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        other = shutil.which("python3.%d" % minor)
        if other:
            os.execv(other, [other, os.path.realpath(script)] + sys.argv[1:])
    if version > NEWEST:
        sys.stderr.write(
            "Note: Berth is tested on Python 3.11 to 3.13 and this is %d.%d; trying anyway.\n" % version
        )
        return
    sys.exit(
        "Berth needs Python 3.11 or newer and this is %d.%d: "
        "install one (Debian, Ubuntu: apt install python3; macOS: brew install python@3.13)." % version
    )
