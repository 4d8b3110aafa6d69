"""What people do with their own account: the password, and the browsers in which they are signed in."""

from sqlalchemy import delete, select

from webapp.database import changed_rows
from webapp.domain.errors import Invalid, NotFound
from webapp.domain.secret_texts import hash_of
from webapp.domain.sentences import say
from webapp.models import User, UserSession
from webapp.services.context import ServiceContext
from webapp.services.mails import notify_sender
from webapp.services.password_reset import note_change
from webapp.services.passwords import hash_password_of, verify_password
from webapp.services.people import normal_email
from webapp.services.sign_in_throttle import IN_ACCOUNT, begin_attempt, forgive


def change_password(
    context: ServiceContext, user: User, *, current: str, password: str, session_token: str
) -> None:
    """All other browsers are signed out in the same transaction. Raises Invalid, TooMany."""
    check_own_password(context, user, current, refusal=say("This is not your current password."))
    if current == password:
        raise Invalid(
            say("This is the password that you have now."), field="password", code="password_unchanged"
        )
    user.password_hash = hash_password_of(user, password)
    _end_others(context, user, session_token)
    note_change(context, user)
    context.session.commit()
    notify_sender(context)


def check_own_password(context: ServiceContext, user: User, password: str, *, refusal: str) -> None:
    """Before what a found browser must not do alone. Raises Invalid on the field `current`, TooMany.

    Whoever found one may guess as seldom as at the sign-in page. That the password was right counts with the
    caller's transaction.
    """
    attempt = begin_attempt(context, user.email, IN_ACCOUNT)
    if not verify_password(user.password_hash, password):
        raise Invalid(refusal, field="current", code="wrong_password")
    forgive(context, attempt)


def end_session(context: ServiceContext, user: User, session_id: int) -> None:
    """The browser is signed out at once. Raises NotFound."""
    ended = delete(UserSession).where(UserSession.id == session_id, UserSession.user_id == user.id)
    if not changed_rows(context.session.execute(ended)):
        raise NotFound(say("This browser is signed out already."))
    context.session.commit()


def end_other_sessions(context: ServiceContext, user: User, *, session_token: str) -> int:
    """Sign the person out everywhere but here; how many browsers that were."""
    count = _end_others(context, user, session_token)
    context.session.commit()
    return count


def end_sessions_by_operator(context: ServiceContext, *, email: str | None) -> int:
    """Sign the person out everywhere, with None everybody; how many browsers that were. Raises NotFound."""
    ended = delete(UserSession)
    if email is not None:
        user_id = context.session.scalar(select(User.id).where(User.email == normal_email(email)))
        if user_id is None:
            raise NotFound(f"No person has the e-mail address {email}.")
        ended = ended.where(UserSession.user_id == user_id)
    count = changed_rows(context.session.execute(ended))
    context.session.commit()
    return count


def _end_others(context: ServiceContext, user: User, session_token: str) -> int:
    is_other = UserSession.token_hash != hash_of(session_token)
    others = delete(UserSession).where(UserSession.user_id == user.id, is_other)
    return changed_rows(context.session.execute(others))
