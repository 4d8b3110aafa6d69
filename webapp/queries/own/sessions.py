"""The browsers in which a person is signed in."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from webapp.models import UserSession

AnySession = Session | scoped_session[Session]

MOST_SHOWN = 50


def list_sessions(session: AnySession, *, user_id: int, now: datetime) -> Sequence[UserSession]:
    """Those that have not ended, the last used first."""
    query = (
        select(UserSession)
        .where(UserSession.user_id == user_id, UserSession.is_live())
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
        .limit(MOST_SHOWN)
    )
    return session.scalars(query, UserSession.live_at(now)).all()
