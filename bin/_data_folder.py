"""The data folder (.berth, or BERTH_HOME): its owner, its lock and its keys."""

import fcntl
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from _console import Refusal, last_line, reason_of, say, short
from _processes import is_alive

MARKER = "berth-data-folder"
MARKER_TEXT = "Berth keeps its data here. `bin/run --reset` removes everything in this folder.\n"
LOCK = "running.lock"
KILLED_S = 20.0
"""How long the processes of a killed Berth may take to stop; a worker finishes its job first."""
KEYS = "keys.env"
FIRST_KEYS = ("SECRET_KEY", "CREDENTIAL_PUBLIC_KEY", "CREDENTIAL_PRIVATE_KEYS")
LATER_KEYS = ("WEBHOOK_PUBLIC_KEY", "WEBHOOK_PRIVATE_KEYS")
"""A folder of an older Berth has none of these yet."""
KEY_NAMES = FIRST_KEYS + LATER_KEYS
RESEAL_DUE = "reseal.due"
"""A mark: the stored secrets were encrypted by an older Berth; `jobs.reseal` encrypts them again."""


class DataFolder:
    """An open data folder; meanwhile a second command on the same folder is refused."""

    def __init__(self, path: Path) -> None:
        """Create the folder if needed, and lock it. Raises Refusal."""
        self.path = adopt(path)
        self.lock_descriptor = self._take()

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def _take(self) -> int:
        descriptor = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        if not _locks(descriptor):
            owner = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            self._wait_for_the_killed(descriptor, owner)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        # The children inherit the lock, so that it outlives a killed parent as long as any of them does.
        os.set_inheritable(descriptor, True)
        return descriptor

    def _wait_for_the_killed(self, descriptor: int, owner: str) -> None:
        """The processes of a killed Berth stop by themselves within seconds. Raises Refusal if not."""
        give_up_at = time.monotonic() + KILLED_S
        if not owner.isdigit() or is_alive(int(owner)):
            give_up_at = 0.0
        else:
            say(f"Waiting for the processes of a killed Berth (process {owner}) to end ...")
        while not _locks(descriptor):
            if time.monotonic() > give_up_at:
                os.close(descriptor)
                raise Refusal(
                    f"Berth is already running on {short(self.path)} (process {owner}): "
                    "use that one, stop it with Ctrl-C, or set BERTH_HOME to another folder."
                )
            time.sleep(0.1)

    def reset(self) -> None:
        """Remove everything except the lock and the marker. Raises Refusal."""
        for entry in self.path.iterdir():
            if entry.name in (MARKER, LOCK):
                continue
            try:
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()
            except OSError as error:
                raise Refusal(f"{entry} cannot be removed: {reason_of(error)}.") from error

    def keys(self, python: Path, *, environ: Mapping[str, str], root: Path) -> dict[str, str]:
        """All keys: from the environment, else the stored ones, created on the first start."""
        given = {name: environ[name] for name in KEY_NAMES if environ.get(name)}
        if len(given) == len(KEY_NAMES):
            return given
        if given and set(given) != {"SECRET_KEY"}:
            missing = ", ".join(name for name in KEY_NAMES if name not in given)
            raise Refusal(f"The environment sets {', '.join(given)} but not {missing}: set all or none.")
        if not (self.path / KEYS).exists():
            self._write_keys(f"SECRET_KEY={secrets.token_urlsafe(48)}\n{_generate(python, root=root)}")
        elif not any(name in (self.path / KEYS).read_text() for name in LATER_KEYS):
            first = "".join(
                f"{name}={value}\n" for name, value in _read_env(self.path / KEYS, FIRST_KEYS).items()
            )
            (self.path / RESEAL_DUE).touch()
            self._write_keys(first + _generate(python, "webhook", root=root))
        return _read_env(self.path / KEYS, KEY_NAMES) | given

    def _write_keys(self, text: str) -> None:
        # Written completely under another name first: half a key file would lose stored credentials later.
        draft = self.path / f"{KEYS}.new"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self.path / KEYS)
        say()
        say(f"  NEW KEYS in {short(self.path / KEYS)}. Keep this file: its private keys decrypt")
        say("  the stored cloud credentials. WITHOUT IT EVERY STORED CREDENTIAL IS LOST.")
        say()


def _locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def adopt(path: Path) -> Path:
    """Mark the folder as Berth's, if it is absent, empty or already marked. Raises Refusal."""
    path = path.resolve()
    try:
        if path.exists() and not is_ours(path) and any(path.iterdir()):
            raise Refusal(
                f"{short(path)} contains files that are not Berth's: set BERTH_HOME to another folder."
            )
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        (path / MARKER).write_text(MARKER_TEXT)
    except OSError as error:
        raise Refusal(f"The data folder {path} cannot be used: {reason_of(error)}.") from error
    return path


def is_ours(path: Path) -> bool:
    return (path / MARKER).is_file()


def check_may_reset(path: Path) -> None:
    """Raise Refusal unless `path` is absent, empty or a data folder of Berth."""
    path = path.resolve()
    if path.exists() and (not path.is_dir() or (not is_ours(path) and any(path.iterdir()))):
        raise Refusal(f"{short(path)} does not look like a data folder of Berth; nothing was removed.")


def _generate(python: Path, *pairs: str, root: Path) -> str:
    command = [python, "-m", "webapp.vault", "keygen", *pairs]
    made = subprocess.run(command, cwd=root, text=True, capture_output=True)
    if made.returncode != 0:
        raise Refusal(f"The keys could not be created: {last_line(made.stderr)}")
    return made.stdout


def _read_env(path: Path, names: tuple[str, ...]) -> dict[str, str]:
    pairs = (line.partition("=") for line in path.read_text().splitlines() if "=" in line)
    values = {name.strip(): value.strip() for name, _, value in pairs}
    if missing := [name for name in names if not values.get(name)]:
        raise Refusal(
            f"{short(path)} lacks {', '.join(missing)}: restore the file from a copy, "
            "or start over with bin/run --reset."
        )
    return values
