"""Mails: queued with what they tell of, sent by a worker; a company tests the way, and sends again."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update

from webapp.database import changed_rows
from webapp.domain.errors import Conflict
from webapp.domain.mails import TEST, MailKind
from webapp.models import Company, Installation, Mail, User
from webapp.models.mail import Recipient, write_mail
from webapp.queries import mails as queries
from webapp.queueing import JobName
from webapp.services.context import ServiceContext

INSTALLATION_ID = 1


def queue_mail(
    context: ServiceContext,
    kind: MailKind,
    *,
    to: Recipient | User,
    company_id: int | None,
    parameters: Mapping[str, object],
    link_token: str | None = None,
    not_after: datetime | None = None,
) -> Mail | None:
    """Write the mail into the caller's transaction; after its commit, `notify_sender` saves half a second.

    None where no mail is set up: then a link is shown, to be copied. `link_token` is the secret of a
    single-use link; it is stored sealed, and only until the mail is sent or `not_after`, when it expires.
    Raises ValueError if the kind has such a link and one of the two is missing, or the other way round.
    """
    if not (kind.has_secret_link == (link_token is not None) == (not_after is not None)):
        raise ValueError("a single-use link needs its token and its end, and a plain link has neither")
    mail = write_mail(
        context.session,
        kind,
        to if isinstance(to, Recipient) else Recipient.of(to),
        mail=context.settings.mail,
        at=context.clock.now(),
        company_id=company_id,
        parameters=parameters,
    )
    if mail is not None and link_token is not None:
        mail.not_after = not_after
        mail.sealed_link = context.webhook_sealer.seal(link_token, bound_to=mail.link_binding)
    return mail


def notify_sender(context: ServiceContext) -> None:
    """After the commit."""
    if context.settings.mail.is_set_up:
        context.notifier.notify(JobName.MAIL, INSTALLATION_ID)


def send_test(context: ServiceContext, user: User, *, company_id: int) -> None:
    """To the person's own address. Raises Conflict where no mail is set up."""
    company = context.session.scalars(select(Company.name).where(Company.id == company_id)).one()
    mail = queue_mail(context, TEST, to=user, company_id=company_id, parameters={"company": company})
    if mail is None:
        raise Conflict("Mail is not set up yet.", code="mail_not_set_up")
    _try_at_once(context)
    context.session.commit()
    notify_sender(context)


def send_again(context: ServiceContext, mail_id: int, *, company_id: int) -> None:
    """Send what failed, with the same Message-ID; attempts start over. Raises NotFound, Conflict."""
    mail = queries.get_mail(context.session, mail_id, company_id=company_id)
    done = context.session.execute(
        update(Mail)
        .where(
            Mail.id == mail.id,
            Mail.company_id == company_id,
            Mail.gave_up_at.is_not(None),
            Mail.not_after.is_(None),
        )
        .values(gave_up_at=None, due_at=context.clock.now(), failures=0)
        .execution_options(synchronize_session=False)
    )
    if changed_rows(done) != 1:
        context.session.rollback()
        raise Conflict("Only a mail that failed can be sent again.", code="mail_not_failed")
    _try_at_once(context)
    context.session.commit()
    notify_sender(context)


def _try_at_once(context: ServiceContext) -> None:
    """The person may have just fixed the mail server, so do not wait for the pause to end."""
    context.session.execute(
        update(Installation).where(Installation.mail_rests_until.is_not(None)).values(mail_rests_until=None)
    )
