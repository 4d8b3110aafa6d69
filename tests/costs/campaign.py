"""Some months of many desktops, day by day: the bill is divided to the cent, and estimates are near it."""

import heapq
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from tests.costs.accounts import Account
from tests.costs.bills import LAG_S, in_cents
from tests.costs.books import COMPARED, Books, seen_columns
from tests.costs.clouds import Clouds
from tests.costs.life import DAY, HOUR, Desktop, Step
from webapp.clouds.azure_avd.names import vm_name
from webapp.domain.costs.groups import Dimension
from webapp.domain.costs.spans import month_of
from webapp.models import Workspace

FIRST_DAY = date(2027, 1, 20)
"""So that 90 days touch four months, one of them of 28 days."""
CORRECTED_SHARE = 0.02
"""Of desktops a day."""


@dataclass(frozen=True, slots=True)
class Plan:
    desktops: int
    days: int
    seed: int = 1
    first_day: date = FIRST_DAY
    settles_days: int = 8
    """After the last day the bill is read for so long, until nothing of it changes."""

    @property
    def price_days(self) -> tuple[date, ...]:
        """Three changes of prices: Amazon's hours, Azure's hours and disks, Amazon's months."""
        return tuple(self.first_day + timedelta(days=int(self.days * part)) for part in (0.25, 0.5, 0.75))


@dataclass
class Campaign:
    plan: Plan
    accounts: list[Account]
    clouds: Clouds
    books: tuple[Books, Books]
    """The workers of the second are killed."""
    desktops: list[Desktop]
    spare: list[Desktop]
    rows: dict[int, Workspace]
    installation: str
    expected: dict[tuple[int, date, str], int] = field(default_factory=dict)
    """What each day's bill was when it could last be read."""
    broken: list[str] = field(default_factory=list)
    days_checked: int = 0
    machines: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    steps: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _at_cloud: list[tuple[float, int, Step]] = field(default_factory=list)
    _to_see: list[tuple[float, int, Step]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def play(self, report: Callable[[str], object] = lambda _line: None) -> None:
        rng = random.Random(f"{self.plan.seed}/days")
        last_day = self.plan.first_day + timedelta(days=self.plan.days - 1)
        for account in self.accounts:
            self.clouds.of(account).add_strangers(account, first=self.plan.first_day, last=last_day)
        day = self.plan.first_day
        while day <= last_day + timedelta(days=self.plan.settles_days):
            if day <= last_day:
                self._plan_day(day, rng)
            self._live_until(at_midnight(day) + rng.uniform(0.5, 23.5) * HOUR)
            self._do_duties(day)
            self._live_until(at_midnight(day) + DAY)
            report(f"{day}: {len(self._to_see)} changes not seen yet, {len(self.broken)} broken")
            day += timedelta(days=1)
        self.check()

    def check(self) -> None:
        """Everything, of every day."""
        self._check()
        self._compare(since=None)
        self._check_months()

    def _plan_day(self, day: date, rng: random.Random) -> None:
        for number, price_day in enumerate(self.plan.price_days):
            if day == price_day:
                cloud = self.clouds.by_key["azure" if number == 1 else "aws"]
                cloud.raise_prices(number, valid_from=day.isoformat())
        for desktop in list(self.desktops):
            was_over = desktop.is_over
            for step in desktop.live(at_midnight(day)):
                heapq.heappush(self._at_cloud, (step.at, next(self._numbers), step))
            if desktop.is_over and not was_over:
                self._replace(desktop, at_midnight(day) + 1.4 * DAY)
        self._correct(day, rng)

    def _replace(self, desktop: Desktop, at: float) -> None:
        for place, one in enumerate(self.spare):
            if one.account is desktop.account:
                one.born_at = at
                self.desktops.append(self.spare.pop(place))
                return

    def _correct(self, day: date, rng: random.Random) -> None:
        """Three days later, a few machines' cost of a day is corrected."""
        for desktop in self.desktops:
            if rng.random() < CORRECTED_SHARE and desktop.born_at < at_midnight(day) and not desktop.is_over:
                account = desktop.account
                amount = f"{rng.uniform(-0.2, 0.2):.5f}"
                visible_at = at_midnight(day) + 3.5 * DAY
                machine = self._machine(desktop, desktop.generation)
                self.clouds.of(account).correct(
                    account, machine, day=day, amount=amount, visible_at=visible_at
                )

    def _live_until(self, at: float) -> None:
        while self._at_cloud and self._at_cloud[0][0] <= at:
            step = heapq.heappop(self._at_cloud)[2]
            machine = self._machine(step.desktop, step.generation)
            self.machines[step.desktop.workspace_id].add(machine)
            self.steps["gone" if step.state is None else step.state.value] += 1
            self.clouds.of(step.desktop.account).do(step, machine, self._claim(step.desktop, step.generation))
            heapq.heappush(self._to_see, (step.seen_at, next(self._numbers), step))
        seen = []
        while self._to_see and self._to_see[0][0] <= at:
            seen.append(heapq.heappop(self._to_see)[2])
        calm, killed = self.books
        calm.see(self._seen(step) for step in seen)
        marked = {step.desktop.workspace_id for step in seen if step.is_new or step.state is None}
        killed.see_the_same(calm, [self.rows[id_] for id_ in sorted(marked)])
        self.clouds.set_now(at)
        self._now = at

    def _do_duties(self, today: date) -> None:
        for books in self.books:
            books.do_duties(self.accounts, self._now)
        for account in self.accounts:
            first = max(self.plan.first_day, today - timedelta(days=account.reread_days - 1))
            self._expect(account, first=first, last=today)
        self._check()
        self._compare(since=today - timedelta(days=14))

    def _expect(self, account: Account, *, first: date, last: date) -> None:
        found: dict[date, Decimal] = {}
        for cost in self.clouds.of(account).truth(account, first=first, last=last, lag_s=LAG_S):
            found[cost.day] = found.get(cost.day, Decimal(0)) + cost.amount
        for day, amount in found.items():
            self.expected[account.credential_id, day, account.currency] = in_cents(amount)

    def _check(self) -> None:
        """Σ workspaces + remainder = bill, to the cent, on every day so far, in both books."""
        for number, books in enumerate(self.books):
            totals = books.totals()
            self.days_checked += len(totals)
            for what, found in (("bill", self.expected), ("Σ", books.shares())):
                if found != totals:
                    off = {key: (found.get(key), totals.get(key)) for key in found.keys() | totals.keys()}
                    off = {key: both for key, both in off.items() if both[0] != both[1]}
                    self.broken.append(
                        f"books {number}: {what} is not the total: {dict(sorted(off.items()))}"
                    )

    def _check_months(self) -> None:
        """What pages show of a month, by whatever it is grouped, is the bill to the cent."""
        for books in self.books:
            sums, billed = books.month_sums(), defaultdict[tuple[date, str], int](int)
            for (_, day, currency), amount in books.totals().items():
                billed[month_of(day), currency] += amount
            for (month, currency), total in billed.items():
                of = {one: sums.get((month, one.value, currency), (0, 0))[1] for one in Dimension}
                own = total - of[Dimension.REMAINDER]
                wanted = dict.fromkeys(Dimension, own) | {Dimension.DAY: total}
                wanted[Dimension.REMAINDER] = of[Dimension.REMAINDER]
                if of != wanted:
                    self.broken.append(f"{month} in {currency}: {of} is not {wanted}")

    def _compare(self, *, since: date | None) -> None:
        """Kills have changed no row."""
        for table, without in COMPARED:
            first, second = (one.rows(table, without, since=since) for one in self.books)
            if first != second:
                off = sorted(map(str, first ^ second))[:6]
                self.broken.append(f"{table.__tablename__}: {len(first ^ second)} rows differ, as {off}")

    def _seen(self, step: Step) -> tuple[Step, Workspace, dict[str, Any]]:
        row = self.rows[step.desktop.workspace_id]
        return step, row, seen_columns(step, row, self._machine(step.desktop, step.generation))

    def _claim(self, desktop: Desktop, generation: int) -> str:
        return f"{self.installation}/{desktop.uid}/{generation}"

    def _machine(self, desktop: Desktop, generation: int) -> str:
        if desktop.account.has_modes:
            return f"ws-{desktop.workspace_id}g{generation}"
        return vm_name(self._claim(desktop, generation))


def at_midnight(day: date) -> float:
    return datetime.combine(day, datetime.min.time(), UTC).timestamp()
