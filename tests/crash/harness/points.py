"""What is to happen at the named crash points of the engine, laid down as files.

`points/<number>.<point>.<blow>` waits for the next worker that comes by the point; it is moved to
`taken/<number>.<point>.<blow>.<pid>` by the process that it hits, so that it hits one only.
"""

import itertools
import os
import signal
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

POINTS = (
    "found",
    "intent",
    "created",
    "refused",
    "looked",
    "power",
    "powered",
    "terminating",
    "terminated",
)


class Blow(StrEnum):
    """What is killed or stopped: RQ's worker process, the horse that runs the job, or both."""

    HORSE = "horse"
    PARENT = "parent"
    BOTH = "both"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Taken:
    """A blow that was struck."""

    number: int
    point: str
    blow: Blow
    horse_pid: int
    at_s: float
    """When, on the world's clock."""


_numbers = itertools.count(1)
_worker_pid = 0


def lay(folder: Path, point: str, blow: Blow) -> int:
    """The next worker at this point is hit; the blow's number."""
    number = next(_numbers)
    (folder / "points" / f"{number:06d}.{point}.{blow}").touch()
    return number


def clear(folder: Path) -> None:
    """Nothing more happens."""
    for path in (folder / "points").iterdir():
        path.unlink(missing_ok=True)


def taken(folder: Path) -> list[Taken]:
    """Every blow that was struck, in the order in which they were laid down."""
    return [
        Taken(int(number), point, Blow(blow), int(pid), float(at_s))
        for path in sorted((folder / "taken").iterdir())
        if (at_s := path.read_text())
        for number, point, blow, pid in [path.name.split(".")]
    ]


def strike(folder: Path, name: str, *, at_s: float) -> None:
    """In the worker, at a crash point: take the blow that waits here."""
    for path in sorted((folder / "points").glob(f"*.{name}.*")):
        mine = folder / "taken" / f"{path.name}.{os.getpid()}"
        try:
            path.rename(mine)
        except FileNotFoundError:
            continue  # another worker took it
        mine.write_text(repr(at_s))
        _hit(Blow(path.name.rpartition(".")[2]))
        return


def join(worker_pid: int) -> None:
    """In a new worker: whose death counts as the parent's."""
    global _worker_pid
    _worker_pid = worker_pid


def _hit(blow: Blow) -> None:
    # An orphan's parent is another process altogether.
    if blow in (Blow.PARENT, Blow.BOTH) and os.getppid() == _worker_pid:
        os.kill(_worker_pid, signal.SIGKILL)
    if blow in (Blow.HORSE, Blow.BOTH):
        os.kill(os.getpid(), signal.SIGKILL)
    if blow is Blow.STOP:
        os.kill(os.getpid(), signal.SIGSTOP)
