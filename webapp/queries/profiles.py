"""Profiles, inside their company."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.errors import NotFound
from webapp.domain.lifecycle import Desired
from webapp.models import Application, JobPosting, Profile, Workspace
from webapp.models.workspace import IS_LIVE

AnySession = Session | scoped_session[Session]


def list_profiles(session: AnySession, *, company_id: int, is_archived: bool = False) -> Sequence[Profile]:
    """Those with which desktops are ordered; or those that were archived. By name."""
    archived = Profile.archived_at.is_not(None)
    own = select(Profile).where(Profile.company_id == company_id, archived if is_archived else ~archived)
    return session.scalars(own.order_by(Profile.name, Profile.id)).all()


def find_profile(
    session: AnySession, profile_id: int, *, company_id: int, is_locked: bool = False
) -> Profile | None:
    """Archived or not. `is_locked`: as it is now, and nobody else changes it until the commit."""
    own = select(Profile).where(Profile.id == profile_id, Profile.company_id == company_id)
    if is_locked:
        own = own.with_for_update(key_share=True).execution_options(populate_existing=True)
    return session.scalar(own)


def get_profile(session: AnySession, profile_id: int, *, company_id: int, is_locked: bool = False) -> Profile:
    profile = find_profile(session, profile_id, company_id=company_id, is_locked=is_locked)
    if profile is None:
        raise NotFound("Profile not found.")
    return profile


def find_profile_id(session: AnySession, posting_id: int, *, company_id: int) -> int | None:
    """What the job posting gives; None: nothing, or there is no such posting."""
    own = (JobPosting.id == posting_id, JobPosting.company_id == company_id)
    return session.scalar(select(JobPosting.profile_id).where(*own))


def count_postings(session: AnySession, *, company_id: int) -> dict[int, int]:
    """How many job postings give each profile; those without any are left out."""
    own = select(JobPosting.profile_id, func.count()).where(
        JobPosting.company_id == company_id, JobPosting.profile_id.is_not(None)
    )
    found = session.execute(own.group_by(JobPosting.profile_id))
    return {profile_id: count for profile_id, count in found if profile_id is not None}


def count_present(session: AnySession, profile: Profile) -> tuple[int, int]:
    """Desktops that were ordered with it and are there; and those of them that may differ from it by now."""
    is_older = Workspace.profile_version < profile.desktop_version
    counts = _present(select(func.count(), func.count().filter(is_older)), profile)
    total, older = session.execute(counts).one()
    return total, older


def list_older(session: AnySession, profile: Profile, *, limit: int) -> Sequence[Workspace]:
    """Those that may differ from it by now, ordered first come first; with person, job and account."""
    own = _present(_with_names(), profile).where(Workspace.profile_version < profile.desktop_version)
    return session.scalars(own.order_by(Workspace.profile_version, Workspace.id).limit(limit)).all()


def get_present(session: AnySession, workspace_id: int, *, profile: Profile) -> Workspace:
    """One that was ordered with it and is there; with person, job and account."""
    own = _present(_with_names(), profile).where(Workspace.id == workspace_id)
    found = session.scalar(own.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("Desktop not found.")
    return found


def _with_names() -> Select[Workspace]:
    application = joinedload(Workspace.application)
    return select(Workspace).options(
        application.joinedload(Application.seeker),
        application.joinedload(Application.job_posting),
        joinedload(Workspace.credential),
    )


def _present(query: Select[*tuple[Any, ...]], profile: Profile) -> Select[*tuple[Any, ...]]:
    return query.where(
        Workspace.company_id == profile.company_id,
        Workspace.profile_id == profile.id,
        Workspace.desired == Desired.PRESENT,
        IS_LIVE,
    )
