"""Restoring a desktop from a snapshot of its disk: a disk made of it takes the place of the machine's own.

Each step follows from what is observed, so that a worker may die after any of them. Pure rules;
`engine/disk_snapshots/restoring.py` does what they say. Why so: docs/decisions/restore.md.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum, auto

from webapp.domain.errors import Failure, Trouble

LIMIT = timedelta(hours=2)
"""From the press on, until the machine is started with its new disk."""
SHOWN_AFTER = timedelta(seconds=30)
"""What the machine says of a failed operation may be of an earlier one until then."""


class RestoreState(StrEnum):
    """The life of one restore; two disks belong to it, and one of them is to go."""

    UNDERWAY = "underway"
    """Its disk is to be made, or put into the machine."""
    USED = "used"
    """The machine has its disk; the one from before stays until the desktop is back."""
    ENDING = "ending"
    """It was given up: its disk is to go."""
    DONE = "done"


OPEN = frozenset(RestoreState) - {RestoreState.DONE}


class Step(StrEnum):
    """What a restore needs next."""

    MAKE = "make"
    """The disk, of the snapshot."""
    MARK = "mark"
    """The disk from before gets our claim, so that it is known as ours when it goes."""
    SWITCH_OFF = "switch_off"
    SWAP = "swap"
    START = "start"
    WAIT = "wait"
    """For the cloud to finish what it does."""
    PUT_IN = "put_in"
    """It is done: the machine comes up with the new disk."""


class Power(StrEnum):
    ON = auto()
    """It runs, or starts."""
    OFF = auto()
    """It is deallocated: only now it takes another disk."""
    HALTED = auto()
    """It does not run, and still has its place."""
    HIBERNATED = auto()
    """It goes on with the disks that it had; an ordinary deallocation gives that up."""
    MOVING = auto()
    """Between two of them, or not known."""


@dataclass(frozen=True, slots=True)
class MachineDisk:
    """A machine, and which system disk it has."""

    disk: str
    """Its name in the account's own place for resources; empty: it is elsewhere."""
    power: Power
    is_busy: bool
    """An operation on it is in progress."""
    failure: Failure | None = None
    """Why its newest operation failed."""


@dataclass(frozen=True, slots=True)
class Disk:
    name: str
    claim: str | None
    is_ready: bool
    has_failed: bool
    holder: str
    """The machine that has it; empty: none."""


@dataclass(frozen=True, slots=True)
class Restoring:
    """What is known of one restore."""

    disk: str
    """The name of its new disk."""
    claim: str
    machine: str
    last: Step | None = None
    """What was sent last, or was about to be."""
    since_last: timedelta = timedelta(0)


def name_of(machine: str, number: int) -> str:
    """Of the disk of this machine's restore with this number: the same call again makes the same disk."""
    return f"{machine}-r{number}"


def next_step(
    about: Restoring, machine: MachineDisk | None, made: Disk | None, before: Disk | None
) -> Step | Failure:
    """What to do now; a Failure: it cannot be done.

    `made`: the new disk, if it is there; `before`: the one that the machine still has.
    """
    if machine is None:
        return Failure("machine_missing", Trouble.PERMANENT)
    if machine.disk == about.disk:
        return _after_swap(about, machine)
    if made is None:
        return Step.MAKE if machine.disk else Failure("disk_elsewhere", Trouble.PERMANENT)
    if (flaw := flaw_of(made, claim=about.claim, machine=about.machine)) is not None:
        return flaw
    if not made.is_ready or machine.is_busy or machine.power is Power.MOVING:
        return Step.WAIT
    has_stopped = about.last in (Step.SWITCH_OFF, Step.SWAP)
    if has_stopped and (failure := failure_of(machine, about.since_last)) is not None:
        return failure
    if before is None or before.claim != about.claim:
        return Step.MARK
    return Step.SWAP if machine.power is Power.OFF else Step.SWITCH_OFF


def flaw_of(made: Disk, *, claim: str, machine: str) -> Failure | None:
    """Why a disk of this name is none that was made for this machine; None: it is, or will be."""
    if made.claim != claim or made.holder not in ("", machine):
        return Failure("disk_name_taken", Trouble.EXISTS)
    return Failure("disk_not_made", Trouble.PERMANENT) if made.has_failed else None


def _after_swap(about: Restoring, machine: MachineDisk) -> Step | Failure:
    if machine.power is Power.ON:
        return Step.PUT_IN
    if machine.is_busy or machine.power is Power.MOVING:
        return Step.WAIT
    failure = failure_of(machine, about.since_last) if about.last is Step.START else None
    return Step.START if failure is None else failure


def failure_of(machine: MachineDisk, since_last: timedelta) -> Failure | None:
    """Of what was sent last, so long ago. It is over, whatever the cause: a person may begin again."""
    failure = machine.failure
    if failure is None or since_last < SHOWN_AFTER:
        return None
    return replace(failure, trouble=Trouble.PERMANENT)
