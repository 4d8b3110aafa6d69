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
    why = "nginx for the test of its configuration"
    reason = _apt.provide("nginx-light", find, why=why, environ=environ, limit_s=APT_TIMEOUT_S)
    if reason is not None:
        say(f"SKIPPED: the test of docs/deploy/nginx.conf, because nginx is missing: {reason}.")
