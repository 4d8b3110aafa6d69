"""Help requests: a seeker asks the company for help; the company marks the request as resolved."""

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webapp.database import changed_rows
from webapp.domain.actor import Actor
from webapp.domain.decisions.note import Level
from webapp.domain.mails import HELP_REQUESTED
from webapp.models import Application, Event, HelpRequest, JobPosting, User, Workspace
from webapp.models.help_request import LONGEST_NOTE
from webapp.models.mail import write_to_company
from webapp.queries import help_requests as queries
from webapp.queries import workspaces
from webapp.services import mails
from webapp.services.context import ServiceContext


def ask_for_help(
    context: ServiceContext, workspace_id: int, *, seeker_id: int, note: str, actor: Actor
) -> HelpRequest:
    """One open request per workspace: a repeat replaces its note. Raises NotFound."""
    workspace = workspaces.get_own_workspace(context.session, workspace_id, seeker_id=seeker_id)
    words = note.strip()[:LONGEST_NOTE]
    found = queries.find_open(context.session, workspace_id=workspace.id)
    if found is None:
        found = _open(context, workspace, words, actor)
    if words and found.note != words:
        found.note = words
    context.session.commit()
    mails.notify_sender(context)
    return found


def answer_help(context: ServiceContext, request_id: int, *, company_id: int, actor: Actor) -> int:
    """Mark the request as resolved and return its workspace's id. Safe to repeat. Raises NotFound."""
    found = queries.get_request(context.session, request_id, company_id=company_id)
    workspace, now = found.workspace, context.clock.now()
    done = context.session.execute(
        update(HelpRequest)
        .where(HelpRequest.id == found.id, HelpRequest.answered_at.is_(None))
        .values(answered_at=now, answered_by=actor.label[:160])
    )
    if changed_rows(done) == 1:
        message = "Help request resolved."
        context.session.add(
            Event.about(workspace, at=now, event="help_answered", message=message, actor=actor)
        )
    workspace_id = workspace.id
    context.session.commit()
    return workspace_id


def _open(context: ServiceContext, workspace: Workspace, note: str, actor: Actor) -> HelpRequest:
    now, workspace_id = context.clock.now(), workspace.id
    request = HelpRequest(
        company_id=workspace.company_id,
        workspace_id=workspace_id,
        note=note,
        state=workspace.state.value,
        asked_at=now,
    )
    context.session.add(request)
    message = "The applicant cannot use the desktop and asks for help."
    event = Event.about(
        workspace, at=now, event="help_asked", message=message, actor=actor, level=Level.WARNING
    )
    context.session.add(event)
    try:
        context.session.flush()
    except IntegrityError:  # pressed twice at once
        context.session.rollback()
        found = queries.find_open(context.session, workspace_id=workspace_id)
        if found is None:
            raise
        return found
    _tell_company(context, workspace, note)
    return request


def _tell_company(context: ServiceContext, workspace: Workspace, note: str) -> None:
    """By mail, once a request: a note that is changed later is on the page."""
    if not context.settings.mail.is_set_up:
        return
    person, job, posting_id = context.session.execute(
        select(User.name, JobPosting.title, JobPosting.id)
        .select_from(Application)
        .join(User, User.id == Application.seeker_id)
        .join(JobPosting, JobPosting.id == Application.job_posting_id)
        .where(Application.id == workspace.application_id, Application.company_id == workspace.company_id)
    ).one()
    write_to_company(
        context.session,
        HELP_REQUESTED,
        mail=context.settings.mail,
        at=context.clock.now(),
        company_id=workspace.company_id,
        parameters={"person": person, "job": job, "note": note, "workspace_id": workspace.id},
        posting_id=posting_id,
    )
