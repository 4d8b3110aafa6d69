"""What looks at connections found, written under the lease: only what is new, a batch in a few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, case, func, insert, or_, select, true, update
from sqlalchemy.orm import Session

from webapp.domain.actor import CLOUD
from webapp.domain.connections import (
    ConnectionState,
    Known,
    Look,
    Seen,
    days_of_use,
    is_first_connection,
    learned,
)
from webapp.domain.lifecycle import CloudState, Desired, Phase
from webapp.domain.webhooks import FIRST_CONNECTED, IDLE
from webapp.engine.rows import hold_lease
from webapp.engine.run import Run
from webapp.models import CloudCredential, Company, DesktopConnection, Event, UseDay, Workspace
from webapp.models.desktop_connection import IS_OPEN
from webapp.models.schedule import MOST_AT_ONCE
from webapp.models.workspace import IS_LIVE

CONNECTABLE = frozenset({CloudState.AVAILABLE, CloudState.UNHEALTHY})
"""States in which somebody may be connected now."""


def _in_use(at: datetime) -> tuple[Any, ...]:  # conditions
    """Ready, wanted, and open to its person (`domain.access`): nobody is missed where nobody may come."""
    return (
        Workspace.phase == Phase.READY,
        Workspace.desired == Desired.PRESENT,
        Workspace.suspended_at.is_(None),
        or_(Workspace.starts_at.is_(None), Workspace.starts_at <= at),
        Workspace.is_not_over(at),
    )


@dataclass(frozen=True, slots=True)
class Desktop:
    """One to be looked at."""

    workspace_id: int
    cloud_workspace_id: str
    can_connect: bool
    available_at: datetime
    known: Known | None


@dataclass(frozen=True, slots=True)
class _News:
    """A desktop of which a look has found something new."""

    desktop: Desktop
    known: Known
    is_first: bool

    @property
    def is_back(self) -> bool:
        """Somebody has been connected since: what was said to be idle is so no more."""
        before = self.desktop.known
        return before is not None and (
            self.known.is_connected or self.known.last_connected_at != before.last_connected_at
        )


def list_desktops(run: Run, only: Sequence[int] | None = None) -> list[Desktop]:
    """Those (of `only`) that people can connect to, and those that they could at the look before; by id."""
    query = (
        select(
            Workspace.id,
            Workspace.cloud_workspace_id,
            Workspace.cloud_state,
            func.coalesce(Workspace.available_at, Workspace.created_at),
            Workspace.starts_at,
            DesktopConnection,
        )
        .outerjoin(DesktopConnection, DesktopConnection.workspace_id == Workspace.id)
        .where(
            Workspace.company_id == run.credential.company_id,
            Workspace.credential_id == run.credential.id,
            IS_LIVE,
            true() if only is None else Workspace.id.in_(only),
            *_in_use(run.engine.clock.now()),
            or_(
                Workspace.cloud_state.in_(CONNECTABLE),
                DesktopConnection.workspace_id.is_(None),
                DesktopConnection.is_watched,
            ),
        )
        .order_by(Workspace.id)
    )
    with run.engine.sessions.begin() as session:
        return [
            Desktop(
                id_,
                cloud_id or "",
                cloud_state in CONNECTABLE,
                max(made_at, starts_at or made_at),
                # Of an outer join: there may be none.
                cast("DesktopConnection | None", stored) and stored.known,
            )
            for id_, cloud_id, cloud_state, made_at, starts_at, stored in session.execute(query)
        ]


def write_seen(
    run: Run, desktops: Sequence[Desktop], seen: Mapping[str, Seen], *, at: datetime, remembers: bool
) -> None:
    """No transaction, if nothing is new. Raises LeaseLost."""
    news = list[_News]()
    for one in desktops:
        look = Look(at, run.credential.connections_looked_at, one.can_connect, one.available_at, remembers)
        known = learned(one.known, seen.get(one.cloud_workspace_id), look)
        if known is not None and known is not one.known:
            news.append(_News(one, known, is_first_connection(one.known, known, look)))
    for start in range(0, len(news), MOST_AT_ONCE):
        with run.engine.sessions.begin() as session:
            hold_lease(session, run.lease)
            _write(session, run, news[start : start + MOST_AT_ONCE], at)


def _write(session: Session, run: Run, news: Sequence[_News], at: datetime) -> None:
    own = {"company_id": run.credential.company_id, "credential_id": run.credential.id}
    rows = [(one, own | _columns(one)) for one in news]
    if new := [values for one, values in rows if one.desktop.known is None]:
        session.execute(insert(DesktopConnection), new)
    if changed := [values for one, values in rows if one.desktop.known is not None]:
        session.execute(update(DesktopConnection), changed)
    if back := [one.desktop.workspace_id for one in news if one.is_back]:
        session.execute(_noted(back, None))
    days = [
        {"workspace_id": one.desktop.workspace_id, "day": day}
        for one in news
        for day in days_of_use(one.desktop.known, one.known)
    ]
    if days:
        session.execute(insert(UseDay), days)
    first = {one.desktop.workspace_id: one.known for one in news if one.is_first}
    for workspace in _load(session, list(first)):
        connected_at = first[workspace.id].first_connected_at or at
        session.add(
            Event.about(
                workspace,
                at=at,
                event=FIRST_CONNECTED,
                message="The person connected for the first time.",
                actor=CLOUD,
                from_state=workspace.state,
                details={"connected_at": connected_at.isoformat()},
            )
        )


def _columns(news: _News) -> dict[str, Any]:
    known = news.known
    return {
        "workspace_id": news.desktop.workspace_id,
        "state": known.state,
        "is_watched": known.is_watched,
        "checked_at": known.checked_at,
        "is_past_known": known.is_past_known,
        "first_connected_at": known.first_connected_at,
        "last_connected_at": known.last_connected_at,
        "used_day": known.used_day,
        "quiet_since": known.quiet_since,
    }


def write_round(run: Run, *, began_at: datetime) -> None:
    """Every desktop was asked about: close what is in use no more, and write the time of the look."""
    open_ids = _of_account(run).where(~_is_in_use(began_at))
    with run.engine.sessions.begin() as session:
        closed = list(session.scalars(open_ids))
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        for start in range(0, len(closed), MOST_AT_ONCE):
            ids = closed[start : start + MOST_AT_ONCE]
            values = _unseen(run) | {"quiet_since": None}
            session.execute(_change(ids).values(**values))
        looked = {"connections_looked_at": began_at, "connections_hidden_at": None}
        session.execute(update(CloudCredential).where(CloudCredential.id == run.credential.id).values(looked))
    run.credential.connections_looked_at, run.credential.connections_hidden_at = began_at, None


def write_hidden(run: Run, *, at: datetime) -> None:
    """The key may not see who is connected: nothing is claimed any more that was true only then."""
    if run.credential.connections_hidden_at is not None:
        return
    with run.engine.sessions.begin() as session:
        ids = list(session.scalars(_of_account(run)))
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        for start in range(0, len(ids), MOST_AT_ONCE):
            quiet_since = case(
                (DesktopConnection.state == ConnectionState.CONNECTED, _seen_last(run)),
                else_=DesktopConnection.quiet_since,
            )
            values = _unseen(run) | {"quiet_since": quiet_since}
            session.execute(_change(ids[start : start + MOST_AT_ONCE]).values(**values))
        hidden = {"connections_hidden_at": at}
        session.execute(update(CloudCredential).where(CloudCredential.id == run.credential.id).values(hidden))
    run.credential.connections_hidden_at = at


def _unseen(run: Run) -> dict[str, Any]:
    """Of desktops that are looked at no more: what the look before said last."""
    return {
        "state": ConnectionState.UNKNOWN,
        "is_watched": False,
        "checked_at": case(
            (DesktopConnection.is_watched, _seen_last(run)), else_=DesktopConnection.checked_at
        ),
        "last_connected_at": case(
            (DesktopConnection.state == ConnectionState.CONNECTED, _seen_last(run)),
            else_=DesktopConnection.last_connected_at,
        ),
    }


def _seen_last(run: Run) -> Any:  # a column, or a value of its type
    """The newest look that the desktop was part of."""
    looked_at = run.credential.connections_looked_at
    if looked_at is None:
        return DesktopConnection.checked_at
    return case((DesktopConnection.checked_at > looked_at, DesktopConnection.checked_at), else_=looked_at)


def note_idle(run: Run, *, at: datetime) -> None:
    """Say once of each period that a desktop is idle."""
    with run.engine.sessions.begin() as session:
        days = session.scalar(select(Company.idle_days).where(Company.id == run.credential.company_id))
        days = days or 0
        idle = (
            _of_account(run)
            .add_columns(DesktopConnection.quiet_since, DesktopConnection.last_connected_at)
            .where(
                DesktopConnection.quiet_since <= at - timedelta(days=days),
                DesktopConnection.idle_noted_at.is_(None),
                _is_in_use(at),
            )
        )
        found = {row[0]: row for row in session.execute(idle)}
    ids = sorted(found)
    for start in range(0, len(ids), MOST_AT_ONCE):
        some = ids[start : start + MOST_AT_ONCE]
        with run.engine.sessions.begin() as session:
            hold_lease(session, run.lease)
            session.execute(_noted(some, at))
            for workspace in _load(session, some):
                _, quiet_since, last_at = found[workspace.id]
                session.add(_idle_event(workspace, quiet_since, last_at, days=days, at=at))


def _idle_event(
    workspace: Workspace, quiet_since: datetime, last_at: datetime | None, *, days: int, at: datetime
) -> Event:
    message = f"Nobody has been connected for {days} days."
    return Event.about(
        workspace,
        at=at,
        event=IDLE,
        message=message if last_at else f"{message} Berth knows of no connection at all.",
        actor=CLOUD,
        from_state=workspace.state,
        details={"idle_since": quiet_since.isoformat(), "days": days},
    )


def _of_account(run: Run) -> Select[int]:
    """Ids of the account's desktops that are in use, as far as the looks know."""
    own = DesktopConnection.credential_id == run.credential.id
    return select(DesktopConnection.workspace_id).where(own, IS_OPEN)


def _is_in_use(at: datetime) -> Any:  # a condition
    is_its = Workspace.id == DesktopConnection.workspace_id
    return select(Workspace.id).where(is_its, *_in_use(at)).exists()


def _change(ids: Sequence[int]) -> Any:  # an update without its values
    return (
        update(DesktopConnection)
        .where(DesktopConnection.workspace_id.in_(ids))
        .execution_options(synchronize_session=False)
    )


def _noted(ids: Sequence[int], at: datetime | None) -> Any:  # an update
    return _change(ids).values(idle_noted_at=at)


def _load(session: Session, ids: Sequence[int]) -> Sequence[Workspace]:
    return session.scalars(select(Workspace).where(Workspace.id.in_(ids))).all() if ids else ()
