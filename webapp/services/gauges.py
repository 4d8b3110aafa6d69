"""The current state of the database and Redis as Prometheus gauges, measured on request."""

from collections.abc import Mapping
from datetime import datetime

import redis
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func, literal, or_, select, union_all
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, scoped_session

from webapp.database import host_clock_skew_s
from webapp.domain.lifecycle import State
from webapp.heartbeats import DEAD_AFTER_S, Pulse, Role, listen
from webapp.models import CloudCredential, CompanyTally, Duty, Installation, Mail, Schedule

AnySession = Session | scoped_session[Session]


def gauges(session: AnySession, redis_url: str, now: datetime) -> list[GaugeMetricFamily]:
    """Five queries and one read from Redis; `berth_up` reports what is unavailable. Never raises."""
    database, queue = _from_database(session, now), _from_redis(redis_url)
    up = GaugeMetricFamily("berth_up", "1 while the part answers.", labels=["part"])
    up.add_metric(["database"], float(database is not None))
    up.add_metric(["redis"], float(queue is not None))
    return [up, *(database or []), *(queue or [])]


def _from_database(session: AnySession, now: datetime) -> list[GaugeMetricFamily] | None:
    try:
        found = [*_work(session, now), *_accounts(session), *_mails(session, now), *_backup(session, now)]
        skew_s = host_clock_skew_s(session)
    except SQLAlchemyError:
        session.rollback()
        return None
    skew = GaugeMetricFamily("berth_database_clock_skew_seconds", "This host's clock minus the database's.")
    skew.add_metric([], skew_s)
    return [*found, skew]


def _work(session: AnySession, now: datetime) -> list[GaugeMetricFamily]:
    """Rows by state, from the tallies; and how many are due: in open accounts, and in accounts on hold."""
    states = {
        State(subject): int(number)
        for subject, number in session.execute(
            select(CompanyTally.subject, func.sum(CompanyTally.number))
            .where(CompanyTally.subject.in_(State))
            .group_by(CompanyTally.subject)
        )
    }
    is_open = or_(CloudCredential.blocked_until.is_(None), CloudCredential.blocked_until <= now)
    due, oldest_at = dict.fromkeys((True, False), 0), now
    for open_, count, due_at in session.execute(
        select(is_open, func.count(), func.min(Schedule.due_at))
        .join(CloudCredential, CloudCredential.id == Schedule.credential_id)
        .where(Schedule.due_at <= now)
        .group_by(is_open)
    ):
        due[bool(open_)] = count
        oldest_at = due_at if open_ and due_at is not None else oldest_at
    return _as_metrics(states, due, (now - oldest_at).total_seconds())


def _as_metrics(
    states: Mapping[State, int], due: Mapping[bool, int], oldest_s: float
) -> list[GaugeMetricFamily]:
    by_state = GaugeMetricFamily("berth_workspaces", "Workspaces by state.", labels=["state"])
    for state in State:
        by_state.add_metric([state.value], states.get(state, 0))
    due_rows = GaugeMetricFamily(
        "berth_due_rows",
        "Workspaces to check now; `blocked` ones wait for their account.",
        labels=["account"],
    )
    due_rows.add_metric(["open"], due[True])
    due_rows.add_metric(["blocked"], due[False])
    age = GaugeMetricFamily(
        "berth_oldest_due_age_seconds", "How long the longest waiting workspace of an open account is due."
    )
    age.add_metric([], oldest_s)
    return [by_state, due_rows, age]


def _accounts(session: AnySession) -> list[GaugeMetricFamily]:
    """Accounts that can do nothing, and those for which a periodic duty fails; in one query."""
    is_there = ~CloudCredential.is_deleted
    blocked = (
        select(literal("blocked"), CloudCredential.blocked_code, func.count())
        .where(CloudCredential.blocked_code.is_not(None), is_there)
        .group_by(CloudCredential.blocked_code)
    )
    failing = (
        select(literal("failing"), Duty.kind, func.count())
        .join(CloudCredential, CloudCredential.id == Duty.credential_id)
        .where(Duty.failures > 0, is_there)
        .group_by(Duty.kind)
    )
    gauges = {
        "blocked": GaugeMetricFamily("berth_accounts_blocked", "Cloud accounts on hold.", labels=["code"]),
        "failing": GaugeMetricFamily(
            "berth_duties_failing", "Accounts whose periodic duty failed the last time.", labels=["duty"]
        ),
    }
    for name, label, count in session.execute(union_all(blocked, failing)):
        gauges[name].add_metric([label or ""], count)
    return list(gauges.values())


def _mails(session: AnySession, now: datetime) -> list[GaugeMetricFamily]:
    """How many wait and how many were given up, and for how long the oldest is due."""
    waiting, oldest, failed = session.execute(
        select(
            select(func.count()).where(Mail.due_at.is_not(None)).scalar_subquery(),
            select(func.min(Mail.due_at)).scalar_subquery(),
            select(func.count()).where(Mail.gave_up_at.is_not(None)).scalar_subquery(),
        )
    ).one()
    mails = GaugeMetricFamily("berth_mails", "Mails that are not sent.", labels=["state"])
    mails.add_metric(["waiting"], waiting)
    mails.add_metric(["failed"], failed)
    age = GaugeMetricFamily("berth_oldest_mail_age_seconds", "How long the longest waiting mail is due.")
    age.add_metric([], 0.0 if oldest is None else max((now - oldest).total_seconds(), 0.0))
    return [mails, age]


def _backup(session: AnySession, now: datetime) -> list[GaugeMetricFamily]:
    """Without a backup: since there is something to lose."""
    since = session.scalar(select(func.coalesce(Installation.backed_up_at, Installation.created_at)))
    age = GaugeMetricFamily(
        "berth_backup_age_seconds", "How old the newest backup is; without one, the installation."
    )
    if since is not None:
        age.add_metric([], max((now - since).total_seconds(), 0.0))
    return [age]


def _from_redis(redis_url: str) -> list[GaugeMetricFamily] | None:
    try:
        pulse = listen(redis_url)
    except redis.RedisError:
        return None
    jobs = GaugeMetricFamily("berth_queue_jobs", "Jobs that wait for a worker.", labels=["queue"])
    for queue, length in pulse.queued_jobs.items():
        jobs.add_metric([queue], length)
    skew = GaugeMetricFamily("berth_redis_clock_skew_seconds", "This host's clock minus Redis's.")
    skew.add_metric([], pulse.skew_s)
    return [jobs, skew, *_processes(pulse)]


def _processes(pulse: Pulse) -> list[GaugeMetricFamily]:
    age = GaugeMetricFamily(
        "berth_heartbeat_age_seconds", "Since the youngest sign of life of this kind.", labels=["process"]
    )
    alive = GaugeMetricFamily("berth_processes", "Processes that live.", labels=["process"])
    skew = GaugeMetricFamily(
        "berth_worker_clock_skew_seconds", "The worst host's clock minus Redis's.", labels=["process"]
    )
    for role in Role:
        beats = pulse.of(role)
        living = [beat for beat in beats if beat.age_s <= DEAD_AFTER_S]
        alive.add_metric([role.value], len(living))
        if beats:
            age.add_metric([role.value], beats[0].age_s)
        if living:
            skew.add_metric([role.value], max((beat.skew_s for beat in living), key=abs))
    return [age, alive, skew]
