"""Mails, inside their company."""

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from webapp.domain.errors import NotFound
from webapp.models import Installation, Mail
from webapp.queries.branches import count_some

AnySession = Session | scoped_session[Session]


def get_mail(session: AnySession, mail_id: int, *, company_id: int) -> Mail:
    mail = session.scalar(
        select(Mail)
        .where(Mail.id == mail_id, Mail.company_id == company_id)
        .execution_options(populate_existing=True)
    )
    if mail is None:
        raise NotFound("Mail not found.")
    return mail


def list_mails(
    session: AnySession, *, company_id: int, limit: int, before_id: int | None = None, is_failed: bool = False
) -> list[Mail]:
    """Newest first; `is_failed`: only those that Berth gave up."""
    query = select(Mail).where(Mail.company_id == company_id).order_by(Mail.id.desc()).limit(limit)
    if is_failed:
        query = query.where(Mail.gave_up_at.is_not(None))
    return list(session.scalars(query if before_id is None else query.where(Mail.id < before_id)))


def count_failed(session: AnySession, *, company_id: int) -> int:
    """At most MOST_COUNTED + 1."""
    failed = select(Mail.id).where(Mail.company_id == company_id, Mail.gave_up_at.is_not(None))
    return count_some(session, failed)


def server_trouble(session: AnySession) -> str | None:
    """Why the mail server takes nothing now; a name of `domain.mail_failures.FAILURES`."""
    return session.scalar(select(Installation.mail_trouble))
