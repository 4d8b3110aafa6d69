"""Chromium for the browser tests: found, installed where that is allowed, or reported as missing."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import _apt
from _console import say

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
APT_TIMEOUT_S = 600


def find() -> str | None:
    """The browser that tests/servers/chromium.py will also find."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return next((path for path in MAC if Path(path).exists()), None)


def ensure(environ: Mapping[str, str]) -> None:
    """Install Chromium where no password is needed; otherwise report what is skipped."""
    why = "Chromium for the browser tests; about a minute"
    reason = _apt.provide("chromium", find, why=why, environ=environ, limit_s=APT_TIMEOUT_S)
    if reason is None:
        return
    say("=" * 78)
    say("SKIPPED: all browser tests, because Chromium is missing.")
    say(f"It could not be installed: {reason}.")
    say("Get it with `apt install chromium` (Debian), `snap install chromium` (Ubuntu)")
    say("or `brew install --cask chromium` (macOS), then run bin/test again.")
    say("=" * 78)
