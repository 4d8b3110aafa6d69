"""The one condition, for queries, that a contract is not over; for a loaded row it is `Window.is_over`."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, ColumnElement, or_
from sqlalchemy.orm import Mapped


class Ending:
    """A part of `Application`, and of `Workspace`, which has a copy of its window."""

    if TYPE_CHECKING:  # each has the column itself, among those of its window
        ends_at: Mapped[datetime | None]

    @classmethod
    def is_not_over(cls, now: datetime | BindParameter[Any]) -> ColumnElement[bool]:
        """Has it no end, or one that is to come?"""
        return or_(*cls.not_over_apart(now))

    @classmethod
    def not_over_apart(cls, now: datetime | BindParameter[Any]) -> tuple[ColumnElement[bool], ...]:
        """The same in two: for queries that an index serves one by one, and that read nobody who has left."""
        return cls.ends_at.is_(None), cls.ends_at > now
