"""Version marks of live fragments: one small aggregate each, so that an unchanged page costs no template.

Every change of a row increments its `version`, so count, sum and newest id show whether a list changed;
the times cover what is written without a new version, such as when the cloud was last asked. A start or end
of a contract that passes by the clock is written by nobody: how many have passed is part of the mark.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Select, bindparam, case, func, select
from sqlalchemy.orm import Session, scoped_session

from webapp.models import Application, CloudCredential, Event, Schedule, Workspace

AnySession = Session | scoped_session[Session]

_OF_LIST = (
    func.count(Workspace.id),
    func.sum(Workspace.version),
    func.max(Workspace.id),
    func.max(Workspace.updated_at),
)
_TURNED = (
    func.sum(case((Workspace.starts_at <= bindparam("now"), 1), else_=0)),
    func.sum(case((Workspace.ends_at <= bindparam("now"), 1), else_=0)),
)
_OF_SEEKER = (
    select(*_OF_LIST, *_TURNED)
    .join(Workspace.application)
    .where(Application.seeker_id == bindparam("seeker"))
)
_OF_WORKSPACE = (
    select(
        Workspace.version,
        Workspace.updated_at,
        Schedule.observed_at,
        CloudCredential.version,
        CloudCredential.blocked_code,
        select(func.max(Event.id)).where(Event.workspace_id == Workspace.id).scalar_subquery(),
    )
    .join(Workspace.credential)
    .join(Workspace.schedule)
    .where(Workspace.id == bindparam("id"))
)
_OF_COMPANYS = _OF_WORKSPACE.where(Workspace.company_id == bindparam("company"))
_OF_SEEKERS = _OF_WORKSPACE.join(Workspace.application).where(Application.seeker_id == bindparam("seeker"))


def seeker_mark(session: AnySession, *, seeker_id: int, now: datetime) -> str:
    """Changes when any of the seeker's own workspaces does, or its contract begins or ends."""
    return _text(session, _OF_SEEKER, {"seeker": seeker_id, "now": now})


def workspace_mark(
    session: AnySession, workspace_id: int, *, company_id: int | None = None, seeker_id: int | None = None
) -> str:
    """Changes when the workspace, its log or its credential does; inside a company or a seeker's own."""
    if company_id is not None:
        asked = {"id": workspace_id, "company": company_id}
        return _text(session, _OF_COMPANYS, asked)
    return _text(session, _OF_SEEKERS, {"id": workspace_id, "seeker": seeker_id})


def _text(session: AnySession, query: Select, asked: Mapping[str, int | datetime | None]) -> str:
    row = session.execute(query, asked).one_or_none()
    return "" if row is None else "/".join(str(value) for value in row)
