"""With which profile a desktop was ordered, and with which version of it."""

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped

_IS_ONE = text("profile_id IS NOT NULL")
_COLUMNS = ("company_id", "profile_id", "profile_version", "id")


class Profiled:
    """A part of `Workspace`."""

    profile_id: Mapped[int | None]
    """No foreign key: the row of a profile is never deleted."""
    profile_version: Mapped[int | None]


def profile_rules() -> tuple[Index, CheckConstraint]:
    """For the table."""
    return (
        Index("ix_workspaces_profile", *_COLUMNS, sqlite_where=_IS_ONE, postgresql_where=_IS_ONE),
        CheckConstraint("(profile_id IS NULL) = (profile_version IS NULL)", name="profile_pair"),
    )
