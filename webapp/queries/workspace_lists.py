"""Lists of workspaces in pages, every filter in the database: a page costs what it shows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.models import Application, Workspace
from webapp.queries.workspaces import IS_LISTED, matching

AnySession = Session | scoped_session[Session]


@dataclass(frozen=True, slots=True)
class Filters:
    state: str | None = None
    cloud_provider: str | None = None
    application_id: int | None = None
    q: str = ""


@dataclass(frozen=True, slots=True)
class Whose:
    """A company's workspaces, or a seeker's own."""

    company_id: int | None = None
    seeker_id: int | None = None


def list_page(
    session: AnySession,
    whose: Whose,
    filters: Filters,
    *,
    limit: int,
    before: tuple[datetime, int] | None = None,
) -> list[Workspace]:
    """Newest first, with their credentials; `before` is the place (`created_at`, `id`) to continue after."""
    query = (
        _chosen(whose, filters)
        .options(joinedload(Workspace.credential))
        .order_by(Workspace.created_at.desc(), Workspace.id.desc())
        .limit(limit)
    )
    if before is not None:
        created_at, row_id = before
        query = query.where(
            or_(
                Workspace.created_at < created_at,
                and_(Workspace.created_at == created_at, Workspace.id < row_id),
            )
        )
    return list(session.scalars(query))


def count_all(session: AnySession, whose: Whose, filters: Filters) -> int:
    return session.scalar(_chosen(whose, filters).with_only_columns(func.count(Workspace.id))) or 0


def _chosen(whose: Whose, filters: Filters) -> Select[Workspace]:
    query = select(Workspace).where(IS_LISTED)
    if whose.company_id is not None:
        query = query.where(Workspace.company_id == whose.company_id)
    else:
        query = query.join(Workspace.application).where(Application.seeker_id == whose.seeker_id)
    query = matching(
        query,
        q=filters.q,
        cloud_provider=filters.cloud_provider,
        application_id=filters.application_id,
        has_cloud_ids=whose.company_id is not None,
    )
    return query if filters.state is None else query.where(Workspace.listed_state == filters.state)
