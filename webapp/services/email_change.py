"""Another e-mail address: it counts once the old mailbox and the new one have both agreed.

Whoever signs up proves the present address so; until then nobody asks the old mailbox about a change.
"""

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from webapp.database import take_turns
from webapp.domain.errors import Conflict, Invalid, LinkIsOver, TooMany
from webapp.domain.mails import EMAIL_CHANGE_NEW, EMAIL_CHANGE_OLD, EMAIL_PROOF, MailKind
from webapp.domain.secret_texts import hash_of, new_secret_text
from webapp.domain.sentences import say
from webapp.models import EmailChange, User
from webapp.models.mail import Recipient
from webapp.services.context import ServiceContext
from webapp.services.mails import notify_sender, queue_mail
from webapp.services.own_account import check_own_password
from webapp.services.people import is_address, normal_email

LASTS = timedelta(hours=24)
BETWEEN_PROOFS = timedelta(minutes=15)


def ask(context: ServiceContext, user: User, *, new_email: str, password: str) -> None:
    """Write to both addresses; commits. Raises Invalid, TooMany, Conflict.

    Whether somebody has an account with the new address is said to its mailbox only.
    """
    if not context.settings.mail.is_set_up:
        raise Conflict(say("This Berth sends no mail. Ask whoever runs it."), code="mail_not_set_up")
    email = normal_email(new_email)
    if not is_address(email):
        raise Invalid(say("This is not an e-mail address."), field="email", code="email_invalid")
    if email == user.email:
        raise Invalid(say("This is your address already."), field="email", code="email_unchanged")
    check_own_password(context, user, password, refusal=say("This is not your password."))
    take_turns(context.session, f"address of {user.id}")
    context.session.refresh(user, ["email", "email_proven_at"])
    _write(context, user, email)
    context.session.commit()
    notify_sender(context)


def ask_for_proof(context: ServiceContext, user: User) -> None:
    """Write to the present address, unless it is proven or this Berth sends no mail; commits.

    Raises TooMany: a stranger may have signed up with it.
    """
    if user.email_proven_at is not None or not context.settings.mail.is_set_up:
        return
    take_turns(context.session, f"address of {user.id}")
    asked = context.session.scalar(select(EmailChange.made_at).where(EmailChange.user_id == user.id))
    rest = asked + BETWEEN_PROOFS - context.clock.now() if asked else timedelta(0)
    if rest > timedelta(0):
        context.session.rollback()
        raise TooMany(
            say("A link was sent a moment ago. Look at that mailbox, also under spam."),
            retry_after_s=ceil(rest.total_seconds()),
            code="mail_too_soon",
        )
    _write(context, user, user.email)
    context.session.commit()
    notify_sender(context)


def find(context: ServiceContext, token: str) -> tuple[EmailChange, bool]:
    """What this link asks for, with its person; is the link the new mailbox's? Raises LinkIsOver."""
    own = hash_of(token)
    found = context.session.scalar(
        select(EmailChange)
        .options(joinedload(EmailChange.user))
        .where(or_(EmailChange.old_token_hash == own, EmailChange.new_token_hash == own))
        .execution_options(populate_existing=True)
    )
    if found is None or found.expires_at <= context.clock.now() or not found.user.is_active:
        raise LinkIsOver(say("This link has expired, or the address was changed already."))
    return found, found.new_token_hash == own


def confirm(context: ServiceContext, token: str) -> bool:
    """One mailbox agrees; True if it was the second, and the address is changed. Commits. Raises LinkIsOver,
    Conflict."""
    change, _ = find(context, token)
    take_turns(context.session, f"address of {change.user_id}")
    change, is_new = find(context, token)
    now = context.clock.now()
    if is_new:
        change.new_confirmed_at = change.new_confirmed_at or now
    else:
        change.old_confirmed_at = change.old_confirmed_at or now
    is_agreed = bool(change.new_confirmed_at and change.old_confirmed_at)
    if is_agreed:
        change.user.email, change.user.email_proven_at = change.new_email, now
        context.session.delete(change)
    try:
        context.session.commit()
    except IntegrityError:
        context.session.rollback()
        raise Conflict(say("This address cannot be used."), code="email_taken") from None
    return is_agreed


def _write(context: ServiceContext, user: User, email: str) -> None:
    now, old, new = context.clock.now(), new_secret_text(), new_secret_text()
    is_proven, not_after = user.email_proven_at is not None, now + LASTS
    context.session.execute(delete(EmailChange).where(EmailChange.user_id == user.id))
    context.session.add(
        EmailChange(
            user_id=user.id,
            new_email=email,
            old_token_hash=hash_of(old),
            new_token_hash=hash_of(new),
            made_at=now,
            expires_at=not_after,
            old_confirmed_at=None if is_proven else now,
        )
    )
    to_new = Recipient(email, user.name, language=user.language)
    if email == user.email:
        _send(context, EMAIL_PROOF, to_new, {"email": email}, new, not_after)
        return
    both = {"old": user.email, "new": email}
    if is_proven:
        _send(context, EMAIL_CHANGE_OLD, Recipient.of(user), both, old, not_after)
    _send(context, EMAIL_CHANGE_NEW, to_new, both, new, not_after)


def _send(
    context: ServiceContext,
    kind: MailKind,
    to: Recipient,
    parameters: dict[str, str],
    token: str,
    not_after: datetime,
) -> None:
    queue_mail(
        context, kind, to=to, company_id=None, parameters=parameters, link_token=token, not_after=not_after
    )
