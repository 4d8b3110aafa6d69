"""What tests of warm pools do and ask."""

from collections import Counter

from sqlalchemy import select, update

from tests.desk import Desk
from webapp.domain.duties import KEEP_POOLS
from webapp.domain.pools import PoolState
from webapp.models import Duty, PoolDesktop, WarmPool
from webapp.services.pools import PoolRequest, set_pool

ROUND_S = 120.0


def want(desk: Desk, floor: int, ceiling: int | None = None, **changes: object) -> int:
    """Set the pool of the stage's bundle, without the workers; its id."""
    request = PoolRequest(desk.stage.bundle_id, floor, floor if ceiling is None else ceiling, **changes)  # type: ignore[arg-type]
    return set_pool(desk.context, desk.credential_id, request, company_id=desk.provider.company_id or 0).id


def pool_of(desk: Desk) -> WarmPool:
    with desk.sessions.begin() as session:
        pool = session.scalars(select(WarmPool)).one()
        session.expunge_all()
    return pool


def desktops_of(desk: Desk, *states: PoolState) -> list[PoolDesktop]:
    with desk.sessions.begin() as session:
        found = session.scalars(select(PoolDesktop).order_by(PoolDesktop.id)).all()
        session.expunge_all()
    return [one for one in found if not states or one.state in states]


def states_of(desk: Desk) -> Counter[PoolState]:
    return Counter(one.state for one in desktops_of(desk))


def hurry(desk: Desk) -> None:
    """The pools' duty is due, and the workers come."""
    with desk.sessions.begin() as session:
        session.execute(update(Duty).where(Duty.kind == KEEP_POOLS).values(due_at=desk.clock.now()))
    desk.sweep()


def live_until_ready(desk: Desk, count: int, *, limit_s: float = 7200) -> None:
    """Let time pass until so many wait as they should, and nothing else moves."""
    end_s = desk.clock.elapsed_s + limit_s
    while desk.clock.elapsed_s < end_s:
        desk.sweep()
        waiting = [one for one in desktops_of(desk, PoolState.READY) if one.cloud_word == "Deallocated"]
        if len(waiting) == count:
            return
        desk.clock.pause(ROUND_S)
    raise AssertionError(f"not {count} ready: {states_of(desk)}")


def living_machines(desk: Desk) -> set[str]:
    return {str(one["name"]) for one in desk.stage.machines() if one["kind"] == "vm"}


def births(desk: Desk) -> list[str]:
    """Every machine that was ever made."""
    return [str(one["name"]) for one in desk.sandbox.journal() if one["kind"] == "vm"]


def assigned(desk: Desk) -> dict[str, str]:
    """Who has which host, of those that somebody has."""
    hosts = [one for one in desk.sandbox.parts() if one["kind"] == "host"]
    return {
        str(one["name"]).rpartition("/")[2]: one["assigned_user"] for one in hosts if one["assigned_user"]
    }
