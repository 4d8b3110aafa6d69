"""What an approval brings with it: the window of the contract."""

from sqlalchemy import select

from webapp.domain.actor import Actor
from webapp.domain.roles import ApplicationStatus
from webapp.models import Application, Invitation, User
from webapp.services.context import ServiceContext
from webapp.services.windows import give_window


def approve_invited(context: ServiceContext, invitation: Invitation, user: User) -> set[int]:
    """An application that nobody wrote, or that the person wrote meanwhile; in the caller's transaction.

    A window that it has by then stays, else that of the invitation counts. The accounts to notify after the
    commit. Raises Conflict.
    """
    application = context.session.scalar(
        select(Application).where(
            Application.company_id == invitation.company_id,
            Application.job_posting_id == invitation.job_posting_id,
            Application.seeker_id == user.id,
        )
    )
    now, window = context.clock.now(), invitation.window
    if application is not None and application.status is ApplicationStatus.APPROVED:
        if window is None:
            return set()
        return give_window(context, application, window, actor=Actor(user.email, user_id=user.id))
    if application is None:
        application = Application(
            company_id=invitation.company_id,
            job_posting_id=invitation.job_posting_id,
            seeker_id=user.id,
            message="",
            created_at=now,
        )
        context.session.add(application)
    application.status, application.decided_at = ApplicationStatus.APPROVED, now
    application.decided_by_id = invitation.invited_by_id
    if window is not None and not application.window_version:
        application.take_window(window, at=now)
    context.session.flush()
    return set()
