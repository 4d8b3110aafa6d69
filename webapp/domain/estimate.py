"""How long a creation will probably take, from earlier ones only: Berth never invents a percentage."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

FEWEST = 3
"""With fewer earlier creations there is no estimate."""


class Pace(StrEnum):
    USUAL = "usual"
    """Half of the earlier ones took longer than this one so far."""
    ANY_MOMENT = "any_moment"
    """Later than half of them."""
    SLOW = "slow"
    """Later than 19 of 20 of them."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds from the newest create to availability, of `measured` other desktops."""

    half_s: float
    """P50: half of them were ready by then."""
    most_s: float
    """P95: 19 of 20 were; with fewer than 20, all of them."""
    measured: int

    def pace(self, elapsed_s: float) -> Pace:
        if elapsed_s > self.most_s:
            return Pace.SLOW
        return Pace.ANY_MOMENT if elapsed_s > self.half_s else Pace.USUAL


def estimate_of(waits_s: Sequence[float]) -> Estimate | None:
    """From the waits of earlier desktops, in any order; None if there are too few."""
    if len(waits_s) < FEWEST:
        return None
    ordered = sorted(waits_s)
    return Estimate(_nearest_rank(ordered, 0.5), _nearest_rank(ordered, 0.95), len(ordered))


def _nearest_rank(ordered: Sequence[float], share: float) -> float:
    """A measured value: the smallest that `share` of them do not exceed."""
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]
