"""Bringing the files of a desktop that is gone back to a new one, from the snapshot that outlived it.

A disk is made of the snapshot and attached to the new machine, a command there copies its files, and the disk
goes. Each step follows from what is observed. Pure rules; `engine/disk_snapshots/returning.py` does what they
say. Why so: docs/decisions/former_files.md.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from webapp.domain.disk_restores import Disk, MachineDisk, Power, failure_of, flaw_of
from webapp.domain.errors import Failure, Trouble

LIMIT = timedelta(days=7)
"""From the disk on: a desktop that hardly runs may need days."""
WAITS = timedelta(days=30)
"""Before that, for the new desktop: so long at most a snapshot is kept beyond its time."""
FOLDER = r"C:\Former files"
"""On the new desktop. The script of the copy has the same."""


class ReturnState(StrEnum):
    WAITING = "waiting"
    """For the new desktop: nothing of it is in the cloud yet."""
    UNDERWAY = "underway"
    """Its disk is to be made, or attached, or its files are being copied."""
    ENDING = "ending"
    """The files are there, or it was given up: its disk is to go."""
    DONE = "done"


OPEN = frozenset(ReturnState) - {ReturnState.DONE}
NEEDS_SNAPSHOT = frozenset({ReturnState.WAITING, ReturnState.UNDERWAY})


class ReturnStep(StrEnum):
    """What the return needs next."""

    MAKE = "make"
    """The disk, of the snapshot."""
    ATTACH = "attach"
    DETACH = "detach"
    """The machine is off: Windows may start from either disk."""
    COPY = "copy"
    WAIT = "wait"
    """For the cloud, or for the desktop to run."""
    COPIED = "copied"
    """The files are there."""


class CopyState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Copy:
    """The command on the machine."""

    state: CopyState
    failure: Failure | None = None
    """Why it failed."""


@dataclass(frozen=True, slots=True)
class Returning:
    """What is known of one return."""

    disk: str
    claim: str
    machine: str
    last: ReturnStep | None = None
    """What was sent last, or was about to be."""
    since_last: timedelta = timedelta(0)


def name_of(machine: str, number: int) -> str:
    """Of the disk of the return with this number: the same call again makes the same disk."""
    return f"{machine}-f{number}"


def next_step(
    about: Returning, machine: MachineDisk | None, made: Disk | None, copy: Copy | None
) -> ReturnStep | Failure:
    """What to do now; a Failure: it cannot be done. `copy`: of this disk, if it was ever begun."""
    if machine is None:
        return Failure("machine_missing", Trouble.PERMANENT)
    if made is None:
        return ReturnStep.MAKE if machine.power is Power.ON else ReturnStep.WAIT
    if (flaw := flaw_of(made, claim=about.claim, machine=about.machine)) is not None:
        return flaw
    if copy is not None and copy.state is CopyState.DONE:
        return ReturnStep.COPIED
    if not made.is_ready or machine.is_busy:
        return ReturnStep.WAIT
    if machine.power is not Power.ON:
        # Windows will start: from which disk, nobody knows. A hibernated one goes on instead.
        will_start = machine.power in (Power.OFF, Power.HALTED)
        return ReturnStep.DETACH if made.holder and will_start else ReturnStep.WAIT
    if not made.holder:
        failure = failure_of(machine, about.since_last) if about.last is ReturnStep.ATTACH else None
        return ReturnStep.ATTACH if failure is None else failure
    if copy is None:
        return ReturnStep.COPY
    if copy.state is CopyState.FAILED:
        return copy.failure or Failure("files_not_copied", Trouble.PERMANENT)
    return ReturnStep.WAIT
