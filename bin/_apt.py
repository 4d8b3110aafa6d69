"""Debian's and Ubuntu's package manager, used only where no password is needed: as root."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping

from _console import say

ADMIN_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"


def is_allowed() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(package: str, *, environ: Mapping[str, str], limit_s: int) -> str | None:
    """Install one package; return the reason if it fails, else None. Takes at most twice `limit_s`."""
    # dpkg wants ldconfig and others on PATH, which a bare PATH does not name.
    asked = dict(environ) | {
        "DEBIAN_FRONTEND": "noninteractive",
        "PATH": f"{environ.get('PATH', os.defpath)}:{ADMIN_FOLDERS}",
    }
    steps = (["update"], ["install", "-y", "--no-install-recommends", package])
    for step in steps:
        command = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=60", *step]
        try:
            done = subprocess.run(
                command,
                env=asked,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=limit_s,
            )
        except subprocess.TimeoutExpired:
            return f"apt-get {step[0]} took more than {limit_s} s"
        # A failed update is not fatal: an old list may be enough.
        if done.returncode != 0 and step is steps[-1]:
            lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
            return lines[-1] if lines else f"apt-get ended with {done.returncode}"
    return None


def provide(
    package: str, find: Callable[[], str | None], *, why: str, environ: Mapping[str, str], limit_s: int
) -> str | None:
    """Install what `find` does not find, where that is allowed; return why it is still missing, else None."""
    if find():
        return None
    reason: str | None = "this is not Debian or Ubuntu, or you lack administrator rights"
    if is_allowed():
        say(f"Installing {why} ...")
        reason = install(package, environ=environ, limit_s=limit_s)
        if find():
            return None
    return reason or "apt-get installed no such program"
