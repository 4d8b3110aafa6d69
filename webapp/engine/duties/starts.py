"""Planning starts: when each order that waits for its contract is begun, and what of 30 days will not fit.

It asks no cloud. Orders are spread backwards over what the account can make (`domain.in_time`); a change of a
contract, a new order or a slower cloud is in the next plan. Repeated, it writes nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select, update

from webapp.database import changed_rows
from webapp.domain.capacity import outlook_of, shortages_of
from webapp.domain.in_time import Start, spread
from webapp.domain.lifecycle import Desired, Phase
from webapp.engine.account import is_ours
from webapp.engine.leases import LeaseLost
from webapp.engine.rows import is_held, is_lost
from webapp.engine.run import Run
from webapp.models import CloudCredential, Workspace
from webapp.models.schedule import reschedule
from webapp.providers.registry import get_provider
from webapp.queries import credentials
from webapp.queries.capacity import read_coming
from webapp.queries.live_sums import count_live
from webapp.queries.room import room_of
from webapp.queries.sizes import Size, read_sizes

EVERY = timedelta(minutes=30)
MOST = 5_000
"""Orders that wait, the next starts first."""
BITE = 200
NEWS = timedelta(minutes=1)
"""A shorter move is not written."""


class _Waiting(NamedTuple):
    id: int
    version: int
    starts_at: datetime
    bundle_id: str
    make_at: datetime


def plan_starts(run: Run) -> None:
    """Raises LeaseLost."""
    moved = _moved(run)
    for first in range(0, len(moved), BITE):
        _write(run, moved[first : first + BITE])
    _write_outlook(run)


def _moved(run: Run) -> list[tuple[_Waiting, datetime]]:
    """Orders that are to be begun at another time than planned before."""
    account, now = run.credential, run.engine.clock.now()
    with run.engine.sessions.begin() as session:
        rows = [_Waiting(*row) for row in session.execute(_waiting(account))]
        if not rows:
            return []
        timeout_of = run.engine.settings.provision_timeout_of
        sizes = read_sizes(session, [account], company_id=account.company_id, now=now, timeout_of=timeout_of)
    starts = [Start(one.id, one.starts_at, sizes.lead(Size(account.id, one.bundle_id))) for one in rows]
    planned = spread(starts, get_provider(account.cloud_provider).capacity.pace)
    # What is due begins now and is not moved again: a person may have pressed “Create now”.
    found = [(one, max(planned[one.id], now)) for one in rows if one.make_at > now]
    return [(one, at) for one, at in found if abs(at - one.make_at) >= NEWS]


def _waiting(account: CloudCredential) -> Any:
    columns = (Workspace.id, Workspace.version, Workspace.starts_at, Workspace.bundle_id, Workspace.make_at)
    return (
        select(*columns)
        .where(
            Workspace.credential_id == account.id,
            Workspace.phase == Phase.REQUESTED,
            Workspace.desired == Desired.PRESENT,
            Workspace.make_at.is_not(None),
            Workspace.starts_at.is_not(None),
        )
        .order_by(Workspace.starts_at, Workspace.id)
        .limit(MOST)
    )


def _write(run: Run, moved: Sequence[tuple[_Waiting, datetime]]) -> None:
    """Whoever was changed meanwhile is in the next plan."""
    now = run.engine.clock.now()
    with run.engine.sessions.begin() as session:
        for one, at in moved:
            done = session.execute(
                update(Workspace)
                .where(
                    Workspace.id == one.id,
                    Workspace.version == one.version,
                    Workspace.phase == Phase.REQUESTED,
                    is_held(run.lease),
                )
                .values(make_at=at, version=one.version + 1, updated_at=now)
                .execution_options(synchronize_session=False)
            )
            if changed_rows(done):
                reschedule(session, [one.id], due_at=max(at, now))
            elif is_lost(session, run.lease):
                raise LeaseLost


def _write_outlook(run: Run) -> None:
    """On the account's row, for the start page and the daily mail; only if it has changed."""
    account, now = run.credential, run.engine.clock.now()
    with run.engine.sessions.begin() as session:
        known = credentials.list_credentials(session, company_id=account.company_id)
        own = next((one for one in known if one.id == account.id), None)
        if own is None:
            return
        timeout_of = run.engine.settings.provision_timeout_of
        coming = read_coming(session, known, company_id=account.company_id, now=now, timeout_of=timeout_of)
        live = count_live(session, company_id=account.company_id, credential_id=account.id)
        room = room_of(own, coming.since_read.get(account.id, {}), live=live)
        outlook = outlook_of(shortages_of(coming.changes.get(account.id, ()), room, now))
        if outlook != own.outlook:
            session.execute(
                update(CloudCredential)
                .where(CloudCredential.id == account.id, is_ours(run.lease, run.credential))
                .values(outlook=outlook)
                .execution_options(synchronize_session=False)
            )
