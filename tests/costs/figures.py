"""What a campaign has shown, in figures."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from tests.costs.accounts import Account
from tests.costs.campaign import Campaign
from webapp.domain.costs.bills import Source

WORTH_COMPARING = Decimal(100)
"""Cents. A machine that lived for minutes says nothing about per cents."""
MOST_OFF = 1.0
"""Per cent, of an account whose prices are known."""
LEAST_KNOWN = 0.8
"""Of an account's desktops; with fewer the comparison would be of the few that happen to be left."""


@dataclass(slots=True)
class Compared:
    """Estimated and billed, in cents of the bill's currency."""

    desktops: int = 0
    estimated: Decimal = Decimal(0)
    billed: Decimal = Decimal(0)
    off: list[float] = field(default_factory=list)
    """By desktop, in per cent of its bill."""

    def add(self, estimated: Decimal, billed: Decimal) -> None:
        self.desktops += 1
        self.estimated += estimated
        self.billed += billed
        if billed >= WORTH_COMPARING:
            self.off.append(float((estimated - billed) / billed * 100))

    @property
    def off_in_all(self) -> float:
        """In per cent."""
        return float((self.estimated - self.billed) / self.billed * 100) if self.billed else 0.0

    def __str__(self) -> str:
        sizes = sorted(abs(one) for one in self.off) or [0.0]
        return (
            f"{self.desktops} desktops, estimated {self.estimated / 100:.2f}, billed {self.billed / 100:.2f}:"
            f" {self.off_in_all:+.2f} %; by desktop {sizes[len(sizes) // 2]:.2f} % (median),"
            f" {sizes[len(sizes) * 99 // 100]:.2f} % (of 99 in 100), {sizes[-1]:.2f} % (worst)"
        )


def compare(campaign: Campaign) -> dict[tuple[Account, bool], Compared]:
    """Each desktop's whole time: by account, and whether all its prices were known.

    List prices are in dollars: for a bill in another currency the estimate is converted at the rate at which
    the simulated cloud bills. Berth itself never converts.
    """
    plan, books = campaign.plan, campaign.books[0]
    last_day = plan.first_day + timedelta(days=plan.days - 1)
    estimated, unpriced = defaultdict[int, int](int), books.unpriced()
    for (workspace_id, day), (currency, amount) in books.by_desktop(Source.ESTIMATED).items():
        assert currency == "USD"
        estimated[workspace_id] += amount if day <= last_day else 0
    found: dict[tuple[Account, bool], Compared] = {}
    of_machine = {name: id_ for id_, names in campaign.machines.items() for name in names}
    for account in campaign.accounts:
        billed = defaultdict[int, Decimal](Decimal)
        costs = campaign.clouds.of(account).truth(account, first=plan.first_day, last=last_day, lag_s=0)
        for cost in costs:
            billed[of_machine.get(cost.machine, 0)] += cost.amount * 100
        for desktop in campaign.desktops:
            id_ = desktop.workspace_id
            if desktop.account is account and id_ in campaign.machines:
                key = (account, id_ not in unpriced)
                in_dollars = Decimal(estimated[id_]) * Decimal(account.rate)
                found.setdefault(key, Compared()).add(in_dollars, billed[id_])
    return found


def check_estimates(campaign: Campaign) -> Iterator[str]:
    """What is wrong with them."""
    compared = compare(campaign)
    for account in campaign.accounts:
        known, others = (compared.get((account, is_known), Compared()) for is_known in (True, False))
        if abs(known.off_in_all) > MOST_OFF:
            yield f"{account}: estimated {known.off_in_all:+.2f} % off"
        if known.desktops < LEAST_KNOWN * (known.desktops + others.desktops):
            yield f"{account}: of {known.desktops + others.desktops} only {known.desktops} have known prices"


def report(campaign: Campaign) -> Iterator[str]:
    plan, (calm, killed) = campaign.plan, campaign.books
    steps = ", ".join(f"{number:,} {name}" for name, number in sorted(campaign.steps.items()))
    yield f"{len(campaign.machines):,} desktops, {plan.days} days, prices changed on {len(plan.price_days)}"
    yield f"steps: {steps}"
    yield f"days of bills compared to the cent: {campaign.days_checked:,} ({len(calm.totals()):,} different)"
    yield f"kills: {sum(killed.kills.values()):,} ({killed.kills})"
    remainders = calm.remainders()
    totals = calm.totals()
    for account in campaign.accounts:
        bill = sum(cents for key, cents in totals.items() if key[0] == account.credential_id)
        rest = {name: cents for (one, name), cents in remainders.items() if one == account.credential_id}
        names = ", ".join(f"{name} {cents / 100:,.2f}" for name, cents in sorted(rest.items()))
        own = (bill - sum(rest.values())) / 100
        yield f"{account}: bill {bill / 100:,.2f} = workspaces {own:,.2f} + {names}"
    for (account, is_known), one in compare(campaign).items():
        yield f"{account}, prices {'known' if is_known else 'not all known'}: {one}"
    for cloud in campaign.clouds.by_key.values():
        yield f"calls about bills (both books, kills included): {cloud.billing_calls()}"
