"""How long desktops had to be on, and how long two other ways of switching them would have paid for.

From the same plans of the same people: needed is each shift of a contract, whether its person comes or
not, and whatever they are connected for beside it. AutoStop alone starts a
desktop when its person connects, who waits, and stops it an hour after they have left; always on pays from
the start of the contract.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.month.machines import HOUR
from tests.month.people import Session

AUTO_STOP_S, STARTS_S = HOUR, 105.0
"""Amazon's least time, and what a start of it takes here in the mean."""


@dataclass
class Needed:
    """Sums in seconds."""

    needed_s: float = 0.0
    connected_s: float = 0.0
    auto_stop_s: float = 0.0
    auto_stop_waits: int = 0
    always_on_s: float = 0.0
    shifts: int = 0

    def add_day(self, shift: Session, sessions: Sequence[Session]) -> None:
        self.shifts += 1
        self.needed_s += _length(_merged([shift, *sessions]))
        self.connected_s += _length(sessions)
        runs = _merged(Session(one.begins_s, one.ends_s + AUTO_STOP_S) for one in sessions)
        self.auto_stop_s += _length(runs) + STARTS_S * len(runs)
        self.auto_stop_waits += len(runs)


def _length(sessions: Iterable[Session]) -> float:
    return sum(one.ends_s - one.begins_s for one in sessions)


def _merged(sessions: Iterable[Session]) -> list[Session]:
    """What overlaps is one."""
    found: list[Session] = []
    for one in sorted(sessions, key=lambda session: session.begins_s):
        if found and one.begins_s <= found[-1].ends_s:
            found[-1] = Session(found[-1].begins_s, max(found[-1].ends_s, one.ends_s))
        else:
            found.append(one)
    return found
