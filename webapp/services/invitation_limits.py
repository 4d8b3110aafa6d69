"""How many invitations a company mails: a token could write to strangers without end."""

from datetime import timedelta

from sqlalchemy import func, select

from webapp.domain.errors import TooMany
from webapp.domain.mails import COLLEAGUE_INVITED, HIRE_INVITED
from webapp.models import Invitation, Mail
from webapp.services.context import ServiceContext

MOST_MAILS = 1000
"""Of a company within `WINDOW`: room for five times as many people as are invited at once."""
WINDOW = timedelta(hours=1)
AGAIN_AFTER = timedelta(minutes=5)
"""One address gets no second mail of a company sooner."""
TOO_SOON = "invited_just_now"


def check_mails(context: ServiceContext, count: int, *, company_id: int) -> None:
    """Before so many more are written, in the company's turn. Raises TooMany."""
    if not context.settings.mail.is_set_up:
        return
    sent = context.session.scalar(
        select(func.count()).where(
            Mail.company_id == company_id,
            Mail.kind.in_((COLLEAGUE_INVITED.name, HIRE_INVITED.name)),
            Mail.created_at > context.clock.now() - WINDOW,
        )
    )
    if (sent or 0) + count > MOST_MAILS:
        context.session.rollback()
        raise TooMany(
            "Your company has sent too many invitations within an hour. Wait an hour and try again.",
            retry_after_s=int(WINDOW.total_seconds()),
        )


def is_too_soon(context: ServiceContext, email: str, *, company_id: int) -> bool:
    """Has the company mailed an invitation to this address a moment ago?"""
    if not context.settings.mail.is_set_up:
        return False
    newest = select(func.max(Invitation.made_at)).where(
        Invitation.company_id == company_id, Invitation.email == email
    )
    made_at = context.session.scalar(newest)
    return made_at is not None and made_at > context.clock.now() - AGAIN_AFTER


def check_again(context: ServiceContext, email: str, *, company_id: int) -> None:
    """Before one more is written to this address, in the company's turn. Raises TooMany."""
    if is_too_soon(context, email, company_id=company_id):
        context.session.rollback()
        raise too_soon()
    check_mails(context, 1, company_id=company_id)


def too_soon() -> TooMany:
    return TooMany(
        "This person was invited a moment ago. Wait five minutes before you invite them again.",
        field="email",
        retry_after_s=int(AGAIN_AFTER.total_seconds()),
    )
