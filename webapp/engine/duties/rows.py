"""The rows of an account's duties: read, added and written under its lease."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.domain.errors import Failure
from webapp.engine.account import is_ours
from webapp.engine.context import Engine
from webapp.engine.duties.kinds import DutyKind
from webapp.engine.run import Run
from webapp.models import CloudCredential, Duty

log = logging.getLogger(__name__)

NO_FAILURE: dict[str, Any] = {
    "failures": 0,
    "failure_code": None,
    "failure_cloud_code": None,
    "failure_detail": None,
    "failed_at": None,
}
LONGEST_CLOUD_CODE, LONGEST_DETAIL = 120, 500
UNKNOWN_KIND_WAITS = timedelta(days=1)
"""A row of a kind that this version does not know is left alone: a newer version may be starting up."""


_OF_ACCOUNT = select(Duty).where(Duty.credential_id == bindparam("account")).order_by(Duty.id)
_TIMES = _OF_ACCOUNT.with_only_columns(Duty.kind, Duty.due_at)


def is_any_due(
    session: Session, credential: CloudCredential, kinds: Sequence[DutyKind], now: datetime
) -> bool:
    """Is one due, or without a row? An account that was never verified has no duties."""
    if credential.account_id is None:
        return False
    rows = session.execute(_TIMES, {"account": credential.id}).all()
    known = {kind for kind, _ in rows}
    return any(due_at <= now for _, due_at in rows) or any(kind.name not in known for kind in kinds)


def load(run: Run, kinds: Sequence[DutyKind]) -> dict[str, Duty]:
    """The account's duties by kind, detached; rows that are missing are added."""
    if run.credential.account_id is None:
        return {}
    found = _stored(run)
    missing = [kind for kind in kinds if kind.name not in found]
    if missing:
        _add(run, missing)
        found = _stored(run)
    known = {kind.name for kind in kinds}
    now = run.engine.clock.now()
    for duty in found.values():
        if duty.kind not in known and duty.due_at <= now:
            write(run, duty, {"due_at": now + UNKNOWN_KIND_WAITS})
    return {name: duty for name, duty in found.items() if name in known}


def succeeded(run: Run, kind: DutyKind, duty: Duty, *, began_at: datetime) -> None:
    """It succeeded: set the next due time and clear the failure."""
    write(run, duty, NO_FAILURE | {"last_good_at": began_at, "due_at": kind.next_due(run, began_at)})


def failed(run: Run, kind: DutyKind, duty: Duty, failure: Failure, *, at_least_s: float = 0.0) -> None:
    """It waits, longer each time; `at_least_s` is the cloud's own Retry-After."""
    now, failures = run.engine.clock.now(), duty.failures + 1
    is_transient, spread = failure.trouble.is_transient, kind.waits.spread
    wait = kind.waits.after(failures, is_transient=is_transient)
    if spread:
        wait *= run.engine.rng.uniform(1 - spread, 1 + spread)
    changes = {
        "due_at": now + max(wait, timedelta(seconds=at_least_s)),
        "failures": failures,
        "failure_code": failure.code,
        "failure_cloud_code": failure.cloud_code[:LONGEST_CLOUD_CODE] or None,
        "failure_detail": failure.detail[:LONGEST_DETAIL] or None,
        "failed_at": now,
    }
    write(run, duty, changes)
    log.warning(
        "duty failed",
        extra={"credential_id": run.credential.id, "duty": kind.name, "code": failure.code},
    )


def succeeded_otherwise(engine: Engine, credential_id: int, kind: str, *, began_at: datetime) -> None:
    """A person's inquiry did the same work: clear the failure."""
    with engine.sessions.begin() as session:
        session.execute(
            update(Duty)
            .where(Duty.credential_id == credential_id, Duty.kind == kind, Duty.failures > 0)
            .values(NO_FAILURE | {"last_good_at": began_at})
        )


def write(run: Run, duty: Duty, changes: dict[str, Any]) -> None:
    """Write only while the lease is ours and the key is the one that this run used, as for the credential."""
    with run.engine.sessions.begin() as session:
        session.execute(
            update(Duty)
            .where(Duty.id == duty.id, exists().where(is_ours(run.lease, run.credential)))
            .values(**changes)
            .execution_options(synchronize_session=False)
        )
    for name, value in changes.items():
        setattr(duty, name, value)


def _stored(run: Run) -> dict[str, Duty]:
    with run.engine.sessions.begin() as session:
        rows = session.scalars(_OF_ACCOUNT, {"account": run.credential.id}).all()
        session.expunge_all()
    return {row.kind: row for row in rows}


def _add(run: Run, kinds: Sequence[DutyKind]) -> None:
    now, credential_id = run.engine.clock.now(), run.credential.id
    made = [
        Duty(credential_id=credential_id, kind=one.name, due_at=one.due_at_first(run, now), failures=0)
        for one in kinds
    ]
    try:
        with run.engine.sessions.begin() as session:
            if session.scalar(select(exists().where(is_ours(run.lease, run.credential)))):
                session.add_all(made)
    except IntegrityError:
        return  # a worker that lost its lease was a moment earlier: its rows serve as well
