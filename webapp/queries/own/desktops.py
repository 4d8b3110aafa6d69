"""The desktops of a person, and what happened with them: a part of the person's own data (`data.py`)."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, select

from webapp.models import (
    Application,
    Company,
    DesktopConnection,
    DirectoryUser,
    HelpRequest,
    JobPosting,
    UseDay,
    User,
    Workspace,
)

Parts = Iterator[tuple[str, Select[*tuple[Any, ...]]]]  # of columns of any types
COMPANY, JOB = Company.name.label("company"), JobPosting.title.label("job")


def desktops_of(user: User) -> Parts:
    yield (
        "desktops",
        select(
            Workspace.id,
            COMPANY,
            JOB,
            func.coalesce(Workspace.listed_state, "TERMINATED").label("state"),
            Workspace.username.label("user_name"),
            Workspace.bundle_name,
            Workspace.created_at,
            Workspace.available_at,
            Workspace.terminated_at,
            DesktopConnection.first_connected_at,
            DesktopConnection.last_connected_at,
        )
        .outerjoin(DesktopConnection, DesktopConnection.workspace_id == Workspace.id)
        .join(Application, Application.id == Workspace.application_id)
        .join(Company, Company.id == Application.company_id)
        .join(JobPosting, JobPosting.id == Application.job_posting_id)
        .where(Application.seeker_id == user.id)
        .order_by(Workspace.id.desc()),
    )
    yield from _of_use(user)
    yield (
        "directory_users",
        select(
            DirectoryUser.username.label("user_name"),
            DirectoryUser.state,
            DirectoryUser.made_at,
            DirectoryUser.password_set_at,
        )
        .where(DirectoryUser.person_id == user.id)
        .order_by(DirectoryUser.id.desc()),
    )


def _of_use(user: User) -> Parts:
    yield (
        "days_of_use",
        select(UseDay.workspace_id.label("desktop_id"), UseDay.day)
        .join(Workspace, Workspace.id == UseDay.workspace_id)
        .join(Application, Application.id == Workspace.application_id)
        .where(Application.seeker_id == user.id)
        .order_by(UseDay.day.desc(), UseDay.workspace_id.desc()),
    )
    yield (
        "help_requests",
        select(
            HelpRequest.workspace_id.label("desktop_id"),
            HelpRequest.note,
            HelpRequest.state,
            HelpRequest.asked_at,
            HelpRequest.answered_at,
        )
        .join(Workspace, Workspace.id == HelpRequest.workspace_id)
        .join(Application, Application.id == Workspace.application_id)
        .where(Application.seeker_id == user.id, HelpRequest.company_id == Workspace.company_id)
        .order_by(HelpRequest.id.desc()),
    )
