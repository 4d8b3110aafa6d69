"""A release as a production host has it: Berth's own files and the packages of requirements.txt, no more."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
RELEASED = ("webapp", "jobs", "live", "migrations", "templates", "static", "wsgi.py")
METRICS_TOKEN = "fedcba9876543210" * 3
Start = Callable[..., None]
"""`start("gunicorn", "wsgi:app", settings=for_web, ready=is_up)`: a process, until the test ends."""
PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", re.MULTILINE)


class Release:
    """Files and packages are links or copies: nothing is downloaded."""

    def __init__(self, folder: Path) -> None:
        self.path, self._packages = folder / "berth", folder / "packages"
        self.path.mkdir()
        self._packages.mkdir()
        _copy(self.path)
        _link_packages(self._packages)

    def environ(self, settings: Mapping[str, str]) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "PYTHONPATH": str(self._packages), **settings}

    def command(self, *arguments: str) -> list[str]:
        # -S: without the site-packages of the tests' own environment.
        return [sys.executable, "-S", *arguments]

    def run(self, *arguments: str, settings: Mapping[str, str]) -> str:
        """What the command prints. A failure raises AssertionError with its error output."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.path,
            env=self.environ(settings),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


def _copy(target: Path) -> None:
    for name in RELEASED:
        source = ROOT / name
        if source.is_dir():
            # With what Python has compiled of them, which it uses as long as it fits: a copy keeps the times.
            shutil.copytree(source, target / name)
        else:
            shutil.copy2(source, target / name)


def _link_packages(target: Path) -> None:
    for name in locked_packages():
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # locked for another system only
        for entry in _top_level(found):
            link = target / entry
            if not link.exists():
                link.symlink_to(Path(str(found.locate_file(entry))))


def _top_level(found: metadata.Distribution) -> Iterator[str]:
    """Files and folders of a package directly in site-packages; programs in bin/ lie above it."""
    yield from {file.parts[0] for file in found.files or () if file.parts[0] not in ("..", "__pycache__")}


def locked_packages() -> list[str]:
    return PINNED.findall((ROOT / "requirements.txt").read_text(encoding="utf-8"))
