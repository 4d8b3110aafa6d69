"""What a person has done, for the file of their own data."""

from sqlalchemy import select

from webapp.models import Application, Cohort, Event, Invitation, TrailEntry, User
from webapp.queries.own.desktops import Parts


def of_company(user: User) -> Parts:
    """What the person did there; about whom is the company's."""
    yield (
        "events",
        select(
            Event.at,
            Event.event,
            Event.workspace_id.label("desktop_id"),
            Event.from_state,
            Event.to_state,
            Event.request_id,
        )
        .where(Event.actor_id == user.id)
        .order_by(Event.id.desc()),
    )
    yield (
        "decisions",
        select(Application.id.label("application_id"), Application.status, Application.decided_at)
        .where(Application.company_id == user.company_id, Application.decided_by_id == user.id)
        .order_by(Application.id.desc()),
    )
    yield (
        "invitations_sent",
        select(Invitation.kind, Invitation.made_at, Invitation.accepted_at, Invitation.revoked_at)
        .where(Invitation.company_id == user.company_id, Invitation.invited_by_id == user.id)
        .order_by(Invitation.id.desc()),
    )
    yield (
        "group_orders",
        select(Cohort.name, Cohort.bundle_name, Cohort.created_at)
        .where(Cohort.company_id == user.company_id, Cohort.ordered_by_id == user.id)
        .order_by(Cohort.id.desc()),
    )


def of_trail(user: User) -> Parts:
    """What the person did, from where. What it changed may be about others."""
    yield (
        "trail",
        select(
            TrailEntry.at,
            TrailEntry.address,
            TrailEntry.action,
            TrailEntry.outcome,
            TrailEntry.code,
            TrailEntry.request_id,
        )
        .where(TrailEntry.user_id == user.id)
        .order_by(TrailEntry.id.desc()),
    )
