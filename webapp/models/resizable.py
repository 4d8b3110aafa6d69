"""The columns of a workspace that say which change of its size or mode is under way (`domain.resizes`)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.resizes import Resize, ResizeKind, Sizes
from webapp.models.base import enum_column

WHOLE_RESIZE = (
    "(resize_kind IS NULL) = (resize_requested_at IS NULL) AND (resize_kind IS NULL) = (resize_to IS NULL)"
)
NO_RESIZE: dict[str, Any] = {
    "resize_kind": None,
    "resize_from": None,
    "resize_to": None,
    "resize_requested_at": None,
    "resize_sent_at": None,
    "resize_price_minor": None,
    "resize_fee_minor": None,
}


class Resizable:
    """A part of `Workspace`. Who asked for a change, and what became of it, its events say."""

    compute_type: Mapped[str | None]
    volumes: Mapped[str | None]
    running_mode: Mapped[str]
    month_price_minor: Mapped[int | None]
    month_fee_minor: Mapped[int | None]
    price_currency: Mapped[str | None]
    auto_stop_minutes: Mapped[int | None]
    """After so long without anybody connected the cloud stops it; NULL: not said, or never."""
    resize_kind: Mapped[ResizeKind | None] = mapped_column(enum_column(ResizeKind))
    """What is to be changed, from the request until the cloud shows it, or refuses; NULL: nothing."""
    resize_from: Mapped[str | None] = mapped_column(String(40))
    """What it was when it was asked for; NULL: not known."""
    resize_to: Mapped[str | None] = mapped_column(String(40))
    resize_requested_at: Mapped[datetime | None]
    resize_sent_at: Mapped[datetime | None]
    """From before the call; NULL again when it is certain that the cloud did not get it."""
    resize_price_minor: Mapped[int | None] = mapped_column(BigInteger)
    """What a month costs more afterwards, or less; NULL: not known. More is counted at once. As much as
    `month_price_minor`: what it cost before is not known."""
    resize_fee_minor: Mapped[int | None] = mapped_column(BigInteger)
    """The same of what is charged at once."""

    @property
    def sizes(self) -> Sizes:
        return Sizes(self.compute_type, self.volumes, self.running_mode, self.auto_stop_minutes)

    @property
    def resize(self) -> Resize | None:
        if self.resize_kind is None or self.resize_to is None:
            return None
        return Resize(self.resize_kind, self.resize_to)

    @property
    def prices_before(self) -> dict[str, Any]:
        """The columns of a row whose change is given up: what it cost before."""
        if self.resize_price_minor and self.resize_price_minor == self.month_price_minor:
            return {"month_price_minor": None, "month_fee_minor": None, "price_currency": None}
        return {
            "month_price_minor": _less(self.month_price_minor, self.resize_price_minor),
            "month_fee_minor": _less(self.month_fee_minor, self.resize_fee_minor),
        }

    def prices_becoming(self, after: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of a row that is to cost so much: what it costs more counts from the request on."""
        minor, fee = after["month_price_minor"], after["month_fee_minor"]
        if self.month_price_minor is None or self.price_currency != after["price_currency"]:
            # All of it is more than what was known: so a refusal puts “not known” back.
            return {**after, "resize_price_minor": minor, "resize_fee_minor": fee}
        more, fee_more = minor - self.month_price_minor, fee - (self.month_fee_minor or 0)
        return {
            "month_price_minor": self.month_price_minor + max(more, 0),
            "month_fee_minor": (self.month_fee_minor or 0) + max(fee_more, 0),
            "resize_price_minor": more,
            "resize_fee_minor": fee_more,
        }

    @property
    def without_resize(self) -> dict[str, Any]:
        """The same, with the change: for what wins over it."""
        return {} if self.resize_kind is None else NO_RESIZE | self.prices_before


def _less(minor: int | None, difference: int | None) -> int | None:
    return None if minor is None else minor - max(difference or 0, 0)
