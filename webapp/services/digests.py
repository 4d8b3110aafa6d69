"""Whether a person gets the daily mail; by the account's page, or by whoever has one of these mails."""

from sqlalchemy import select

from webapp.domain.errors import NotFound
from webapp.domain.mails import DIGEST
from webapp.domain.permissions import Permission
from webapp.domain.sentences import say
from webapp.models import Mail, User
from webapp.services.context import ServiceContext


def may_get(user: User) -> bool:
    """Does the role see anything of what it says?"""
    return bool({Permission.READ_WORK, Permission.READ_COSTS} & user.permissions)


def choose(context: ServiceContext, user: User, *, wanted: bool) -> None:
    """Safe to repeat. Commits."""
    user.wants_digest = wanted
    context.session.commit()


def find_reader(context: ServiceContext, message_id: str) -> User:
    """To whom the daily mail with this Message-ID was written. Raises NotFound."""
    reader = context.session.scalar(
        select(User)
        .join(Mail, Mail.user_id == User.id)
        .where(Mail.message_id == message_id, Mail.kind == DIGEST.name, User.is_active)
        .execution_options(populate_existing=True)
    )
    if reader is None:
        raise NotFound(say("This mail is no longer known. Turn the daily mail off in your account."))
    return reader
