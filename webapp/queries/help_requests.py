"""Open help requests, within their company or about one workspace."""

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.errors import NotFound
from webapp.models import Application, HelpRequest, Workspace

AnySession = Session | scoped_session[Session]

_IS_OPEN = HelpRequest.answered_at.is_(None)
_OPEN = (
    select(HelpRequest)
    .options(
        joinedload(HelpRequest.workspace)
        .joinedload(Workspace.application)
        .options(joinedload(Application.seeker), joinedload(Application.job_posting))
    )
    .where(HelpRequest.company_id == bindparam("company"), _IS_OPEN)
    .order_by(HelpRequest.asked_at, HelpRequest.id)
    .limit(bindparam("most", type_=Integer))
)
_OPEN_ABOUT = (
    select(HelpRequest)
    .where(HelpRequest.workspace_id == bindparam("workspace"), _IS_OPEN)
    .execution_options(populate_existing=True)
)


def list_open(session: AnySession, *, company_id: int, limit: int) -> list[HelpRequest]:
    """With the person and the job, the longest waiting first."""
    return list(session.scalars(_OPEN, {"company": company_id, "most": limit}))


def find_open(session: AnySession, *, workspace_id: int) -> HelpRequest | None:
    """About a workspace that the caller has loaded inside its tenant, or as the seeker's own."""
    return session.scalar(_OPEN_ABOUT, {"workspace": workspace_id})


def get_request(session: AnySession, request_id: int, *, company_id: int) -> HelpRequest:
    found = session.scalar(
        select(HelpRequest)
        .options(joinedload(HelpRequest.workspace))
        .where(HelpRequest.id == request_id, HelpRequest.company_id == company_id)
    )
    if found is None:
        raise NotFound("Help request not found.")
    return found
