"""What an observation, or none, means for a desktop of a warm pool: pure, as for a workspace's row.

Nobody has files on it, so whatever is wrong with it, it is ended and another one made; one that somebody has
after all is never touched again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from webapp.domain.absence import NONE, AbsenceRule, Evidence
from webapp.domain.decisions.change import error_values
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import CloudState
from webapp.domain.observation import Observation
from webapp.domain.pools import PoolState

DRAINED_FOR = timedelta(days=1)
"""One that an administrator has drained is left alone for so long: perhaps to look into it."""
GIVEN_UP = Failure("provisioning_timeout", Trouble.PERMANENT)
LOST = Failure("workspace_lost", Trouble.PERMANENT)


@dataclass(frozen=True, slots=True)
class Spare:
    """A row as the decisions read it."""

    state: PoolState
    issued_at: datetime
    cloud_state: CloudState | None
    absent: Evidence = NONE
    drained_at: datetime | None = None


class Fate(NamedTuple):
    """The columns that change, and the failure that counts against the pool, if there is one."""

    columns: dict[str, Any]
    failure: Failure | None = None


def seen(row: Spare, observation: Observation, *, deadline: timedelta, now: datetime) -> Fate:
    """The cloud shows it. `deadline`: how long a new one may take."""
    columns = absence_columns(NONE) | {
        "cloud_state": observation.state,
        "cloud_word": observation.word[:40],
        "observed_at": now,
    }
    if observation.state is not row.cloud_state:
        columns["cloud_state_at"] = now
    if is_taken(observation):
        return Fate(columns | taken(row, observation, now))
    if row.state is PoolState.ENDING:
        return Fate(columns)
    if observation.state is CloudState.TERMINATING:
        return Fate(columns | {"state": PoolState.ENDING})
    if observation.state is CloudState.ERROR:
        return failed(observation.failure or Failure("launch_failed", Trouble.PERMANENT), now, columns)
    if row.state is PoolState.READY:
        return Fate(columns)
    if observation.state is CloudState.AVAILABLE:
        return Fate(columns | {"state": PoolState.READY, "ready_at": now, "password_seed": None})
    if now - row.issued_at > deadline:
        return failed(GIVEN_UP, now, columns)
    return Fate(columns | {"state": PoolState.MAKING})


def unseen(row: Spare, *, rule: AbsenceRule, now: datetime) -> Fate:
    """Asked for by its id, it is not there: only proof closes the row."""
    evidence = row.absent.after_absence(now, issued_at=row.issued_at, rule=rule)
    columns = absence_columns(evidence)
    if not evidence.is_proof():
        return Fate(columns)
    gone = columns | {"state": PoolState.GONE, "ended_at": now, "password_seed": None}
    if row.state in (PoolState.MAKING, PoolState.READY):
        return Fate(gone | error_values(LOST, now), LOST)
    return Fate(gone)


def is_taken(observation: Observation) -> bool:
    """Has somebody got it whom no workspace stands for? By hand, or our record is older than the cloud.

    Without its host nobody can have it: that it was in use is then only a guess of the driver.
    """
    return observation.was_in_use and observation.computer_name is not None


def taken(row: Spare, observation: Observation, now: datetime) -> dict[str, Any]:
    """The columns of one that is given to nobody from now on; one that is ended as drained is ended.

    Without a person it is drained: by an administrator, or, in a restored database, because it was suspended.
    """
    if observation.username:
        return {"state": PoolState.TAKEN, "drained_at": None}
    if row.state is PoolState.ENDING and row.drained_at is not None:
        return {}
    return {"state": PoolState.TAKEN, "drained_at": row.drained_at or now}


def is_left(row: Spare, observation: Observation, now: datetime) -> bool:
    """Has nobody had it since it was drained, for long enough that it is waited for by nobody?"""
    return not observation.username and row.drained_at is not None and now - row.drained_at >= DRAINED_FOR


def failed(failure: Failure, now: datetime, columns: dict[str, Any] | None = None) -> Fate:
    """It is ended, and why is kept."""
    ending = {"state": PoolState.ENDING} | error_values(failure, now)
    return Fate((columns or {}) | ending, failure)


def absence_columns(evidence: Evidence) -> dict[str, Any]:
    return {
        "absent_count": evidence.count,
        "absent_first_at": evidence.first_at,
        "absent_last_at": evidence.last_at,
    }
