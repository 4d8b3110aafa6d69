"""What people do with their own account: the password, and the browsers in which they are signed in."""

import hashlib

from sqlalchemy import delete

from webapp.database import changed_rows
from webapp.domain.errors import Invalid, NotFound
from webapp.models import User, UserSession
from webapp.services.context import ServiceContext
from webapp.services.mails import notify_sender
from webapp.services.password_reset import note_change
from webapp.services.passwords import hash_password, verify_password
from webapp.services.sign_in_throttle import Origin, begin_attempt, forgive


def change_password(
    context: ServiceContext, user: User, *, current: str, password: str, session_token: str
) -> None:
    """All other browsers are signed out in the same transaction. Raises Invalid, TooMany.

    Who found a browser open may guess the current password as seldom as at the sign-in page.
    """
    attempt = begin_attempt(context, user.email, Origin(mark="own account"))
    if not verify_password(user.password_hash, current):
        raise Invalid("This is not your current password.", field="current", code="wrong_password")
    if current == password:
        raise Invalid("This is the password that you have now.", field="password", code="password_unchanged")
    company_name = user.company.name if user.company else ""
    user.password_hash = hash_password(password, known=(user.email, user.name, company_name))
    forgive(context, attempt)
    _end_others(context, user, session_token)
    note_change(context, user)
    context.session.commit()
    notify_sender(context)


def end_session(context: ServiceContext, user: User, session_id: int) -> None:
    """The browser is signed out at once. Raises NotFound."""
    ended = delete(UserSession).where(UserSession.id == session_id, UserSession.user_id == user.id)
    if not changed_rows(context.session.execute(ended)):
        raise NotFound("This browser is signed out already.")
    context.session.commit()


def end_other_sessions(context: ServiceContext, user: User, *, session_token: str) -> int:
    """Sign the person out everywhere but here; how many browsers that were."""
    count = _end_others(context, user, session_token)
    context.session.commit()
    return count


def _end_others(context: ServiceContext, user: User, session_token: str) -> int:
    own = hashlib.sha256(session_token.encode()).hexdigest()
    others = delete(UserSession).where(UserSession.user_id == user.id, UserSession.token_hash != own)
    return changed_rows(context.session.execute(others))
