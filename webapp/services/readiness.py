"""Can the installation work, and if not, which part fails?

Each part is reported separately, so that an operator knows what to start: database, Redis, scheduler, and the
workers of each queue. The report has no secret and no version.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import redis
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, scoped_session

from webapp.database import host_clock_skew_s, write_at_once
from webapp.database_trouble import DatabaseTrouble, may_try_again, trouble_of
from webapp.heartbeats import DEAD_AFTER_S, LATE_AFTER_S, Pulse, Role, listen
from webapp.models import Installation
from webapp.services.backups.lateness import late_backup
from webapp.services.context import ServiceContext

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
SKEW_WARNS_S, SKEW_ALARMS_S = 2.0, 60.0
"""Limits for a warning, and for an alarm, when leases fail (docs/evidence/reliability.md#clocks-differ)."""


class Status(StrEnum):
    OK = "ok"
    LATE = "late"
    """A warning; work still continues."""
    UNKNOWN = "unknown"
    """Not known now."""
    DEAD = "dead"


CAN_WAIT = frozenset({Role.WORKER_BACKGROUND, Role.LIVE})
"""Without the one webhooks are late, without the other open pages are; desktops are not."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that an installation needs."""

    name: str
    status: Status
    message: str
    age_s: float | None = None
    """Seconds since the newest heartbeat; None if there is none."""


@dataclass(frozen=True, slots=True)
class Readiness:
    parts: list[Part]

    @property
    def is_ready(self) -> bool:
        return not any(part.status is Status.DEAD for part in self.parts)


@dataclass(frozen=True, slots=True)
class _DatabaseAnswer:
    revisions: set[str]
    skew_s: float
    write_trouble: DatabaseTrouble | None
    """Why nothing can be written now; None if a row was just written."""


def readiness(context: ServiceContext) -> Readiness:
    """Check every part; never raises."""
    database = _ask_database(context.session)
    pulse = _ask_redis(context.settings.redis_url)
    roles = [role for role in Role if role is not Role.LIVE or context.settings.live_url]
    processes = [_process(role, pulse) for role in roles]
    backup = _backup(context) if database is not None and context.settings.backup_due_h else None
    parts = [_database(database), _redis(pulse), *processes, _clocks(database, pulse), backup]
    return Readiness([part for part in parts if part is not None])


def silent_parts(context: ServiceContext) -> tuple[str, ...] | None:
    """Which of the parts that process due work are dead: `redis`, `scheduler`, `worker:reconcile`.

    None if this is unknown now, because Redis has just restarted. Never raises.
    """
    pulse = _ask_redis(context.settings.redis_url)
    if pulse is None:
        return ("redis",)
    parts = [_process(role, pulse) for role in (Role.SCHEDULER, Role.WORKER_RECONCILE)]
    dead = tuple(part.name for part in parts if part.status is Status.DEAD)
    return dead if dead or all(part.status is not Status.UNKNOWN for part in parts) else None


@lru_cache
def _expected() -> frozenset[str]:
    return frozenset(ScriptDirectory(str(MIGRATIONS)).get_heads())


def _ask_database(session: Session | scoped_session[Session]) -> _DatabaseAnswer | None:
    """None when it does not answer; no revision when it was never migrated."""
    try:
        session.execute(text("SELECT 1"))
        skew_s = host_clock_skew_s(session)
    except SQLAlchemyError:
        session.rollback()
        return None
    try:
        revisions = set(session.scalars(text("SELECT version_num FROM alembic_version")))
    except SQLAlchemyError:
        session.rollback()
        return _DatabaseAnswer(set(), skew_s, None)
    session.rollback()
    try:
        return _DatabaseAnswer(revisions, skew_s, _why_not_written(session.get_bind().engine))
    except SQLAlchemyError:
        return None


def _why_not_written(database: Engine) -> DatabaseTrouble | None:
    """Write a row and commit, on a new connection if the first takes no writes. Raises SQLAlchemyError."""
    trouble = None
    for _ in range(2):
        try:
            write_at_once(database, update(Installation).values(uid=Installation.uid))
            return None
        except SQLAlchemyError as error:
            trouble = trouble_of(error)
            if trouble is None:
                raise
            if not may_try_again(error):
                break
    return trouble


def _ask_redis(redis_url: str) -> Pulse | None:
    try:
        return listen(redis_url)
    except redis.RedisError:
        return None


_NOT_WRITTEN = {
    DatabaseTrouble.UNAVAILABLE: "The database takes no writes: it is read-only, or a standby.",
    DatabaseTrouble.BUSY: "The database is locked by another program: end it.",
    DatabaseTrouble.FULL: "The disk of the database is full: free some space.",
}


def _database(answer: _DatabaseAnswer | None) -> Part:
    if answer is None:
        return Part("database", Status.DEAD, "The database does not answer.")
    if answer.revisions != _expected():
        return Part("database", Status.DEAD, "The database is not migrated to this release.")
    if answer.write_trouble is not None:
        return Part("database", Status.DEAD, _NOT_WRITTEN[answer.write_trouble])
    return Part("database", Status.OK, "The database takes writes and is up to date.")


def _redis(pulse: Pulse | None) -> Part:
    if pulse is None:
        return Part("redis", Status.DEAD, "Redis does not answer. Orders wait; none is lost.")
    if not pulse.keeps_all_keys:
        return Part("redis", Status.DEAD, "Redis may evict keys: set `maxmemory-policy noeviction`.")
    return Part("redis", Status.OK, "Redis answers and keeps every key.")


def _process(role: Role, pulse: Pulse | None) -> Part:
    name = role.value
    if pulse is None:
        return Part(name, Status.UNKNOWN, "Unknown while Redis is unavailable.")
    beats = pulse.of(role)
    if not beats or beats[0].age_s > DEAD_AFTER_S:
        age_s = round(beats[0].age_s, 1) if beats else None
        if pulse.known_for_s < DEAD_AFTER_S:
            return Part(name, Status.UNKNOWN, "Redis has just restarted; waiting for a heartbeat.", age_s)
        status = Status.LATE if role in CAN_WAIT else Status.DEAD
        return Part(name, status, "None is running, or it hangs: start it and check its log.", age_s)
    age_s = round(beats[0].age_s, 1)
    if age_s > LATE_AFTER_S:
        return Part(name, Status.LATE, "The last heartbeat is late.", age_s)
    alive = sum(beat.age_s <= DEAD_AFTER_S for beat in beats)
    return Part(name, Status.OK, f"{alive} running.", age_s)


def _backup(context: ServiceContext) -> Part | None:
    """Never dead: Berth works without."""
    try:
        warning = late_backup(context)
    except SQLAlchemyError:
        context.session.rollback()
        return None
    if warning is None:
        return Part("backup", Status.OK, "The newest backup is not too old.")
    return Part("backup", Status.LATE, warning.message)


def _skews(answer: _DatabaseAnswer | None, pulse: Pulse | None) -> dict[str, float]:
    skews = {}
    if answer is not None:
        skews["database"] = answer.skew_s
    if pulse is not None:
        skews["redis"] = pulse.skew_s
        theirs = [beat.skew_s - pulse.skew_s for beat in pulse.beats if beat.age_s <= DEAD_AFTER_S]
        skews["workers"] = max(theirs, key=abs, default=0.0)
    return skews


def _clocks(answer: _DatabaseAnswer | None, pulse: Pulse | None) -> Part:
    skews = _skews(answer, pulse)
    worst = max(skews, key=lambda name: abs(skews[name]), default=None)
    apart_s = abs(skews[worst]) if worst else 0.0
    if apart_s <= SKEW_WARNS_S:
        return Part("clocks", Status.OK, "The clocks agree.")
    status = Status.DEAD if apart_s > SKEW_ALARMS_S else Status.LATE
    return Part("clocks", status, f"Clocks are {apart_s:.1f} s apart (this host, {worst}): check NTP.")
