"""How many invitations a company mails: a token could write to strangers without end."""

from datetime import timedelta
from math import ceil

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


def wait_s_for(context: ServiceContext, email: str, *, company_id: int) -> int:
    """For so long the company mails no other invitation to this address; 0: it may now."""
    if not context.settings.mail.is_set_up:
        return 0
    newest = select(func.max(Invitation.made_at)).where(
        Invitation.company_id == company_id, Invitation.email == email
    )
    made_at = context.session.scalar(newest)
    if made_at is None:
        return 0
    return max(ceil((made_at + AGAIN_AFTER - context.clock.now()).total_seconds()), 0)


def check_again(context: ServiceContext, email: str, *, company_id: int) -> None:
    """Before one more is written to this address, in the company's turn. Raises TooMany."""
    if wait_s := wait_s_for(context, email, company_id=company_id):
        context.session.rollback()
        raise too_soon(wait_s)
    check_mails(context, 1, company_id=company_id)


def too_soon(wait_s: int) -> TooMany:
    return TooMany(
        "This person was invited a moment ago. Wait five minutes before you invite them again.",
        field="email",
        retry_after_s=wait_s,
    )
