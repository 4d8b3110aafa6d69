"""Signing in and out: server-side sessions."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import joinedload

from webapp.domain.errors import AppError
from webapp.domain.plain_text import plain
from webapp.domain.secret_texts import hash_of, new_secret_text
from webapp.domain.sentences import say
from webapp.models import User, UserSession
from webapp.models.user import BROWSER_LENGTH
from webapp.queries.single_sign_on import is_demanded_of
from webapp.services import passkeys, second_factor
from webapp.services.context import ServiceContext
from webapp.services.passkey_challenges import Purpose
from webapp.services.passkeys import Answer
from webapp.services.passwords import needs_rehash, rehash_password, verify_password
from webapp.services.people import normal_email
from webapp.services.second_factor import has_second_factor
from webapp.services.sign_in_throttle import Origin, begin_attempt, forgive

ABSOLUTE_LIMIT = timedelta(days=7)
UNKNOWN = Origin()
SEEN_STEP = timedelta(minutes=5)
"""Precision of the last-seen time; a finer one would write on every page."""
# Composed once: every request asks it.
_LIVE_SESSION = (
    select(UserSession)
    .options(joinedload(UserSession.user).joinedload(User.company))
    .where(UserSession.token_hash == bindparam("token_hash"), UserSession.is_live())
)


class NeedsSecondFactor(Exception):
    """The password was right, and is not enough."""

    def __init__(self, user_id: int) -> None:
        super().__init__("a second factor is needed")
        self.user_id = user_id


class NeedsSingleSignOn(AppError):
    """The password was right, and the company accepts none."""

    code, http_status = "needs_single_sign_on", 422


class WrongSignIn(AppError):
    """Never says which part was wrong."""

    code, http_status = "wrong_sign_in", 422


def sign_in(
    context: ServiceContext, *, email: str, password: str, origin: Origin = UNKNOWN
) -> tuple[User, str]:
    """The person and a new session's cookie text. Raises WrongSignIn, TooMany, and NeedsSecondFactor: the
    password was right, and `sign_in_with_code` or `sign_in_with_passkey`
    must follow."""
    attempt = begin_attempt(context, normal_email(email), origin)
    user = context.session.scalar(select(User).where(User.email == normal_email(email)))
    is_right = verify_password(user.password_hash if user else None, password)
    if user is None or not is_right or not user.is_active:
        context.session.rollback()
        raise WrongSignIn(say("The e-mail address or password is incorrect."))
    if needs_rehash(user.password_hash):
        user.password_hash = rehash_password(password)
    forgive(context, attempt)
    _refuse_if_demanded(context, user)
    if has_second_factor(context, user):
        context.session.commit()
        raise NeedsSecondFactor(user.id)
    token = add_session(context, user, origin)
    context.session.commit()
    return user, token


def sign_in_with_code(
    context: ServiceContext, user_id: int, *, code: str, origin: Origin = UNKNOWN
) -> tuple[User, str]:
    """The second half, for whoever `sign_in` has asked for it. Raises WrongSignIn, Invalid, TooMany."""
    user = context.session.get(User, user_id, populate_existing=True)
    if user is None or not user.is_active or is_demanded_of(context.session, user):
        raise WrongSignIn(say("Sign in again."))
    second_factor.check(context, user, code, origin=origin)
    token = add_session(context, user, origin)
    context.session.commit()
    return user, token


def sign_in_with_passkey(
    context: ServiceContext, answer: Answer, *, user_id: int | None = None, origin: Origin = UNKNOWN
) -> tuple[User, str]:
    """Instead of the password and of a code; with `user_id` the second half, for whoever `sign_in` has asked
    for it. Raises Invalid, TooMany, NeedsSingleSignOn."""
    purpose = Purpose.SIGN_IN if user_id is None else Purpose.SECOND_FACTOR
    user = passkeys.check(context, answer, purpose, user_id=user_id, origin=origin)
    _refuse_if_demanded(context, user)
    token = add_session(context, user, origin)
    context.session.commit()
    return user, token


def _refuse_if_demanded(context: ServiceContext, user: User) -> None:
    if is_demanded_of(context.session, user):
        context.session.commit()  # what was right is not counted as a guess, and a used answer stays used
        raise NeedsSingleSignOn("Your company lets people in by its own sign-in only. Use it below.")


def add_session(
    context: ServiceContext,
    user: User,
    origin: Origin,
    *,
    is_by_single_sign_on: bool = False,
    proven_at: datetime | None = None,
) -> str:
    """In the caller's transaction; its cookie's text. The person has proven it now, or at `proven_at`."""
    token, now = new_secret_text(), context.clock.now()
    context.session.add(
        UserSession(
            token_hash=hash_of(token),
            user_id=user.id,
            created_at=now,
            last_seen_at=now,
            proven_at=proven_at or now,
            expires_at=now + ABSOLUTE_LIMIT,
            browser=plain(origin.browser)[:BROWSER_LENGTH],
            address=origin.address[:45],
            is_by_single_sign_on=is_by_single_sign_on,
        )
    )
    return token


def sign_out(context: ServiceContext, *, token: str) -> None:
    """End the session for good; a copied cookie is worthless afterwards."""
    context.session.execute(delete(UserSession).where(UserSession.token_hash == hash_of(token)))
    context.session.commit()


def find_session(context: ServiceContext, *, token: str) -> UserSession | None:
    """The live session behind a cookie, with its user; None when ended, idle too long, or disabled."""
    asked = UserSession.live_at(context.clock.now())
    found = context.session.scalar(_LIVE_SESSION, {"token_hash": hash_of(token), **asked})
    return found if found is not None and found.user.is_active else None


def is_seen_stale(context: ServiceContext, session_row: UserSession) -> bool:
    """Is it time to record that this session is in use?"""
    return session_row.last_seen_at < context.clock.now() - SEEN_STEP


def touch(context: ServiceContext, *, session_id: int) -> None:
    """Write the last-seen time; commits."""
    now = context.clock.now()
    context.session.execute(update(UserSession).where(UserSession.id == session_id).values(last_seen_at=now))
    context.session.commit()
