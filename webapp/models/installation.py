"""The single row that identifies this installation in every claim it writes to a cloud resource."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base


class Installation(Base):
    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    created_at: Mapped[datetime]
    prune_due_at: Mapped[datetime | None]
    """When old rows should be deleted again; NULL if they never were."""
    details_pruned_to: Mapped[datetime | None]
    """The logs of desktops that ended until then hold only changes of state and what people did."""
    records_due_at: Mapped[datetime | None]
    """When records of ends are looked at again; NULL if they never were."""
    records_known_to: Mapped[datetime | None]
    """Every desktop that ended until then has its record, if it leaves one."""
    digests_due_at: Mapped[datetime | None]
    """When somebody's morning may have begun again; NULL if it was never looked at."""
    trail_head_logged_at: Mapped[datetime | None]
    """When the head of the trail's chain was written into the log."""
    backed_up_at: Mapped[datetime | None]
    """Of which moment the newest backup is; NULL if there never was one."""
    restored_at: Mapped[datetime | None]
    """When a backup was last put in; NULL if it never was. Nothing is made in an account before it was
    compared (`engine/holding.py`)."""
    mail_rests_until: Mapped[datetime | None]
    """No mail is tried until then, because the mail server failed."""
    mail_trouble: Mapped[str | None] = mapped_column(String(40))
    """How: a name of `domain.mail_failures.FAILURES`; NULL since it accepted a mail."""
