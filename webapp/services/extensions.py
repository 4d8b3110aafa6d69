"""More time: asked for by the person in one press, granted by the company in one press."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import update

from webapp.database import changed_rows
from webapp.domain.actor import Actor
from webapp.domain.errors import Conflict
from webapp.domain.mails import EXTENSION_ASKED
from webapp.domain.sentences import say
from webapp.domain.windows import Window, plain_moment
from webapp.models import Application, Event, Workspace
from webapp.models.mail import write_to_company
from webapp.queries import applications as queries
from webapp.queries import workspaces
from webapp.services import mails
from webapp.services.context import ServiceContext
from webapp.services.windows import set_window

GRANTED = timedelta(days=30)
"""By one press; any other end is typed on the contract's page."""


def ask_for_time(context: ServiceContext, workspace_id: int, *, seeker_id: int, actor: Actor) -> None:
    """Once until the contract is extended; safe to repeat. Raises NotFound, Conflict."""
    workspace = workspaces.get_own_workspace(context.session, workspace_id, seeker_id=seeker_id)
    if workspace.ends_at is None or not workspace.may_be_extended:
        context.session.rollback()
        raise Conflict(say("This contract cannot be extended here. Ask the company."), code="no_end")
    now = context.clock.now()
    asked = context.session.execute(
        update(Application)
        .where(Application.id == workspace.application_id, Application.extension_asked_at.is_(None))
        .values(extension_asked_at=now)
        .execution_options(synchronize_session=False)
    )
    if changed_rows(asked) == 1:
        message = "The person asks for more time."
        context.session.add(
            Event.about(workspace, at=now, event="extension_asked", message=message, actor=actor)
        )
        _tell_company(context, workspace)
    context.session.commit()
    mails.notify_sender(context)


def grant_time(context: ServiceContext, application_id: int, *, company_id: int, actor: Actor) -> bool:
    """The end moves by `GRANTED`, from now if it has passed; safe to repeat. Raises NotFound, Conflict.

    False: nobody asks for it, or it was granted already.
    """
    application = queries.get_application(context.session, application_id, company_id=company_id)
    if application.extension_asked_at is None or application.ends_at is None:
        context.session.commit()
        return False
    ends_at = max(application.ends_at, context.clock.now()) + GRANTED
    window = Window(application.starts_at, ends_at, application.window_zone)

    def check(now: Application, desktops: Sequence[Workspace]) -> None:
        if now.extension_asked_at is None:
            raise Conflict("The contract has changed. Look at it again.", code="conflict")
        if not any(one.may_be_extended for one in desktops):
            raise Conflict(
                "There is no desktop any more to which more time would give access.", code="no_desktop"
            )

    set_window(
        context,
        application_id,
        window,
        company_id=company_id,
        actor=actor,
        may_end=False,
        before_commit=check,
    )
    mails.notify_sender(context)
    return True


def _tell_company(context: ServiceContext, workspace: Workspace) -> None:
    if not context.settings.mail.is_set_up:
        return
    application_id, ends_at = workspace.application_id, workspace.ends_at
    application = queries.get_application(context.session, application_id, company_id=workspace.company_id)
    moment = plain_moment(ends_at, application.window_zone or "UTC") if ends_at else ""
    write_to_company(
        context.session,
        EXTENSION_ASKED,
        mail=context.settings.mail,
        at=context.clock.now(),
        company_id=workspace.company_id,
        parameters={
            "person": application.seeker.name,
            "job": application.job_posting.title,
            "moment": moment,
            "application_id": application_id,
        },
        posting_id=application.job_posting_id,
    )
