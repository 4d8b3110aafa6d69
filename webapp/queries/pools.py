"""Warm pools and their desktops, inside their company."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, joinedload, scoped_session

from webapp.domain.errors import NotFound
from webapp.domain.pools import OURS, PoolState
from webapp.models import CloudCredential, PoolDesktop, WarmPool

AnySession = Session | scoped_session[Session]


def list_pools(session: AnySession, *, company_id: int, credential_id: int | None = None) -> list[WarmPool]:
    """With their accounts, in a stable order."""
    query = select(WarmPool).where(WarmPool.company_id == company_id).options(joinedload(WarmPool.credential))
    if credential_id is not None:
        query = query.where(WarmPool.credential_id == credential_id)
    return list(session.scalars(query.order_by(WarmPool.bundle_name, WarmPool.id)))


def list_stopped(session: AnySession, *, company_id: int) -> list[WarmPool]:
    """Those that make nothing more until a person starts them again, with their accounts; oldest first."""
    query = (
        select(WarmPool)
        .join(WarmPool.credential)
        .where(
            WarmPool.company_id == company_id,
            WarmPool.stopped_code.is_not(None),
            ~CloudCredential.is_deleted,
        )
        .options(contains_eager(WarmPool.credential))
    )
    return list(session.scalars(query.order_by(WarmPool.stopped_at, WarmPool.id)))


def get_pool(session: AnySession, pool_id: int, *, company_id: int, is_locked: bool = False) -> WarmPool:
    """Raises NotFound."""
    query = select(WarmPool).where(WarmPool.id == pool_id, WarmPool.company_id == company_id)
    found = session.scalar(query.with_for_update() if is_locked else query)
    if found is None:
        raise NotFound("Warm pool not found.")
    return found


def find_pool(session: AnySession, *, credential_id: int, bundle_id: str, company_id: int) -> WarmPool | None:
    return session.scalar(
        select(WarmPool).where(
            WarmPool.company_id == company_id,
            WarmPool.credential_id == credential_id,
            WarmPool.bundle_id == bundle_id,
        )
    )


def count_desktops(session: AnySession, *, company_id: int) -> Mapping[int, Counter[PoolState]]:
    """By pool and state, of those that exist or are about to."""
    rows = session.execute(
        select(PoolDesktop.pool_id, PoolDesktop.state, func.count())
        .join(WarmPool, WarmPool.id == PoolDesktop.pool_id)
        .where(WarmPool.company_id == company_id, PoolDesktop.state.in_(sorted(OURS)))
        .group_by(PoolDesktop.pool_id, PoolDesktop.state)
    ).all()
    found: dict[int, Counter[PoolState]] = {}
    for pool_id, state, count in rows:
        found.setdefault(pool_id, Counter())[state] = count
    return found


def count_standing(session: AnySession, *, credential_id: int) -> int:
    """How many desktops of its pools still need this credential."""
    return (
        session.scalar(
            select(func.count())
            .select_from(PoolDesktop)
            .where(PoolDesktop.credential_id == credential_id, PoolDesktop.state.in_(sorted(OURS)))
        )
        or 0
    )
