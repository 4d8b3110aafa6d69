"""Saying to people that they have longer than an earlier mail said, in the transaction that gives it."""

from collections.abc import Iterable

from webapp.domain.access import Access, Because
from webapp.domain.mails import ACCESS_GOES_ON, CONTRACT_EXTENDED
from webapp.domain.windows import Window, plain_moment
from webapp.models import Application, Company, Workspace
from webapp.queries.applications import get_application
from webapp.services.context import ServiceContext
from webapp.services.mails import queue_mail


def _has_heard_of_end(application: Application, desktops: Iterable[Workspace]) -> bool:
    """Has its person heard when access to one of these ends or that it has, or asked for more time?"""
    asked = application.extension_asked_at is not None
    return any(
        asked or one.noticed_days is not None or one.suspended_because is Because.CONTRACT_ENDED
        for one in desktops
        if one.available_at is not None and one.suspended_because is not Because.TERMINATE_REQUESTED
    )


def tell_longer(
    context: ServiceContext, application: Application, window: Window, *, desktops: Iterable[Workspace]
) -> None:
    """Who has heard of the end hears of a later one, or of none. Before the application gets the window."""
    if not window.ends_after(application.window) or not _has_heard_of_end(application, desktops):
        return
    if window.ends_at is None:
        _tell(context, application, None)
    elif not window.is_over(context.clock.now()):
        _tell(context, application, plain_moment(window.ends_at, window.zone or "UTC"))


def tell_access_goes_on(context: ServiceContext, row: Workspace, *, was_suspended: bool) -> None:
    """After the undo of a termination, of which they have heard."""
    now = context.clock.now()
    if was_suspended and row.suspended_at is None and row.access(now) is Access.OPEN:
        application = get_application(context.session, row.application_id, company_id=row.company_id)
        _tell(context, application, None)


def _tell(context: ServiceContext, application: Application, moment: str | None) -> None:
    if not application.seeker.is_active:
        return
    company = context.session.get_one(Company, application.company_id).name
    parameters = {"company": company, "job": application.job_posting.title}
    kind = ACCESS_GOES_ON if moment is None else CONTRACT_EXTENDED
    if moment is not None:
        parameters["moment"] = moment
    queue_mail(context, kind, to=application.seeker, company_id=application.company_id, parameters=parameters)
