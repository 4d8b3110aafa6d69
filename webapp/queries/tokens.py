"""A person's own API tokens."""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, scoped_session

from webapp.models import ApiToken

AnySession = Session | scoped_session[Session]


def list_tokens(session: AnySession, *, user_id: int) -> list[ApiToken]:
    """Those that were not revoked, the expired ones too; newest first."""
    return list(
        session.scalars(
            select(ApiToken)
            .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
            .order_by(ApiToken.id.desc())
        )
    )


def count_live_tokens(session: AnySession, *, user_id: int, now: datetime) -> int:
    return (
        session.scalar(
            select(func.count(ApiToken.id)).where(
                ApiToken.user_id == user_id,
                ApiToken.revoked_at.is_(None),
                or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now),
            )
        )
        or 0
    )
