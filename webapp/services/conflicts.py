"""Why an order is refused although nothing is wrong with it: too early, or somebody else was first."""

from sqlalchemy import select

from webapp.domain.errors import Conflict
from webapp.domain.roles import ApplicationStatus
from webapp.models import Application, Workspace
from webapp.queries import workspaces as queries
from webapp.services.context import ServiceContext


def not_approved(status: ApplicationStatus | None) -> Conflict:
    """`status`: what the application has; of whoever removed the account it is rejected."""
    if status is ApplicationStatus.SUBMITTED:
        message = "Approve the application before you order a desktop for it."
    else:
        message = (
            "This application was rejected, or its person has removed the account. Choose somebody else."
        )
    return Conflict(message, code="application_not_approved", field="application_id")


def check_still_approved(context: ServiceContext, application_id: int) -> None:
    """After a desktop of it is inserted, which waits while the account is being removed. Raises Conflict."""
    status = context.session.scalar(select(Application.status).where(Application.id == application_id))
    if status is not ApplicationStatus.APPROVED:
        raise not_approved(status)


def lost_the_race(context: ServiceContext, application_id: int, username: str) -> Conflict:
    existing = queries.find_live_for_application(context.session, application_id)
    return workspace_exists(existing) if existing is not None else username_taken(username)


def workspace_exists(existing: Workspace) -> Conflict:
    return Conflict(
        "This person already has a desktop for this application.",
        code="workspace_exists",
        field="application_id",
        extra={"workspace_id": existing.id},
    )


def username_taken(username: str) -> Conflict:
    return Conflict(
        f"Another desktop already uses the name “{username}” there.",
        code="username_taken",
        field="username",
    )
