"""How busy a desktop was: its busiest hour, of what the cloud has measured in some days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.domain.costs.spans import day_of

SPAN = timedelta(days=14)
"""So far back a reading goes."""
MOST_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Load:
    days: int
    """Days (UTC) of which both figures are known."""
    cpu_percent: float
    """Of the busiest hour for it, on average in that hour; as `memory_percent`, whose hour may be another."""
    memory_percent: float


def load_of(cpu: Mapping[datetime, float], memory: Mapping[datetime, float]) -> Load | None:
    """From averages by hour, in percent. None unless both are known: what nobody measured is not 0.

    A figure that cannot be a share of a machine says nothing.
    """
    cpu, memory = _shares(cpu), _shares(memory)
    days = {day_of(at) for at in cpu} & {day_of(at) for at in memory}
    if not days:
        return None
    return Load(len(days), max(cpu.values()), max(memory.values()))


def _shares(figures: Mapping[datetime, float]) -> dict[datetime, float]:
    return {at: one for at, one in figures.items() if 0 <= one <= MOST_PERCENT}
