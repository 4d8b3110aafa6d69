"""Lists of workspaces in pages, every filter in the database: a page costs the same however long the list is.

The public state is derived, never stored. Here it is derived once more, in SQL, from the same tables of
`domain.lifecycle`; a test compares the two for every row that can be.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.lifecycle import (
    FAILED_PHASES,
    OF_ACTION,
    OF_CLOUD,
    Action,
    CloudState,
    Desired,
    Phase,
    State,
)
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


def state_of(row: Any) -> ColumnElement[str]:
    """`lifecycle.public_state` in SQL; `row` has the columns of a workspace (a class, or a table's `c`)."""
    has_failed = row.error_code.is_not(None)
    return case(
        (row.phase == Phase.GONE, State.TERMINATED.value),
        (row.desired == Desired.ABSENT, State.TERMINATING.value),
        (row.requested_action == Action.RETRY, State.PENDING.value),
        (row.phase.in_(list(FAILED_PHASES)), State.ERROR.value),
        (
            row.phase == Phase.TERMINATING,
            case((has_failed, State.ERROR.value), else_=State.TERMINATING.value),
        ),
        (row.phase != Phase.READY, case((has_failed, State.ERROR.value), else_=State.PENDING.value)),
        *[(row.requested_action == action, state.value) for action, state in OF_ACTION.items()],
        *[(row.cloud_state == word, state.value) for word, state in _by_frequency()],
        else_=literal(State.PENDING.value),
    )


def _by_frequency() -> list[tuple[CloudState, State]]:
    """AVAILABLE first: a CASE is tried in order, for every row."""
    return sorted(OF_CLOUD.items(), key=lambda pair: pair[0] is not CloudState.AVAILABLE)


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
    return query if filters.state is None else query.where(state_of(Workspace) == filters.state)
