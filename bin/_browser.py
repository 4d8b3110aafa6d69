"""Chromium for the browser tests: found, installed where that is allowed, or loudly missed."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from _console import say

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
APT_TIMEOUT_S = 600


def find() -> str | None:
    """The browser that tests/servers/chromium.py will find as well."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return next((path for path in MAC if Path(path).exists()), None)


def ensure(environ: Mapping[str, str]) -> None:
    """Make Chromium available where this may be done without asking; else say what is skipped."""
    if find():
        return
    reason = "this is not Debian or Ubuntu with administrator's rights"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing Chromium for the browser tests; about a minute ...")
        reason = _install(environ)
        if find():
            return
    say("=" * 78)
    say("SKIPPED: every browser test, for want of Chromium.")
    say(f"It could not be installed: {reason}.")
    say("Get it with `apt install chromium` (Debian), `snap install chromium` (Ubuntu)")
    say("or `brew install --cask chromium` (macOS), and call bin/test again.")
    say("=" * 78)


def _install(environ: Mapping[str, str]) -> str:
    """Ask apt, in a bounded time; the reason when it did not work."""
    asked = dict(environ) | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        try:
            done = subprocess.run(
                ["apt-get", "-q", *arguments], env=asked, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                timeout=APT_TIMEOUT_S,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"apt-get {arguments[0]} took more than {APT_TIMEOUT_S} s"
        if done.returncode != 0 and arguments[0] == "install":
            lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
            return lines[-1] if lines else f"apt-get ended with {done.returncode}"
    return "apt-get installed it, but no browser is on PATH"
