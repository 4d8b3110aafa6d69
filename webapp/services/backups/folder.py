"""Where backups are: one folder each, which is there as a whole or not at all.

It is made under another name, written through to the disk, and renamed. One process at a time.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from webapp.services.backups.manifest import NAME, BackupRefused, Manifest, read_manifest

PREFIX = "berth-"
UNFINISHED = ".unfinished-"
REMOVED = ".removed-"
OURS_ALONE = 0o700
FILE_MODE = 0o600


def name_of(at: datetime) -> str:
    """Sorts by time."""
    return f"{PREFIX}{at:%Y%m%dT%H%M%SZ}"


@contextmanager
def taken(folder: Path) -> Iterator[None]:
    """Nobody else makes a backup here meanwhile; what a killed process left is removed.

    Raises BackupRefused.
    """
    try:
        folder.mkdir(mode=OURS_ALONE, parents=True, exist_ok=True)
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise BackupRefused(f"{folder} cannot be used: {error.strerror}.") from None
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BackupRefused(f"Another backup is being made in {folder}.") from None
        for left in (*folder.glob(f"{UNFINISHED}*"), *folder.glob(f"{REMOVED}*")):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(opened)


@contextmanager
def begun(folder: Path, at: datetime) -> Iterator[Path]:
    """A place for the files of a backup, which goes again if it is not finished. Raises BackupRefused."""
    if (folder / name_of(at)).exists():
        raise BackupRefused(f"{folder / name_of(at)} is there already.")
    place = folder / f"{UNFINISHED}{name_of(at)}"
    try:
        place.mkdir(mode=OURS_ALONE)
    except OSError as error:
        raise BackupRefused(f"Nothing can be written to {folder}: {error.strerror}.") from None
    try:
        yield place
    finally:
        # A disk that is full stays full otherwise, and the database may be on it.
        shutil.rmtree(place, ignore_errors=True)


def new_file(path: Path) -> int:
    """Open a file that nobody else can read, and that was not there. Raises OSError."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)


def finish(place: Path, manifest: Manifest) -> Path:
    """From here on the backup is there; its folder. Raises OSError."""
    with os.fdopen(new_file(place / NAME), "w", encoding="utf-8") as file:
        file.write(manifest.as_text())
    for path in (*place.iterdir(), place):
        through_to_disk(path)
    done = place.with_name(name_of(manifest.created_at))
    place.rename(done)
    through_to_disk(done.parent)
    return done


def through_to_disk(path: Path) -> None:
    """Raises OSError."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def list_backups(folder: Path) -> list[Path]:
    """The oldest first; finished ones only."""
    return sorted(path for path in folder.glob(f"{PREFIX}*") if (path / NAME).is_file())


def newest_in(path: Path) -> Path:
    """The backup at `path`, or the newest one in it. Raises BackupRefused."""
    if (path / NAME).is_file():
        return path
    found = list_backups(path)
    if not found:
        raise BackupRefused(f"There is no backup in {path}.")
    return found[-1]


def remove_old(folder: Path, *, keep: int, installation: str) -> list[Path]:
    """Remove all but the `keep` newest of this installation; those of others are not ours to judge."""
    own = [path for path in list_backups(folder) if _is_of(path, installation)]
    old = own[:-keep]
    for path in old:
        # Under another name first: half a backup must not look like a whole one.
        removed = path.with_name(f"{REMOVED}{path.name}")
        path.rename(removed)
        shutil.rmtree(removed, ignore_errors=True)
    return old


def _is_of(path: Path, installation: str) -> bool:
    try:
        return read_manifest(path).installation == installation
    except BackupRefused:
        return False
