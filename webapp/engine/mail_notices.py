"""The mails that the engine writes, each in the transaction of what it tells of, and once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.domain.mails import CREDENTIAL_ALARM, DESKTOP_READY
from webapp.engine.context import Engine
from webapp.models import Application, CloudCredential, Company, CredentialStatus, JobPosting, User, Workspace
from webapp.models.mail import Recipient, write_mail, write_to_company


def invite(session: Session, engine: Engine, row: Workspace) -> None:
    """Say to its person that the desktop can be used, with the write of `invited_at`."""
    if not engine.settings.mail.is_set_up:
        return
    found = session.execute(
        select(User, JobPosting.title, Company.name)
        .select_from(Application)
        .join(User, User.id == Application.seeker_id)
        .join(JobPosting, JobPosting.id == Application.job_posting_id)
        .join(Company, Company.id == Application.company_id)
        .where(Application.id == row.application_id, Application.company_id == row.company_id, User.is_active)
    ).one_or_none()
    if found is None:
        return
    person, job, company = found
    write_mail(
        session,
        DESKTOP_READY,
        Recipient.of(person),
        mail=engine.settings.mail,
        at=engine.clock.now(),
        company_id=row.company_id,
        parameters={"company": company, "job": job, "workspace_id": row.id},
    )


def account_alarm(
    session: Session, engine: Engine, changes: Mapping[str, Any], *is_it: ColumnElement[bool], code: str = ""
) -> None:
    """To the account's company, if `changes` make one that worked stop, or raise an alarm. Before the change.

    `code`: why, if the changes do not say so.
    """
    may_stop, alarm = changes.get("status") is CredentialStatus.FAILING, changes.get("alarm_code")
    if not (may_stop or alarm) or not engine.settings.mail.is_set_up:
        return
    before = session.execute(
        select(
            CloudCredential.id,
            CloudCredential.name,
            CloudCredential.company_id,
            CloudCredential.status,
            CloudCredential.alarm_code,
            Company.name.label("company"),
        )
        .join(Company, Company.id == CloudCredential.company_id)
        .where(*is_it)
        .with_for_update(of=CloudCredential)
    ).one_or_none()
    if before is None:
        return
    stops = may_stop and before.status is CredentialStatus.OK
    if stops or (alarm and alarm != before.alarm_code):
        write_to_company(
            session,
            CREDENTIAL_ALARM,
            mail=engine.settings.mail,
            at=engine.clock.now(),
            company_id=before.company_id,
            parameters={
                "company": before.company,
                "account": before.name,
                "code": alarm or changes.get("blocked_code") or code,
                "credential_id": before.id,
            },
        )
