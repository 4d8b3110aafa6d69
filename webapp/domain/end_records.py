"""The record of the end: why a desktop ended, what became of its parts, and when its costs are final."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from webapp.domain.costs.spans import day_of, month_of, next_month, starts_at
from webapp.domain.lifecycle import MACHINE_MAY_EXIST, Phase

BILLS_SETTLE = timedelta(days=15)
"""After the month of the end. No driver reads a bill of days that lie further back again."""


class EndReason(StrEnum):
    """Why it ended."""

    PERSON = "person"
    """Somebody of the company terminated or deleted it."""
    CONTRACT = "contract"
    """Its contract ended, and so did the time in which that could be undone."""
    OUTSIDE = "outside"
    """It was deleted in the cloud, not by Berth."""
    UNKNOWN = "unknown"
    """What is still there does not say."""


class Outcome(StrEnum):
    """What became of a part of a desktop."""

    ABSENT = "absent"
    """The cloud was asked for it, and did not have it."""
    WITH_DESKTOP = "with_desktop"
    """The cloud deletes it together with the desktop, and does not list it by itself."""
    NONE_MADE = "none_made"
    """Berth made none."""
    KEPT = "kept"
    """What the record names outlives the desktop for a while; the others are being deleted."""
    ENDING = "ending"
    """Being deleted by Berth at the end of the desktop."""


OUTCOMES = {
    Outcome.ABSENT: "Gone: the cloud was asked for it, and did not have it.",
    Outcome.WITH_DESKTOP: "Deleted by the cloud together with the desktop.",
    Outcome.NONE_MADE: "Berth made none.",
    Outcome.KEPT: "What is named below is kept for a while; Berth deletes the others.",
    Outcome.ENDING: "Berth deletes them with the desktop.",
}
REASONS = {
    EndReason.PERSON: "A person of the company ended it.",
    EndReason.CONTRACT: "Its contract was over.",
    EndReason.OUTSIDE: "It was deleted in the cloud, not by Berth.",
    EndReason.UNKNOWN: "What is still known does not say.",
}


SNAPSHOTS, IMAGES = "snapshots", "images"
"""The keys of the parts that may outlive their desktop."""


@dataclass(frozen=True, slots=True)
class Remain:
    """A part of a desktop, and what is known of it once its absence is proven."""

    key: str
    """Its name in records and the API."""
    label: str
    outcome: Outcome


def leaves_record(before: Phase, *, was_known: bool, absent_count: int) -> bool:
    """Of an order that ends now: was there ever a machine, or may there have been one?

    `before`: the phase that it came from. `was_known`: the cloud once named a machine of it. `absent_count`:
    so often its absence was seen. An order that nobody sent, or that the cloud refused, leaves none: it has
    its log, and nothing that an auditor asks about.
    """
    return was_known or absent_count > 0 or before in MACHINE_MAY_EXIST


def costs_final_at(terminated_at: datetime) -> datetime:
    """From when on nothing about its costs changes any more."""
    return starts_at(next_month(month_of(day_of(terminated_at)))) + BILLS_SETTLE
