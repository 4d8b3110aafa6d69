"""The records of ends in which a person stands, for the file of their own data."""

from sqlalchemy import or_, select

from webapp.models import EndRecord, User
from webapp.queries.own.desktops import Parts


def of_records(user: User) -> Parts:
    """Of what is gone: what the person had, and what they ordered or ended, without whose it was."""
    yield (
        "records_of_ends",
        select(
            EndRecord.workspace_id.label("desktop_id"),
            EndRecord.company_name.label("company"),
            EndRecord.job_title.label("job"),
            EndRecord.person_name.label("name"),
            EndRecord.person_email.label("email"),
            EndRecord.username.label("user_name"),
            EndRecord.ordered_at,
            EndRecord.available_at,
            EndRecord.access_ended_at,
            EndRecord.terminated_at,
            EndRecord.details["use"].label("use"),
        )
        .where(EndRecord.person_id == user.id)
        .order_by(EndRecord.id.desc()),
    )
    yield (
        "records_that_name_me",
        select(
            EndRecord.workspace_id.label("desktop_id"),
            EndRecord.ordered_at,
            EndRecord.terminated_at,
            (EndRecord.ordered_by_id == user.id).label("is_ordered_by_me"),
            (EndRecord.ended_by_id == user.id).label("is_ended_by_me"),
        )
        .where(or_(EndRecord.ordered_by_id == user.id, EndRecord.ended_by_id == user.id))
        .order_by(EndRecord.id.desc()),
    )
