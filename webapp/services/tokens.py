"""API tokens: issued once, checked on every call."""

import hmac
import secrets
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from webapp.domain.errors import Conflict, Invalid, NotFound
from webapp.domain.roles import CompanyRole
from webapp.domain.secret_texts import hash_of, new_secret_text
from webapp.models import ApiToken, User
from webapp.queries.tokens import count_live_tokens
from webapp.services.colleagues import check_may_give
from webapp.services.context import ServiceContext

SCOPES = ("read", "write")
MOST_TOKENS = 50
"""Live ones of one person."""
USED_STEP = timedelta(minutes=1)
_MARK = "berth"


def issue_token(
    context: ServiceContext,
    *,
    user: User,
    name: str,
    scopes: tuple[str, ...] = SCOPES,
    lasts: timedelta | None = None,
    company_role: CompanyRole | None = None,
) -> tuple[ApiToken, str]:
    """The row and the token itself, which is shown this once.

    With a role it may do what both the role and its owner may. Raises Invalid, Conflict, Forbidden.
    """
    now = context.clock.now()
    if not name.strip():
        raise Invalid("Enter a name for the token.", field="name")
    # Two at once take turns on the person's row, so that each counts the other's.
    context.session.execute(select(User.id).where(User.id == user.id).with_for_update(key_share=True))
    if count_live_tokens(context.session, user_id=user.id, now=now) >= MOST_TOKENS:
        context.session.rollback()
        raise Conflict("You have too many tokens. Revoke the ones you don't use.", code="too_many_tokens")
    prefix = secrets.token_hex(4)
    token = f"{_MARK}_{prefix}_{new_secret_text()}"
    if company_role is not None:
        check_may_give(company_role, user)
    row = ApiToken(
        user_id=user.id,
        name=name.strip()[:80],
        prefix=prefix,
        token_hash=hash_of(token),
        scopes=list(scopes),
        company_role=company_role,
        created_at=now,
        expires_at=now + lasts if lasts else None,
    )
    context.session.add(row)
    context.session.commit()
    return row, token


def find_token(context: ServiceContext, token: str) -> ApiToken | None:
    """The live token with its user; None when unknown, expired, revoked, or its user is disabled."""
    mark, _, rest = token.partition("_")
    if mark != _MARK:
        return None
    row = context.session.scalar(
        select(ApiToken)
        .options(joinedload(ApiToken.user).joinedload(User.company))
        .where(ApiToken.prefix == rest.partition("_")[0])
    )
    if row is None or not hmac.compare_digest(row.token_hash, hash_of(token)):
        return None
    now = context.clock.now()
    is_over = row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now)
    return None if is_over or not row.user.is_active else row


def touch(context: ServiceContext, token: ApiToken) -> None:
    """Record the use, at most once a minute; commits if it writes."""
    now = context.clock.now()
    if token.last_used_at is not None and token.last_used_at > now - USED_STEP:
        return
    context.session.execute(update(ApiToken).where(ApiToken.id == token.id).values(last_used_at=now))
    context.session.commit()


def revoke_token(context: ServiceContext, *, user: User, token_id: int) -> None:
    """Ends at once. Raises NotFound."""
    row = context.session.scalar(select(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == user.id))
    if row is None:
        raise NotFound("Token not found.")
    row.revoked_at = row.revoked_at or context.clock.now()
    context.session.commit()
