"""Small charts as plain numbers: the templates draw them as SVG and give the same in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webapp.domain.estimate import Estimate
from webapp.domain.lifecycle import State
from webapp.pages.time_words import span
from webapp.pages.words import STATES

WIDTH = 600
"""Of every chart, in its own units; the page scales it."""


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    tone: str
    width: float
    says: str
    share: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A point or a line on the axis of time."""

    x: float
    says: str


@dataclass(frozen=True, slots=True)
class WaitChart:
    dots: list[Mark]
    """The other desktops, the newest first."""
    own: Mark | None
    half: Mark | None
    most: Mark | None
    longest: str
    """The value at the right end of the axis."""


def state_bars(seconds_by_state: Mapping[str, int]) -> list[Bar]:
    """One bar per state, the longest first."""
    whole = sum(seconds_by_state.values()) or 1
    longest = max(seconds_by_state.values(), default=0) or 1
    ordered = sorted(seconds_by_state.items(), key=lambda pair: (-pair[1], pair[0]))
    return [
        Bar(
            STATES[State(name)].label,
            STATES[State(name)].tone,
            round(max(spent_s / longest * WIDTH, 3), 1),
            span(spent_s),
            _share(spent_s / whole),
        )
        for name, spent_s in ordered
    ]


def wait_chart(
    waits_s: Sequence[float], *, own_s: float | None, estimate: Estimate | None
) -> WaitChart | None:
    """From create to availability: this desktop among others; None if there is nothing to show."""
    known = [*waits_s, *([own_s] if own_s is not None else [])]
    if not known:
        return None
    longest_s = max(*known, 1.0) * 1.05

    def mark(seconds: float) -> Mark:
        return Mark(round(seconds / longest_s * WIDTH, 1), span(seconds))

    return WaitChart(
        dots=[mark(one) for one in waits_s],
        own=mark(own_s) if own_s is not None else None,
        half=mark(estimate.half_s) if estimate else None,
        most=mark(estimate.most_s) if estimate else None,
        longest=span(longest_s),
    )


def _share(part: float) -> str:
    percent = round(part * 100)
    return "under 1 %" if percent == 0 and part > 0 else f"{percent} %"
