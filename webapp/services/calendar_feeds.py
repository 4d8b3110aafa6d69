"""The secret address under which a person's calendar reads who starts and who ends."""

import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from webapp.domain.errors import NotFound
from webapp.domain.permissions import Permission
from webapp.domain.secret_texts import hash_of
from webapp.models import CalendarFeed, User
from webapp.services.context import ServiceContext

USED_STEP = timedelta(minutes=1)
_BYTES = 32
"""In hex: such a text is taken out of every line of the log (`domain.redaction`)."""


def own_feed(context: ServiceContext, user: User) -> CalendarFeed | None:
    own = select(CalendarFeed).where(CalendarFeed.user_id == user.id)
    return context.session.scalar(own.execution_options(populate_existing=True))


def make_feed(context: ServiceContext, user: User) -> str:
    """The secret text of the address, shown this once; that of before ends. Commits."""
    # Two at once take turns on the person's row, so that there is one feed.
    context.session.execute(select(User.id).where(User.id == user.id).with_for_update(key_share=True))
    token = secrets.token_hex(_BYTES)
    context.session.execute(delete(CalendarFeed).where(CalendarFeed.user_id == user.id))
    context.session.add(CalendarFeed(user_id=user.id, token_hash=hash_of(token), made_at=context.clock.now()))
    context.session.commit()
    return token


def end_feed(context: ServiceContext, user: User) -> None:
    """The address leads nowhere from now on. Safe to repeat. Commits."""
    context.session.execute(delete(CalendarFeed).where(CalendarFeed.user_id == user.id))
    context.session.commit()


def find_feed(context: ServiceContext, token: str) -> CalendarFeed:
    """With its person, who may read the company's work by now. Raises NotFound."""
    row = context.session.scalar(
        select(CalendarFeed)
        .options(joinedload(CalendarFeed.user))
        .where(CalendarFeed.token_hash == hash_of(token))
        .execution_options(populate_existing=True)
    )
    if row is None or not row.user.is_active or Permission.READ_WORK not in row.user.permissions:
        raise NotFound("There is no such calendar, or its address was replaced.")
    return row


def is_use_due(context: ServiceContext, feed: CalendarFeed) -> bool:
    """Was the last use that is recorded a while ago?"""
    return feed.last_used_at is None or feed.last_used_at <= context.clock.now() - USED_STEP


def note_use(context: ServiceContext, feed: CalendarFeed) -> None:
    """Commits; does nothing if the address has ended meanwhile."""
    used = update(CalendarFeed).where(CalendarFeed.id == feed.id)
    context.session.execute(used.values(last_used_at=context.clock.now()))
    context.session.commit()
