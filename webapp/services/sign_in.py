"""Signing in and out: server-side sessions, throttled by account in the database."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import joinedload

from webapp.database import take_turns
from webapp.domain.errors import AppError, TooMany
from webapp.models import SignInFailure, User, UserSession
from webapp.services.context import ServiceContext
from webapp.services.passwords import needs_rehash, rehash_password, verify_password
from webapp.services.people import normal_email

ABSOLUTE_LIMIT = timedelta(days=7)
SEEN_STEP = timedelta(minutes=5)
"""Precision of the last-seen time; a finer one would write on every page."""
FAILURE_WINDOW = timedelta(minutes=15)
FAILURE_LIMIT = 10
# Composed once: every request asks it.
_LIVE_SESSION = (
    select(UserSession)
    .options(joinedload(UserSession.user).joinedload(User.company))
    .where(UserSession.token_hash == bindparam("token_hash"), UserSession.is_live())
)


class WrongSignIn(AppError):
    """Never says which part was wrong."""

    code, http_status = "wrong_sign_in", 422


def sign_in(context: ServiceContext, *, email: str, password: str) -> tuple[User, str]:
    """The person and a new session's cookie text. Raises WrongSignIn, TooMany."""
    key = _sha256(normal_email(email))
    now = context.clock.now()
    _begin_attempt(context, key, now)
    user = context.session.scalar(select(User).where(User.email == normal_email(email)))
    is_right = verify_password(user.password_hash if user else None, password)
    if user is None or not is_right or not user.is_active:
        context.session.rollback()
        raise WrongSignIn("The e-mail address or password is incorrect.")
    if needs_rehash(user.password_hash):
        user.password_hash = rehash_password(password)
    token = secrets.token_urlsafe(32)
    _forget(context, key, now)
    context.session.add(
        UserSession(
            token_hash=_sha256(token),
            user_id=user.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + ABSOLUTE_LIMIT,
        )
    )
    context.session.commit()
    return user, token


def sign_out(context: ServiceContext, *, token: str) -> None:
    """End the session for good; a copied cookie is worthless afterwards."""
    context.session.execute(delete(UserSession).where(UserSession.token_hash == _sha256(token)))
    context.session.commit()


def find_session(context: ServiceContext, *, token: str) -> UserSession | None:
    """The live session behind a cookie, with its user; None when ended, idle too long, or disabled."""
    asked = UserSession.live_at(context.clock.now())
    found = context.session.scalar(_LIVE_SESSION, {"token_hash": _sha256(token), **asked})
    return found if found is not None and found.user.is_active else None


def is_seen_stale(context: ServiceContext, session_row: UserSession) -> bool:
    """Is it time to record that this session is in use?"""
    return session_row.last_seen_at < context.clock.now() - SEEN_STEP


def touch(context: ServiceContext, *, session_id: int) -> None:
    """Write the last-seen time; commits."""
    now = context.clock.now()
    context.session.execute(update(UserSession).where(UserSession.id == session_id).values(last_seen_at=now))
    context.session.commit()


def _forget(context: ServiceContext, key: str, now: datetime) -> None:
    """This account's failures; `engine/pruning.py` deletes those that no longer count, and ended sessions."""
    context.session.execute(delete(SignInFailure).where(SignInFailure.account_key == key))


def _begin_attempt(context: ServiceContext, key: str, now: datetime) -> None:
    """Count this attempt as failed before its password is checked; commits. Raises TooMany.

    Attempts at the same moment take turns, so no more than `FAILURE_LIMIT` are ever checked; and guessing
    cannot use up the CPU. A right password takes the row away again.
    """
    take_turns(context.session, f"sign-in {key}")
    failures = context.session.scalar(
        select(func.count())
        .select_from(SignInFailure)
        .where(SignInFailure.account_key == key, SignInFailure.at > now - FAILURE_WINDOW)
    )
    if (failures or 0) >= FAILURE_LIMIT:
        context.session.rollback()
        raise TooMany(
            "Too many attempts. Wait 15 minutes and try again.",
            retry_after_s=int(FAILURE_WINDOW.total_seconds()),
        )
    context.session.add(SignInFailure(account_key=key, at=now))
    context.session.commit()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
