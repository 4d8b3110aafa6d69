"""Tallies: what a company has, counted by the database as it changes, so that no page has to count.

Triggers add a row for each change, in its transaction and whatever code makes it; the sum of a subject is
right at every moment. Rows are only added: nobody waits for anybody, as all would for one counter a company.
The scheduler adds them up from time to time (`engine/tallies.py`).
"""

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base

VERSION, UNDECIDED, UNSERVED = "version", "undecided", "unserved"
"""How often something has changed that lists or the start page show; applications that nobody has decided
about; approved ones for which there is neither a desktop nor a failed order."""


class CompanyTally(Base):
    __tablename__ = "company_tallies"
    __table_args__ = (
        Index("ix_company_tallies_subject", "company_id", "subject"),
        Index(
            "ix_company_tallies_new",
            "company_id",
            sqlite_where=text("NOT is_base"),
            postgresql_where=text("NOT is_base"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(String(16))
    """A public state, or one of the words above."""
    number: Mapped[int]
    """To be added to the others of the subject; may be negative."""
    is_base: Mapped[bool] = mapped_column(default=False)
    """The sum of earlier ones."""
