"""What a contract has cost from its first person to its present one: the cost goes on after a hand-over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webapp.domain.costs.bills import Source
from webapp.domain.costs.money import Money, by_currency
from webapp.models import Workspace
from webapp.queries.contract_chains import Amounts, costs_of_chain, list_chain
from webapp.services.context import ServiceContext


@dataclass(frozen=True, slots=True)
class WholeCost:
    """From the first day on. Two figures that are never added."""

    estimated: Sequence[Money]
    billed: Sequence[Money]


@dataclass(frozen=True, slots=True)
class DesktopCost:
    workspace: Workspace
    cost: WholeCost


@dataclass(frozen=True, slots=True)
class ContractCost:
    desktops: Sequence[DesktopCost]
    """Oldest first."""
    cost: WholeCost
    """Of all of them."""


def contract_cost(context: ServiceContext, workspace: Workspace) -> ContractCost:
    """Of a workspace that the caller has loaded inside its tenant."""
    chain = list_chain(context.session, workspace)
    ids = [one.id for one in chain]
    costs = costs_of_chain(context.session, ids, company_id=workspace.company_id)
    desktops = [DesktopCost(one, _whole([costs.get(one.id, {})])) for one in chain]
    return ContractCost(desktops, _whole(costs.values()))


def _whole(costs: Iterable[Amounts]) -> WholeCost:
    known = [
        (source, Money(currency, minor))
        for amounts in costs
        for currency, by_source in amounts.items()
        for source, minor in by_source.items()
    ]
    estimated, billed = (
        by_currency(amount for source, amount in known if source is wanted)
        for wanted in (Source.ESTIMATED, Source.BILLED)
    )
    return WholeCost(estimated, billed)
