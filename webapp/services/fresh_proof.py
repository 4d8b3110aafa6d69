"""Before what costs or opens much, whoever is signed in proves again who they are: a browser may be found
open, and a cookie may be copied."""

from datetime import timedelta

from sqlalchemy import update

from webapp.database import changed_rows
from webapp.domain.errors import Forbidden, Invalid
from webapp.domain.secret_texts import hash_of, new_secret_text
from webapp.domain.sentences import say
from webapp.models import User, UserSession
from webapp.services import passkeys, second_factor
from webapp.services.context import ServiceContext
from webapp.services.own_account import check_own_password
from webapp.services.passkey_challenges import Purpose
from webapp.services.passkeys import Answer
from webapp.services.sign_in_throttle import IN_ACCOUNT

LASTS = timedelta(minutes=10)


def is_fresh(context: ServiceContext, session_row: UserSession) -> bool:
    return session_row.proven_at > context.clock.now() - LASTS


def prove_with_password(
    context: ServiceContext, user: User, *, password: str, session_row: UserSession
) -> str:
    """The browser's new cookie text; commits. Not for whoever has a second factor, of which a stranger with
    the password alone has none. Raises Invalid on `current`, TooMany."""
    if second_factor.has_second_factor(context, user):
        raise Invalid(say("Use your second factor."), field="current", code="second_factor_needed")
    check_own_password(context, user, password, refusal="This is not your password.")
    return _renew(context, session_row)


def prove_with_code(context: ServiceContext, user: User, *, code: str, session_row: UserSession) -> str:
    """The same with a code of the app, or a recovery code. Raises Invalid on `code`, TooMany."""
    second_factor.check(context, user, code, origin=IN_ACCOUNT)
    return _renew(context, session_row)


def prove_with_passkey(
    context: ServiceContext, user: User, answer: Answer, *, session_row: UserSession
) -> str:
    """The same with one of the person's passkeys. Raises Invalid, TooMany."""
    passkeys.check(context, answer, Purpose.PROVE, user_id=user.id, origin=IN_ACCOUNT)
    return _renew(context, session_row)


def _renew(context: ServiceContext, session_row: UserSession) -> str:
    """With a new cookie text, so that a copy of the old cookie has not proven anything."""
    token = new_secret_text()
    own = update(UserSession).where(
        UserSession.id == session_row.id, UserSession.token_hash == session_row.token_hash
    )
    renewed = own.values(token_hash=hash_of(token), proven_at=context.clock.now())
    if not changed_rows(context.session.execute(renewed)):
        context.session.rollback()
        raise Forbidden(say("This browser was signed out meanwhile."))
    context.session.commit()
    return token
