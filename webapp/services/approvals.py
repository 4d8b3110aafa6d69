"""What an approval brings with it: window and hours of the contract, and perhaps the order of a desktop."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.domain.actor import Actor
from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.roles import ApplicationStatus
from webapp.domain.windows import Window
from webapp.models import Application, Invitation, JobPosting, Profile, User
from webapp.models.application import LIVE_DESKTOP
from webapp.services.context import ServiceContext
from webapp.services.contract_defaults import defaults_of_posting, window_by
from webapp.services.windows import give_window

NOT_PERMITTED = "order_not_permitted"
NOT_PERMITTED_SAID = "Whoever approved this person may not order desktops."


def approve_invited(
    context: ServiceContext, invitation: Invitation, user: User, *, may_order: bool
) -> tuple[set[int], int | None]:
    """An application that nobody wrote, or that the person wrote meanwhile; in the caller's transaction.

    A window that it has by then stays, else that of the invitation counts. `may_order`: may who has invited?
    The accounts to notify after the commit, and the application that is approved now. Raises Conflict.
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
            return set(), None
        return give_window(context, application, window, actor=Actor(user.email, user_id=user.id)), None
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
    _take_terms(context, application, user, window)
    context.session.flush()
    about = {"company_id": application.company_id, "posting_id": application.job_posting_id}
    note_orders(context, [application.id], may_order=may_order, **about)
    return set(), application.id


def note_orders(
    context: ServiceContext,
    application_ids: Sequence[int],
    *,
    company_id: int,
    posting_id: int,
    may_order: bool,
) -> bool:
    """That the approval orders, if the posting's profile says so: in the approval's transaction.

    Is there something for `profile_orders.order_due` after the commit? If not allowed, the reason is noted.
    """
    orders = (
        select(Profile.id)
        .join(JobPosting, JobPosting.profile_id == Profile.id)
        .where(
            JobPosting.id == posting_id,
            JobPosting.company_id == company_id,
            Profile.orders_on_approval,
            Profile.archived_at.is_(None),
        )
    )
    if context.session.scalar(orders) is None:
        return False
    if may_order:
        note_due(context, application_ids, company_id=company_id, posting_id=posting_id)
        return True
    for one in _served_by_nobody(context, application_ids, company_id, posting_id):
        one.order_refusal_code, one.order_refusal = NOT_PERMITTED, NOT_PERMITTED_SAID
    return False


def note_due(
    context: ServiceContext, application_ids: Sequence[int], *, company_id: int, posting_id: int
) -> None:
    """That a desktop by the profile of the job is to be ordered for those of its people who have none."""
    for one in _served_by_nobody(context, application_ids, company_id, posting_id):
        one.order_due_at, one.order_refusal_code, one.order_refusal = context.clock.now(), None, None


def _served_by_nobody(
    context: ServiceContext, application_ids: Sequence[int], company_id: int, posting_id: int
) -> Sequence[Application]:
    """Those who are approved, perhaps in this transaction, and have no live desktop."""
    return context.session.scalars(
        select(Application).where(
            Application.id.in_(application_ids),
            Application.company_id == company_id,
            Application.job_posting_id == posting_id,
            Application.status == ApplicationStatus.APPROVED,
            Application.desktop != LIVE_DESKTOP,
        )
    ).all()


def _take_terms(
    context: ServiceContext, application: Application, user: User, invited: Window | None
) -> None:
    """Of whoever accepts now; the end may have passed, and then no desktop can be ordered."""
    posting_id, now = application.job_posting_id, context.clock.now()
    defaults = defaults_of_posting(context, posting_id, company_id=application.company_id)
    window = invited or defaults.window(now)
    if window is not None and application.window_zone is None:
        application.take_window(window, at=now, is_default=invited is None)
    if defaults.hours is not None and not application.has_own_hours:
        application.take_hours(defaults.hours_of(user.time_zone), at=now, is_default=True)


def take_default_terms(
    context: ServiceContext, application_ids: Sequence[int], *, company_id: int, posting_id: int
) -> None:
    """The window, of those who are being approved and have none, and likewise the hours; in the approval's
    transaction. Raises NotFound, Conflict."""
    defaults = defaults_of_posting(context, posting_id, company_id=company_id)
    found, now = _being_approved(context, application_ids, company_id, posting_id), context.clock.now()
    without = [one for one in found if one.window_zone is None]
    window = window_by(defaults, now=now) if without else None
    if window is not None:
        for one in without:
            one.take_window(window, at=now, is_default=True)
    _take_hours(found, defaults, now)


def take_default_hours(
    context: ServiceContext, application_ids: Sequence[int], *, company_id: int, posting_id: int
) -> None:
    """The hours alone, where somebody has chosen the window. Raises NotFound."""
    defaults = defaults_of_posting(context, posting_id, company_id=company_id)
    found = _being_approved(context, application_ids, company_id, posting_id)
    _take_hours(found, defaults, context.clock.now())


def _take_hours(found: Sequence[Application], defaults: ContractDefaults, now: datetime) -> None:
    """Each in the zone of its person where the defaults say so."""
    if defaults.hours is None:
        return
    for one in found:
        if not one.has_own_hours:
            one.take_hours(defaults.hours_of(one.seeker.time_zone), at=now, is_default=True)


def _being_approved(
    context: ServiceContext, application_ids: Sequence[int], company_id: int, posting_id: int
) -> Sequence[Application]:
    context.session.flush()
    return context.session.scalars(
        select(Application)
        .options(joinedload(Application.seeker))
        .where(
            Application.id.in_(application_ids),
            Application.company_id == company_id,
            Application.job_posting_id == posting_id,
        )
    ).all()
