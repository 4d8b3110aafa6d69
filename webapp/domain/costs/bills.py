"""A cloud's bill, and how it is divided among our workspaces: to the cent, with a named remainder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum

from webapp.domain.costs.exact import LONGEST_DIGITS
from webapp.domain.costs.money import allot, in_minor_units, minor_digits


class Source(StrEnum):
    """Where a figure is from. Never add two of them up."""

    ESTIMATED = "estimated"
    """List prices × the time of our own log."""
    BILLED = "billed"


class Remainder(StrEnum):
    """What the account was billed that no workspace explains."""

    UNMARKED = "unmarked"
    """The desktop service's cost without our mark: other machines, or cost from before the mark counted."""
    OTHER_MACHINES = "other_machines"
    """Marked, or named, as a machine that no record of this account knows."""
    OTHER_SERVICES = "other_services"
    """Everything else on the account's bill."""


OF_POOL = "pool:"
"""Before the id of a warm pool, as the name of a remainder."""


@dataclass(frozen=True, slots=True)
class OfPool:
    """What the desktops of one warm pool cost while they wait: no workspace explains it, and Berth does."""

    pool_id: int


def pool_of(key: str) -> int | None:
    """The id of the warm pool of which a remainder with this name is."""
    head, _, number = key.partition(OF_POOL)
    return int(number) if not head and number.isdigit() else None


Owner = int | OfPool | Remainder
"""A workspace's id, a warm pool, or nothing that Berth knows."""


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A part of a day's bill."""

    amount: Decimal
    """In major units; negative for a credit."""
    machine: str | None
    """The id of the machine, or the workspace's uid from our mark; None if the bill does not say."""
    is_desktop: bool = True
    """Of the service that desktops are made of."""


@dataclass(frozen=True, slots=True)
class BilledDay:
    """An account's bill of one UTC day in one currency."""

    day: date
    currency: str
    lines: Sequence[BilledLine]
    is_provisional: bool
    """The cloud may still change it."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What a driver reads at once."""

    days: tuple[BilledDay, ...]
    """In order; a day that the cloud has no cost for yet is missing."""
    first_day: date
    """All days from here on were asked for, perhaps not all that the caller wanted."""
    is_by_machine: bool
    """False: by our mark on the machines, which counts only from when the account has activated it."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one workspace, or a remainder, has of a day's bill."""

    of: Owner
    amount_minor: int


@dataclass(frozen=True, slots=True)
class SharedDay:
    day: date
    currency: str
    total_minor: int
    """The account's bill. The shares add up to it exactly."""
    shares: tuple[Share, ...]
    is_provisional: bool


def share_out(bill: BilledDay, known: Mapping[str, int | OfPool]) -> SharedDay:
    """The day's bill by workspace. `known`: whose a machine is, by all that a bill may call it, in small
    letters."""
    exact: dict[Owner, Decimal] = {}
    with localcontext(prec=LONGEST_DIGITS):
        for line in bill.lines:
            of = _owner(line, known)
            exact[of] = exact.get(of, Decimal(0)) + line.amount
        total = sum(exact.values(), Decimal(0))
        owners = sorted(exact, key=_place)
        minor = [exact[of].scaleb(minor_digits(bill.currency)) for of in owners]
    total_minor = in_minor_units(total, bill.currency)
    amounts = allot(total_minor, minor)
    shares = tuple(Share(of, amount) for of, amount in zip(owners, amounts, strict=True))
    return SharedDay(bill.day, bill.currency, total_minor, shares, bill.is_provisional)


def _owner(line: BilledLine, known: Mapping[str, int | OfPool]) -> Owner:
    if not line.is_desktop:
        return Remainder.OTHER_SERVICES
    if not line.machine:
        return Remainder.UNMARKED
    return known.get(line.machine.lower(), Remainder.OTHER_MACHINES)


def _place(of: Owner) -> tuple[int, int, str]:
    """Workspaces by id, then the pools, then the remainders: the same shares in every reading."""
    match of:
        case OfPool():
            return (1, of.pool_id, "")
        case Remainder():
            return (2, 0, of.value)
        case _:
            return (0, of, "")
