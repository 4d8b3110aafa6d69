"""Companies: the tenants. Everything a provider sees belongs to exactly one."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column, validates

from webapp.domain.access import MOST_GRACE_DAYS, USUAL_GRACE_DAYS
from webapp.domain.company_names import LOOK_LENGTH, look_of
from webapp.domain.connections import IDLE_DAYS
from webapp.domain.costs.modes import Switching
from webapp.models.base import Base, enum_column


class Company(Base):
    __tablename__ = "companies"
    __table_args__ = tuple(
        CheckConstraint(f"{name} BETWEEN 0 AND {MOST_GRACE_DAYS}", name=name)
        for name in ("grace_days", "contract_grace_days")
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    look: Mapped[str] = mapped_column(String(LOOK_LENGTH), default="", server_default="", index=True)
    """What people see (`look_of`); written with the name. New companies look like no other."""
    created_at: Mapped[datetime]
    most_desktops: Mapped[int | None]
    """So many may be live at once; NULL: any number."""
    quota_desktops: Mapped[int | None]
    """The same, set by whoever runs the installation."""
    disabled_at: Mapped[datetime | None]
    """Since when nobody of it may sign in, by a decision of whoever runs the installation."""
    needs_second_factor: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Colleagues without one can do nothing but set one up."""

    mode_switching: Mapped[Switching] = mapped_column(
        enum_column(Switching), default=Switching.OFF, server_default=Switching.OFF.value
    )
    """Whether Berth compares running modes with the use of desktops, and what it does then."""
    idle_days: Mapped[int] = mapped_column(default=IDLE_DAYS, server_default=str(IDLE_DAYS))
    """A desktop that nobody was connected to for so many days is idle."""
    grace_days: Mapped[int] = mapped_column(default=0, server_default="0")
    """So long a desktop that somebody terminates is kept, and may be brought back."""
    contract_grace_days: Mapped[int] = mapped_column(
        default=USUAL_GRACE_DAYS, server_default=str(USUAL_GRACE_DAYS)
    )
    """The same after the end of a contract."""

    @validates("name")
    def _write_its_look(self, _column: str, name: str) -> str:
        self.look = look_of(name)
        return name


class SetUpLink(Base):
    """A link with which somebody founds one company where not everybody may."""

    __tablename__ = "set_up_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the link's random text, in hex."""
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    """The company that was founded with it; NULL: none yet."""
