"""What an approval brings with it: the window of the contract, given or by the job posting's defaults."""

from collections.abc import Sequence

from sqlalchemy import select

from webapp.domain.actor import Actor
from webapp.domain.roles import ApplicationStatus
from webapp.domain.windows import Window
from webapp.models import Application, Invitation, User
from webapp.services.context import ServiceContext
from webapp.services.contract_defaults import default_window, default_window_of_invited
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
    if not application.window_version:
        _take_window(context, application, window)
    context.session.flush()
    return set()


def _take_window(context: ServiceContext, application: Application, invited: Window | None) -> None:
    window = invited or default_window_of_invited(
        context, application.job_posting_id, company_id=application.company_id
    )
    if window is not None:
        application.take_window(window, at=context.clock.now(), is_default=invited is None)


def take_default_windows(
    context: ServiceContext, application_ids: Sequence[int], *, company_id: int, posting_id: int
) -> None:
    """Of those who are being approved and have none, in the approval's transaction. Raises Conflict."""
    context.session.flush()
    without = context.session.scalars(
        select(Application).where(
            Application.id.in_(application_ids),
            Application.company_id == company_id,
            Application.job_posting_id == posting_id,
            Application.window_version == 0,
        )
    ).all()
    window = default_window(context, posting_id, company_id=company_id) if without else None
    if window is not None:
        for one in without:
            one.take_window(window, at=context.clock.now(), is_default=True)
