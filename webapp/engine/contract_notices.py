"""The mails about the end of a contract: once for each notice to both sides, and at the end to its person."""

from datetime import datetime

from sqlalchemy.orm import Session

from webapp.domain.mails import ACCESS_ENDED, CONTRACT_ENDING, CONTRACT_ENDING_OF
from webapp.engine.context import Engine
from webapp.models import Workspace
from webapp.models.mail import Recipient, write_mail, write_to_company
from webapp.queries.files_at_end import read_notice


def contract_ends(session: Session, engine: Engine, row: Workspace, *, ends_at: datetime) -> None:
    """In the transaction that writes down that this notice was sent."""
    if not engine.settings.mail.is_set_up:
        return
    now = engine.clock.now()
    notice = read_notice(session, row, ends_at=ends_at, now=now)
    common = {"mail": engine.settings.mail, "at": now, "company_id": row.company_id}
    common |= {"parameters": notice.parameters}
    if notice.person.is_active:
        write_mail(session, CONTRACT_ENDING, Recipient.of(notice.person), **common)
    write_to_company(session, CONTRACT_ENDING_OF, posting_id=notice.posting_id, **common)


def access_ended(session: Session, engine: Engine, row: Workspace) -> None:
    """In the transaction that ends access; nothing about what is deleted at once, or never had files."""
    now, mail = engine.clock.now(), engine.settings.mail
    is_kept = row.destroy_at is not None and row.destroy_at > now and row.available_at is not None
    if not is_kept or not mail.is_set_up:
        return
    notice = read_notice(session, row, ends_at=row.ends_at, now=now)
    if notice.person.is_active:
        to, parameters = Recipient.of(notice.person), notice.parameters
        write_mail(
            session, ACCESS_ENDED, to, mail=mail, at=now, company_id=row.company_id, parameters=parameters
        )
