"""The columns of a workspace that is moved to another bundle (docs/decisions/moves.md)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column


class Movable:
    """A part of `Workspace`."""

    move: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What somebody asked for: `bundle_id`, `bundle_name` and what a month of it costs, until it is done;
    `before`: what the present one costs, while the row counts the dearer of both."""
    move_sent_at: Mapped[datetime | None]
    """From before the call until its outcome is known: it is never sent a second time in between."""
    moved_from: Mapped[dict[str, Any] | None]
    """What it was before the newest move: `machine`, the cloud's id, no stranger while the cloud lists it;
    and the bundle with its price, for a move that the cloud gives up."""
    moved_at: Mapped[datetime | None]

    @property
    def has_move(self) -> bool:
        return self.move is not None

    @property
    def without_unsent_move(self) -> dict[str, Any]:
        """The columns that drop a move: for an end. One that was sent stays until its outcome is known."""
        is_unsent = self.move is not None and self.move_sent_at is None
        return {"move": None, **self.prices_before_move} if is_unsent else {}

    @property
    def prices_before_move(self) -> dict[str, Any]:
        """The columns of a row whose move is given up: what it cost before it was asked for."""
        return dict((self.move or {}).get("before") or {})
