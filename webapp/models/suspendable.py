"""The columns of a workspace that say when its person may use it (`domain.access`)."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.access import Access, Because, access_of, next_notice, next_turn
from webapp.domain.in_time import is_early
from webapp.domain.lifecycle import Desired, Phase
from webapp.models.base import enum_column
from webapp.models.ending import Ending

WHOLE_SUSPENSION = "suspended_at IS NULL OR (suspended_because IS NOT NULL AND destroy_at IS NOT NULL)"


class Suspendable(Ending):
    """A part of `Workspace`."""

    desired: Mapped[Desired]
    phase: Mapped[Phase]
    replaced_by_id: Mapped[int | None]
    starts_at: Mapped[datetime | None]
    """This and the next are its application's window, copied in the same transaction (`services.windows`)."""
    ends_at: Mapped[datetime | None]
    make_at: Mapped[datetime | None]
    """It is made in time for its start, from then on (`engine.duties.starts`); NULL: at once."""
    suspended_at: Mapped[datetime | None]
    """Nobody may connect since then; NULL again when it is undone or the contract extended."""
    suspended_because: Mapped[Because | None] = mapped_column(enum_column(Because))
    destroy_at: Mapped[datetime | None]
    """The end of the grace; not a minute earlier is it terminated."""
    access_cut_at: Mapped[datetime | None]
    """From before the first call that keeps its person out until access is given back."""
    access_ended_at: Mapped[datetime | None]
    """Since when the cloud keeps its person out; NULL until it has said so, and while access is open."""

    has_hours: bool
    hours_turn_at: Mapped[datetime | None]
    hours_warn_at: Mapped[datetime | None]

    noticed_days: Mapped[int | None]
    """The latest notice of the end of this window that was sent; NULL again when its end changes."""
    invited_at: Mapped[datetime | None]
    """When its person was written to that it can be used: once, and without mail all the same."""

    def access(self, now: datetime) -> Access:
        """May its person use it now?"""
        return access_of(now, starts_at=self.starts_at, ends_at=self.ends_at, suspended_at=self.suspended_at)

    @property
    def recorded_access(self) -> Access:
        """The same without a clock, for what only shows what was written."""
        return Access.OPEN if self.suspended_at is None else Access.SUSPENDED

    @property
    def may_be_extended(self) -> bool:
        """Is more time something to ask for? Not where somebody has ended it, or the next person took over:
        what such a person needs is decided on the page of the contract."""
        is_ending = self.suspended_because is Because.TERMINATE_REQUESTED or self.is_handed_over
        return self.desired is Desired.PRESENT and self.phase is not Phase.GONE and not is_ending

    @property
    def is_handed_over(self) -> bool:
        """Has the next person taken over, and was it not given back since?"""
        is_closed = self.suspended_at is not None or self.desired is Desired.ABSENT
        return self.replaced_by_id is not None and is_closed

    def next_turn(self, now: datetime) -> datetime | None:
        """When the passing of time alone changes what is to be done for it."""
        if self.desired is Desired.ABSENT or self.phase in (Phase.GONE, Phase.TERMINATING):
            return None
        turn = next_turn(
            now,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            suspended_at=self.suspended_at,
            destroy_at=self.destroy_at,
        )
        if self.suspended_at is not None or self.phase is not Phase.READY:
            return turn
        notice = next_notice(starts_at=self.starts_at, ends_at=self.ends_at, noticed_days=self.noticed_days)
        edge = (self.hours_turn_at or now) if self.has_hours else None
        # A look that could not be taken then is not repeated at once.
        warning = self.hours_warn_at if self.hours_warn_at is not None and self.hours_warn_at > now else None
        return min((at for at in (turn, notice, edge, warning) if at is not None), default=None)

    def waits_for_start(self, now: datetime) -> bool:
        """Is it ordered, and made later, in time for the start of its contract?"""
        return is_early(self.phase, make_at=self.make_at, starts_at=self.starts_at, now=now)

    def due_by(self, due_at: datetime | None, now: datetime) -> datetime | None:
        """The same time, or a turn of time that comes sooner: that one is not missed."""
        turn = self.next_turn(now)
        if self.desired is Desired.PRESENT and self.waits_for_start(now):
            turn = min(turn or self.make_at, self.make_at) if self.make_at else turn
        return turn if due_at is None or (turn is not None and turn < due_at) else due_at
