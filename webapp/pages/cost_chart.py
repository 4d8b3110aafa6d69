"""The days of a month as bars: plain numbers, which the template draws as SVG and says in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from webapp.services.company_costs import Figures

HEIGHT, STEP = 60, 18
"""In the chart's own units; the page scales it."""


@dataclass(frozen=True, slots=True)
class DayBar:
    """What was billed on the day; what is estimated, if it is not billed yet."""

    x: int
    height: float
    is_billed: bool
    says: str


def day_bars(days: Sequence[tuple[date, Figures]], currency: str) -> list[DayBar]:
    shown = []
    for day, figures in days:
        amount = figures.billed or figures.estimated
        if amount is not None and amount.currency == currency:
            shown.append((day, amount, figures.billed is not None))
    most = max((amount.amount_minor for _, amount, _ in shown), default=0) or 1
    return [
        DayBar(
            (day.day - 1) * STEP,
            round(max(amount.amount_minor / most * HEIGHT, 1.0), 1),
            is_billed,
            f"{day:%-d %B}: {amount} {'billed' if is_billed else 'estimated'}",
        )
        for day, amount, is_billed in shown
    ]
