"""Which kinds of bundles Amazon has closed, from which day on.

Source: docs/evidence/aws_workspaces.md#retired-bundles.
"""

import re
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Retirement:
    closed_on: date
    """From this day on Berth does not offer it."""
    reason: str
    compute_types: tuple[str, ...] = ()
    words: re.Pattern[str] | None = None
    """In the bundle's name or description, because DescribeWorkspaceBundles does not return the protocol."""

    def concerns(self, *, compute_type: str, text: str) -> bool:
        return compute_type in self.compute_types or (
            self.words is not None and bool(self.words.search(text))
        )


RETIREMENTS = (
    Retirement(
        date(2023, 11, 30), "Amazon ended this compute type on 30 November 2023.", compute_types=("GRAPHICS",)
    ),
    Retirement(
        date(2025, 10, 31),
        "Amazon ended this compute type on 31 October 2025.",
        compute_types=("GRAPHICSPRO",),
    ),
    Retirement(
        date(2026, 7, 31),
        "Amazon closed PCoIP desktops to new customers on 31 July 2026 and ends them on 31 October 2027."
        " Choose a bundle with WSP (DCV).",
        words=re.compile(r"\bpcoip\b", re.I),
    ),
)


def retirement_of(*, compute_type: str, text: str, today: date) -> str | None:
    """Why this bundle is no longer offered; None if it is."""
    return next(
        (
            one.reason
            for one in RETIREMENTS
            if one.closed_on <= today and one.concerns(compute_type=compute_type, text=text)
        ),
        None,
    )
