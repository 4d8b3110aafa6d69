"""A new password for whoever lost theirs: by a link that works once, for half an hour.

Nobody learns who has an account: the answer is the same, and only the mailbox gets more.
"""

from datetime import timedelta

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import joinedload

from webapp.database import changed_rows, take_turns
from webapp.domain.errors import LinkIsOver, NotFound
from webapp.domain.mails import PASSWORD_CHANGED, PASSWORD_RESET
from webapp.domain.roles import Role
from webapp.domain.secret_texts import hash_of, new_secret_text
from webapp.domain.sentences import say
from webapp.models import (
    AccountLink,
    ApiToken,
    AuthenticatorApp,
    CalendarFeed,
    EmailChange,
    LinkPurpose,
    Passkey,
    RecoveryCode,
    User,
    UserSession,
)
from webapp.services.context import ServiceContext
from webapp.services.mails import notify_sender, queue_mail
from webapp.services.passwords import hash_password_of
from webapp.services.people import normal_email

LASTS = timedelta(minutes=30)
MOST_LINKS = 3
"""Made for a person in LINK_WINDOW: nobody floods a mailbox."""
LINK_WINDOW = timedelta(hours=1)


def ask_for_link(context: ServiceContext, *, email: str) -> None:
    """Write to the person, if there is one; commits."""
    user = context.session.scalar(_active(email))
    if user is None:
        return
    take_turns(context.session, f"password of {user.id}")
    if _count_newest(context, user) >= MOST_LINKS:
        context.session.rollback()
        return
    token = _add_link(context, user)
    queue_mail(
        context,
        PASSWORD_RESET,
        to=user,
        company_id=None,
        parameters={"minutes": int(LASTS.total_seconds() // 60)},
        link_token=token,
        not_after=context.clock.now() + LASTS,
    )
    context.session.commit()
    notify_sender(context)


def make_link(context: ServiceContext, *, email: str) -> str:
    """For operators: the link's random text, which is shown this once; commits. Raises NotFound."""
    user = context.session.scalar(_active(email))
    if user is None:
        raise NotFound(f"No active person has the e-mail address {email}.")
    token = _add_link(context, user)
    context.session.commit()
    return token


def find_link(context: ServiceContext, token: str) -> AccountLink:
    """With its person. Raises LinkIsOver: used, expired, never made, or the person is disabled."""
    link = context.session.scalar(
        select(AccountLink)
        .options(joinedload(AccountLink.user).joinedload(User.company))
        .where(
            AccountLink.token_hash == hash_of(token),
            AccountLink.purpose == LinkPurpose.NEW_PASSWORD,
            AccountLink.used_at.is_(None),
            AccountLink.expires_at > context.clock.now(),
        )
        .execution_options(populate_existing=True)
    )
    if link is None or not link.user.is_active:
        raise LinkIsOver(say("This link has expired, or it was used already."))
    return link


def choose_password(context: ServiceContext, *, token: str, password: str) -> None:
    """The link and all others of the person are used up, and the person is signed out everywhere; nobody is
    signed in. Commits. Raises LinkIsOver, Invalid."""
    link = find_link(context, token)
    user = link.user
    password_hash = hash_password_of(user, password)
    # So that no change of the address is asked for or agreed to meanwhile.
    take_turns(context.session, f"address of {user.id}")
    link = find_link(context, token)
    if not _use_up(context, link):
        context.session.rollback()
        raise LinkIsOver(say("This link was used already."))
    user.password_hash = password_hash
    context.session.execute(delete(UserSession).where(UserSession.user_id == user.id))
    if user.email_proven_at is None and context.settings.mail.is_set_up:
        _end_other_ways(context, user)
    note_change(context, user)
    context.session.commit()
    notify_sender(context)


def _end_other_ways(context: ServiceContext, user: User) -> None:
    """The link has come to an unproven address. Whoever signed up may have been a stranger, who must neither
    move the address nor get in; but no mailbox alone opens a company whose founder has a second factor."""
    context.session.execute(delete(EmailChange).where(EmailChange.user_id == user.id))
    if user.role is not Role.SEEKER:
        return
    for way in (Passkey, AuthenticatorApp, RecoveryCode, ApiToken, CalendarFeed):
        context.session.execute(delete(way).where(way.user_id == user.id))
    user.email_proven_at = context.clock.now()


def note_change(context: ServiceContext, user: User) -> None:
    """In the caller's transaction: tell the owner, who may not have done it."""
    queue_mail(context, PASSWORD_CHANGED, to=user, company_id=None, parameters={})


def _active(email: str) -> Select[User]:
    return select(User).where(User.email == normal_email(email), User.is_active)


def _count_newest(context: ServiceContext, user: User) -> int:
    since = context.clock.now() - LINK_WINDOW
    asked = select(func.count()).where(AccountLink.user_id == user.id, AccountLink.made_at > since)
    return context.session.scalar(asked) or 0


def _add_link(context: ServiceContext, user: User) -> str:
    token, now = new_secret_text(), context.clock.now()
    context.session.add(
        AccountLink(
            purpose=LinkPurpose.NEW_PASSWORD,
            token_hash=hash_of(token),
            user_id=user.id,
            made_at=now,
            expires_at=now + LASTS,
        )
    )
    return token


def _use_up(context: ServiceContext, link: AccountLink) -> bool:
    """Two at once: one of them."""
    now = context.clock.now()
    unused = update(AccountLink).where(AccountLink.used_at.is_(None)).values(used_at=now)
    if not changed_rows(context.session.execute(unused.where(AccountLink.id == link.id))):
        return False
    others = unused.where(AccountLink.user_id == link.user_id, AccountLink.purpose == link.purpose)
    context.session.execute(others)
    return True
