"""The system's Chromium, driven by Playwright; it is never downloaded."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.servers.process import make_folder

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# A browser that looks for updates would reach for the network behind the tests' back.
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
HOW_TO_GET = "no Chromium on PATH: bin/test installs it as root on Debian, or `apt install chromium`"


def find_chromium() -> str | None:
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return next((path for path in MAC if Path(path).exists()), None)


@contextlib.contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless browser; its driver ends with this process, and the browser with the driver."""
    executable = find_chromium()
    if executable is None:
        raise FileNotFoundError(HOW_TO_GET)
    home = make_folder("chromium")
    # Chromium cannot use its own sandbox as root.
    flags = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else QUIET
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=executable,
                headless=True,
                args=flags,
                env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home)},
            )
            try:
                yield browser
            finally:
                browser.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)
