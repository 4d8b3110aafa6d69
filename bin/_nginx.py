"""nginx for the test of its configuration: found, installed where that is allowed, or reported as missing."""

import os
import shutil
from collections.abc import Mapping

import _apt
from _console import say

APT_TIMEOUT_S = 300


def find() -> str | None:
    """The nginx that tests/servers/nginx.py will also find."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:{_apt.ADMIN_FOLDERS}")


def ensure(environ: Mapping[str, str]) -> None:
    if find():
        return
    reason: str | None = "this is not Debian or Ubuntu, or you lack administrator rights"
    if _apt.is_allowed():
        say("Installing nginx for the test of the proxy's configuration ...")
        reason = _apt.install("nginx-light", environ=environ, limit_s=APT_TIMEOUT_S)
        if find():
            return
    say(f"SKIPPED: the test of docs/deploy/nginx.conf, nginx is missing: {reason or 'not installed'}.")
