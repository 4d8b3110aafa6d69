"""Running modes by real use: what a company wants, and which desktops another mode would make cheaper."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from webapp.domain.costs.modes import NotSwitched, Switching
from webapp.domain.costs.money import Money, by_currency
from webapp.models import CloudCredential, Company, Workspace
from webapp.providers.registry import get_provider
from webapp.queries import credentials
from webapp.queries.workspaces import list_by_ids
from webapp.services.context import ServiceContext


@dataclass(frozen=True, slots=True)
class ModeSaving:
    workspace: Workspace
    mode: str
    """The cheaper one, as the cloud spells it."""
    hours: int
    """Of use by the hour; at most, where it is always on."""
    saves: Money
    """In that month, by list prices."""
    why_not: NotSwitched | None
    """Why it is left to a person; None: nothing is against it."""
    month: date

    @property
    def mode_label(self) -> str:
        return _label(self.workspace, self.mode)

    @property
    def present_label(self) -> str:
        return _label(self.workspace, self.workspace.running_mode)


@dataclass(frozen=True, slots=True)
class ModeSavings:
    switching: Switching
    desktops: Sequence[ModeSaving]
    """The largest savings first."""

    @property
    def sums(self) -> tuple[Money, ...]:
        return by_currency(one.saves for one in self.desktops)


def list_savings(context: ServiceContext, *, company_id: int) -> ModeSavings:
    """As the newest night found them, without those that have that mode by now. Three queries."""
    accounts = credentials.list_credentials(context.session, company_id=company_id)
    kept = [one for account in accounts for one in _kept(account)]
    listed = list_by_ids(context.session, [one["workspace_id"] for one in kept], company_id=company_id)
    rows = {row.id: row for row in listed}
    found = [
        ModeSaving(
            row,
            one["mode"],
            one["hours"],
            Money(one["currency"], one["saves_minor"]),
            None if one["why_not"] is None else NotSwitched(one["why_not"]),
            date.fromisoformat(one["month"]),
        )
        for one in kept
        if (row := rows.get(one["workspace_id"])) is not None and row.running_mode != one["mode"]
    ]
    found.sort(key=lambda one: (-one.saves.amount_minor, one.workspace.id))
    return ModeSavings(switching_of(context, company_id=company_id), found)


def switching_of(context: ServiceContext, *, company_id: int, is_locked: bool = False) -> Switching:
    """`is_locked`: as it is now, and nobody else changes it until the commit."""
    own = select(Company.mode_switching).where(Company.id == company_id)
    return context.session.scalars(own.with_for_update(key_share=True) if is_locked else own).one()


def set_switching(context: ServiceContext, switching: Switching, *, company_id: int) -> None:
    """From the next night on. Commits."""
    context.session.get_one(Company, company_id).mode_switching = switching
    context.session.commit()


def _kept(account: CloudCredential) -> Iterator[dict[str, Any]]:
    savings = account.mode_savings or {}
    for one in savings.get("desktops", ()):
        yield one | {"month": savings["month"]}


def _label(row: Workspace, mode: str) -> str:
    return get_provider(row.cloud_provider).copy.billing.get(mode, mode)
