"""The mails that a contract ends soon: to its person and to the company, once for each of its notices."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.mails import CONTRACT_ENDING, CONTRACT_ENDING_OF
from webapp.domain.windows import plain_moment
from webapp.engine.context import Engine
from webapp.models import Application, Company, JobPosting, User, Workspace
from webapp.models.mail import Recipient, write_mail, write_to_company


def contract_ends(session: Session, engine: Engine, row: Workspace, *, ends_at: datetime) -> None:
    """In the transaction that writes down that this notice was sent."""
    if not engine.settings.mail.is_set_up:
        return
    person, job, posting_id, company, zone = session.execute(
        select(User, JobPosting.title, JobPosting.id, Company.name, Application.window_zone)
        .select_from(Application)
        .join(User, User.id == Application.seeker_id)
        .join(JobPosting, JobPosting.id == Application.job_posting_id)
        .join(Company, Company.id == Application.company_id)
        .where(Application.id == row.application_id, Application.company_id == row.company_id)
    ).one()
    parameters = {
        "company": company,
        "person": person.name,
        "job": job,
        "moment": plain_moment(ends_at, zone or "UTC"),
        "workspace_id": row.id,
        "application_id": row.application_id,
    }
    common = {"mail": engine.settings.mail, "at": engine.clock.now(), "company_id": row.company_id}
    if person.is_active:
        write_mail(session, CONTRACT_ENDING, Recipient.of(person), parameters=parameters, **common)
    write_to_company(session, CONTRACT_ENDING_OF, parameters=parameters, posting_id=posting_id, **common)
