"""Users that Berth makes in the directories of clouds."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.models.base import Base, enum_column
from webapp.models.user import User
from webapp.models.workspace import Workspace


class DirectoryUserState(StrEnum):
    NONE = "none"
    """Nothing was ever sent for it."""
    INTENT = "intent"
    """A create may have been sent: the directory tells."""
    MADE = "made"
    """Berth has made it: it carries our mark."""
    FOUND = "found"
    """Somebody else made it, so Berth never changes it."""
    FAILED = "failed"
    """The directory refused to make it."""


class DirectoryUser(Base):
    """At most one for each name in a directory, whichever credential leads there."""

    __tablename__ = "directory_users"
    __table_args__ = (
        Index(
            "ix_directory_users_sealed",
            "id",
            sqlite_where=text("password_waits"),
            postgresql_where=text("password_waits"),
        ),
        Index("ix_directory_users_username", "company_id", "username_key"),
        CheckConstraint(
            "state NOT IN ('intent', 'made') OR intent_at IS NOT NULL", name="what_was_made_was_intended"
        ),
        CheckConstraint("(state = 'made') = (made_at IS NOT NULL)", name="made_has_a_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"), index=True)
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="RESTRICT"))
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="RESTRICT"), index=True)
    """The newest for which it was asked."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    """Whose it is: a name that was made for one person is never given to another."""
    slot: Mapped[str] = mapped_column(String(400), unique=True)
    """As the workspace's: the directory and the name."""
    username: Mapped[str] = mapped_column(String(128))
    username_key: Mapped[str] = mapped_column(String(128))
    """As the workspace's: the same user may have desktops in several slots."""
    mark: Mapped[str] = mapped_column(String(120), unique=True)
    """Written to the user by the call that makes it."""
    state: Mapped[DirectoryUserState] = mapped_column(
        enum_column(DirectoryUserState), default=DirectoryUserState.NONE
    )
    cloud_user_id: Mapped[str | None] = mapped_column(String(200))
    """The directory's own id."""
    intent_at: Mapped[datetime | None]
    made_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    """When it was found or made disabled, as no desktop of its name was open; NULL again with the access."""
    disabling_at: Mapped[datetime | None]
    """When Berth was about to disable it, before the call; at Amazon, where the driver does, noted after it.
    NULL: if it is disabled, others did that."""
    sealed_password: Mapped[str | None] = mapped_column(Text, deferred=True)
    """A first password on its way to the worker that sets it, which wipes it before it does.

    No condition of the web's may name it: on PostgreSQL its database user cannot read it.
    """
    password_waits: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Is there a sealed one? For whoever may not read that column: the web, and the scheduler."""
    password_asked_at: Mapped[datetime | None]
    password_set_at: Mapped[datetime | None]
    """When the newest first password was set; the person may have another one by now."""
    password_failure: Mapped[str | None] = mapped_column(String(64))
    """Our code, if the newest one was refused."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    workspace: Mapped[Workspace] = relationship(lazy="raise_on_sql")
    person: Mapped[User | None] = relationship(lazy="raise_on_sql")
