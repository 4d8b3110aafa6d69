"""Orphans within their company: machines in the cloud without a live row."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.errors import NotFound
from webapp.domain.orphans import LISTED, OrphanKind, OrphanStatus
from webapp.models import CloudCredential, Orphan

AnySession = Session | scoped_session[Session]


def get_orphan(session: AnySession, orphan_id: int, *, company_id: int) -> Orphan:
    orphan = session.scalar(
        _of(company_id).where(Orphan.id == orphan_id).execution_options(populate_existing=True)
    )
    if orphan is None:
        raise NotFound("Unmanaged desktop not found.")
    return orphan


def list_orphans(
    session: AnySession,
    *,
    company_id: int,
    credential_id: int | None = None,
    statuses: Sequence[OrphanStatus] = LISTED,
    kinds: Sequence[OrphanKind] = tuple(OrphanKind),
    limit: int | None = None,
    after_id: int = 0,
) -> list[Orphan]:
    """In the order in which they were found; `after_id` continues after that one."""
    query = _filtered(company_id, credential_id, statuses, kinds).where(Orphan.id > after_id)
    return list(session.scalars(query.order_by(Orphan.id).limit(limit)))


def count_orphans(
    session: AnySession,
    *,
    company_id: int,
    credential_id: int | None = None,
    statuses: Sequence[OrphanStatus] = LISTED,
    kinds: Sequence[OrphanKind] = tuple(OrphanKind),
    most: int | None = None,
) -> int:
    """As many as there are, or `most`."""
    filtered = _filtered(company_id, credential_id, statuses, kinds).options()
    ids = filtered.with_only_columns(Orphan.id).order_by(None).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(ids)) or 0


def find_open_orphan(session: AnySession, cloud_workspace_id: str, *, company_id: int) -> Orphan | None:
    """The undecided orphan for this machine."""
    return session.scalar(
        _of(company_id).where(
            Orphan.cloud_workspace_id == cloud_workspace_id,
            Orphan.status.in_((OrphanStatus.OPEN, OrphanStatus.IGNORED)),
        )
    )


def _of(company_id: int) -> Select[Orphan]:
    return (
        select(Orphan)
        .join(Orphan.credential)
        .options(joinedload(Orphan.credential), joinedload(Orphan.workspace))
        .where(Orphan.company_id == company_id, ~CloudCredential.is_deleted)
    )


def _filtered(
    company_id: int,
    credential_id: int | None,
    statuses: Sequence[OrphanStatus],
    kinds: Sequence[OrphanKind],
) -> Select[Orphan]:
    query = _of(company_id).where(Orphan.status.in_(statuses), Orphan.kind.in_(kinds))
    return query if credential_id is None else query.where(Orphan.credential_id == credential_id)
