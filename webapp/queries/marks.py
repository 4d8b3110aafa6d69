"""Version marks of live fragments: one small aggregate each, so that an unchanged page costs no template.

Every change of a row increments its `version`, so count, sum and newest id show whether a list changed;
the times cover what is written without a new version, such as when the cloud was last asked.
"""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, scoped_session

from webapp.models import Application, CloudCredential, Event, Schedule, Workspace

AnySession = Session | scoped_session[Session]

_OF_LIST = (
    func.count(Workspace.id),
    func.sum(Workspace.version),
    func.max(Workspace.id),
    func.max(Workspace.updated_at),
)


def seeker_mark(session: AnySession, *, seeker_id: int) -> str:
    """Changes when any of the seeker's own workspaces does."""
    own = select(*_OF_LIST).join(Workspace.application).where(Application.seeker_id == seeker_id)
    return _text(session, own)


def workspace_mark(
    session: AnySession, workspace_id: int, *, company_id: int | None = None, seeker_id: int | None = None
) -> str:
    """Changes when the workspace, its log or its credential does; inside a company or a seeker's own."""
    newest_event = select(func.max(Event.id)).where(Event.workspace_id == Workspace.id).scalar_subquery()
    query = (
        select(
            Workspace.version,
            Workspace.updated_at,
            Schedule.observed_at,
            CloudCredential.version,
            CloudCredential.blocked_code,
            newest_event,
        )
        .join(Workspace.credential)
        .join(Workspace.schedule)
        .where(Workspace.id == workspace_id)
    )
    if company_id is not None:
        query = query.where(Workspace.company_id == company_id)
    if seeker_id is not None:
        query = query.join(Workspace.application).where(Application.seeker_id == seeker_id)
    return _text(session, query)


def _text(session: AnySession, query: Select) -> str:
    row = session.execute(query).one_or_none()
    return "" if row is None else "/".join(str(value) for value in row)
