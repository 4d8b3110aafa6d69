"""Orphans: machines without a live row, found by drift detection.

A row is deleted long after its machine is gone.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.lifecycle import CloudState
from webapp.domain.orphans import OrphanKind, OrphanStatus
from webapp.models.base import Base, enum_column
from webapp.models.cloud_credential import CloudCredential
from webapp.models.workspace import Workspace


class Orphan(Base):
    __tablename__ = "orphans"
    __table_args__ = (
        # Two companies may share a cloud account; each has its own row for an unowned machine.
        Index(
            "uq_orphans_company_id_account_id_cloud_workspace_id",
            "company_id",
            "account_id",
            "cloud_workspace_id",
            unique=True,
        ),
        Index("ix_orphans_credential_id_status", "credential_id", "status"),
        Index("ix_orphans_company_status", "company_id", "status", "id"),
        Index("ix_orphans_due", "credential_id", "due_at"),
        CheckConstraint("kind = 'unmarked' OR claim IS NOT NULL", name="marked_has_claim"),
        CheckConstraint(
            "status != 'terminating' OR kind IN ('unknown_row', 'closed_row', 'second')",
            name="only_ours_is_ended",
        ),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decision_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="RESTRICT"))
    account_id: Mapped[str] = mapped_column(String(64))
    cloud_workspace_id: Mapped[str] = mapped_column(String(120))
    claim: Mapped[str | None] = mapped_column(String(255))
    """The claim as it was read, whoever wrote it; untrusted."""
    kind: Mapped[OrphanKind] = mapped_column(enum_column(OrphanKind))
    workspace_id: Mapped[int | None] = mapped_column(ForeignKey("workspaces.id", ondelete="RESTRICT"))
    """The related row: closed, or with another machine, or the one that has adopted it."""

    username: Mapped[str] = mapped_column(String(128))
    cloud_state: Mapped[CloudState] = mapped_column(enum_column(CloudState))
    cloud_word: Mapped[str] = mapped_column(String(40))
    bundle_id: Mapped[str | None] = mapped_column(String(120))
    compute_type: Mapped[str | None] = mapped_column(String(40))
    running_mode: Mapped[str | None] = mapped_column(String(16))
    operating_system: Mapped[str | None] = mapped_column(String(40))

    first_seen_at: Mapped[datetime]
    """When Berth first saw it. Clouds do not report when a machine was created, so it may be older."""
    last_seen_at: Mapped[datetime]
    observations: Mapped[int] = mapped_column(default=1)
    missed: Mapped[int] = mapped_column(default=0)
    """Consecutive complete inventories that did not list it."""

    status: Mapped[OrphanStatus] = mapped_column(enum_column(OrphanStatus), default=OrphanStatus.OPEN)
    decided_by: Mapped[str | None] = mapped_column(String(160))
    """Who adopted, ignored or ended it: a person's address, `token:<name>` or `berth`."""
    decided_at: Mapped[datetime | None]
    end_sent_at: Mapped[datetime | None]
    """When the cloud accepted the termination."""
    due_at: Mapped[datetime | None]
    """When a worker should send the termination; NULL if there is none to send."""
    version: Mapped[int] = mapped_column(default=1)

    credential: Mapped[CloudCredential] = relationship(lazy="raise_on_sql")
    workspace: Mapped[Workspace | None] = relationship(lazy="raise_on_sql")
