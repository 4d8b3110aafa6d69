"""What is known of a desktop's files at its end, and what mails about the end name."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.domain.files_at_end import FilesAtEnd, files_at_end
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.windows import plain_moment
from webapp.models import Application, Company, JobPosting, User, Workspace
from webapp.providers.registry import get_provider
from webapp.queries import disk_snapshots
from webapp.queries.disk_snapshots import AnySession


@dataclass(frozen=True, slots=True)
class EndNotice:
    """Who is written to about the end of a desktop, and with which words."""

    person: User
    posting_id: int
    parameters: dict[str, object]
    """Of the kinds of mail about it."""


def find_files(session: AnySession, workspace: Workspace, *, now: datetime) -> FilesAtEnd | None:
    """`workspace` was loaded in the caller's tenant. None: without an end, or without files."""
    is_over = workspace.desired is Desired.ABSENT or workspace.phase is Phase.GONE
    if is_over or workspace.available_at is None:
        return None
    days = session.scalar(select(Company.contract_grace_days).where(Company.id == workspace.company_id))
    return files_at_end(
        now,
        ends_at=workspace.ends_at,
        destroy_at=workspace.destroy_at,
        grace=timedelta(days=days or 0),
        days_kept=_days_kept(session, workspace),
    )


def read_notice(
    session: AnySession, workspace: Workspace, *, ends_at: datetime | None, now: datetime
) -> EndNotice:
    """`ends_at`: the end of access that the mail is about, where it names one."""
    person, job, posting_id, company, zone = session.execute(
        select(User, JobPosting.title, JobPosting.id, Company.name, Application.window_zone)
        .select_from(Application)
        .join(User, User.id == Application.seeker_id)
        .join(JobPosting, JobPosting.id == Application.job_posting_id)
        .join(Company, Company.id == Application.company_id)
        .where(Application.id == workspace.application_id, Application.company_id == workspace.company_id)
    ).one()
    files = find_files(session, workspace, now=now)

    def said(at: datetime | None) -> str:
        return "" if at is None else plain_moment(at, zone or "UTC")

    parameters: dict[str, object] = {
        "company": company,
        "person": person.name,
        "job": job,
        "moment": said(ends_at),
        "deleted": said(files and files.deleted_at),
        "kept": said(files and files.kept_until),
        "workspace_id": workspace.id,
        "application_id": workspace.application_id,
    }
    return EndNotice(person, posting_id, parameters)


def _days_kept(session: AnySession, workspace: Workspace) -> int:
    """0 also where the company's own backup keeps it: nobody here knows for how long that does."""
    if not get_provider(workspace.cloud_provider).desktops.keeps_disk_snapshots or workspace.other_backup:
        return 0
    policy = disk_snapshots.policy_for(session, workspace)
    if not policy.is_on or disk_snapshots.find_newest(session, workspace) is None:
        return 0
    return policy.days_after_end
