"""A person's passkeys."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from webapp.models import Passkey

AnySession = Session | scoped_session[Session]


def list_passkeys(session: AnySession, *, user_id: int) -> Sequence[Passkey]:
    """In the order in which they were added; the services allow few."""
    return session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)).all()
