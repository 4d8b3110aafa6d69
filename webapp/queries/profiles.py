"""Profiles, inside their company."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from webapp.domain.errors import NotFound
from webapp.models import JobPosting, Profile

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


def count_postings(session: AnySession, *, company_id: int) -> dict[int, int]:
    """How many job postings give each profile; those without any are left out."""
    own = select(JobPosting.profile_id, func.count()).where(
        JobPosting.company_id == company_id, JobPosting.profile_id.is_not(None)
    )
    found = session.execute(own.group_by(JobPosting.profile_id))
    return {profile_id: count for profile_id, count in found if profile_id is not None}
