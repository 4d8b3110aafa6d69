"""The text that asks a cloud for more quota, ready to be sent; in English, for whoever works there."""

from dataclasses import dataclass
from datetime import date

STEP = 10
"""A request for one more is soon followed by the next."""


@dataclass(frozen=True, slots=True)
class QuotaRequest:
    service: str
    quota: str
    code: str
    region: str
    account: str
    present: int | None
    missing: int
    unit: str
    first_day: date
    starts: int
    """People who start in the next 30 days."""

    @property
    def asked(self) -> int:
        """What is missing on top, rounded up."""
        return -(-((self.present or 0) + self.missing) // STEP) * STEP

    @property
    def text(self) -> str:
        present = "not known to us" if self.present is None else f"{self.present} {self.unit}"
        asked = (
            f"{self.asked} {self.unit}"
            if self.present is not None
            else f"{self.missing} {self.unit} more than now"
        )
        return (
            f"Service: {self.service}\n"
            f"Quota: {self.quota} ({self.code})\n"
            f"Region: {self.region}\n"
            f"Account: {self.account}\n"
            f"Present value: {present}\n"
            f"Requested value: {asked}\n"
            f"Needed by: {self.first_day.isoformat()}\n"
            f"Reason: {self.starts} people start work with us in the next 30 days, each with a desktop"
            f" of their own. From {self.first_day:%-d %B %Y} on the present quota does not suffice:"
            f" {self.missing} {self.unit} are missing.\n"
        )
