"""What may keep a company from ordering one more desktop: a cap on live desktops, or a budget.

Checked in the order's own transaction. Orders of a company that has such a limit take turns on its row, so
that each counts those before it; a credential's own cap needs only its row, which the order has locked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from webapp.domain.costs.budgets import (
    Figure,
    Spending,
    Subject,
    Term,
    exceeded_by,
    how_many_fit,
    last_day_of,
)
from webapp.domain.costs.money import Money
from webapp.domain.costs.spans import day_of
from webapp.domain.errors import Conflict
from webapp.domain.webhooks import BUDGET_REACHED
from webapp.models import Budget, CloudCredential, Company, Workspace
from webapp.models.budget import key_of
from webapp.models.budget_notice import tell
from webapp.queries import budgets as queries
from webapp.queries.cohorts import find_cohort_id
from webapp.queries.live_sums import count_live
from webapp.queries.posting_limit import without_limit
from webapp.services.context import ServiceContext

WHO_MAY = "Owners, managers and finance can change it under Costs, Budgets."
WHO_RUNS = "Whoever runs this Berth has set that limit."


class BudgetReached(Conflict):
    def __init__(self, message: str, budget: Budget, figure: Figure) -> None:
        super().__init__(message, code="budget_reached", extra={"budget_id": budget.id})
        self.budget, self.figure = budget, figure


@dataclass(frozen=True, slots=True)
class Ordered:
    """What is about to be ordered, or changed."""

    company_id: int
    credential_id: int
    job_posting_id: int
    cohort_id: int | None
    price: Money | None
    """A month of it; None: not known."""

    @classmethod
    def of(
        cls, columns: Mapping[str, Any], *, company_id: int, job_posting_id: int, cohort_id: int | None
    ) -> "Ordered":
        minor = columns["month_price_minor"]
        price = None if minor is None else Money(columns["price_currency"], minor)
        return cls(company_id, columns["credential_id"], job_posting_id, cohort_id, price)

    @property
    def keys(self) -> list[str]:
        keys = [key_of(Subject.COMPANY), key_of(Subject.JOB, self.job_posting_id)]
        return keys if self.cohort_id is None else [*keys, key_of(Subject.COHORT, self.cohort_id)]


def check_order(context: ServiceContext, ordered: Ordered) -> None:
    """For a new desktop; its credential is locked. Raises Conflict, BudgetReached."""
    with without_limit(context.session):  # limits are the whole company's
        _check_account(context, ordered)
        if not queries.has_limits(context.session, company_id=ordered.company_id):
            return
        own, quota = _take_turn(context, ordered.company_id)
        for cap, who_may in ((own, WHO_MAY), (quota, WHO_RUNS)):
            if cap is not None and _live(context, ordered.company_id) >= cap:
                raise _too_many(
                    f"Your company may have {_desktops(cap)} at once, and has that many. {who_may}"
                )
        _check_budgets(context, ordered, more=ordered.price)


def room_for(
    context: ServiceContext, credential: CloudCredential, price: Money | None, *, company_id: int, wanted: int
) -> int:
    """How many of so many orders the caps and the company's budgets leave room for now; locks nothing."""
    with without_limit(context.session):  # limits are the whole company's
        caps = {None: queries.find_cap(context.session, company_id=company_id)}
        caps |= {credential.id: credential.most_desktops}
        left = [wanted]
        for credential_id, cap in caps.items():
            if cap is not None:
                left.append(max(cap - _live(context, company_id, credential_id), 0))
        if price is None:
            return min(left)
        now = context.clock.now()
        found = queries.find_budgets(
            context.session, company_id=company_id, keys=[key_of(Subject.COMPANY)], currency=price.currency
        )
        strict, day = [one for one in found if not one.is_lifted(now)], day_of(now)
        spending = _spending_of_people(context, strict, company_id, day)
        for one in strict:
            each = price.amount_minor
            left.append(
                how_many_fit(one.limits, spending[one.id], day, month_price_minor=each, at_most=wanted)
            )
        return min(left)


def check_change(context: ServiceContext, ordered: Ordered, before: Workspace) -> None:
    """For an order that is changed: only what becomes more. Raises Conflict, BudgetReached."""
    with without_limit(context.session):  # limits are the whole company's
        if ordered.credential_id != before.credential_id:
            _check_account(context, ordered)
        more = _difference(ordered.price, before)
        if more is not None and queries.has_limits(context.session, company_id=ordered.company_id):
            _take_turn(context, ordered.company_id)
            _check_budgets(context, ordered, more=more)


def check_becomes(context: ServiceContext, row: Workspace, columns: Mapping[str, Any]) -> None:
    """For a live desktop that becomes another, at the price in `columns`; takes the turn.

    Raises Conflict, BudgetReached.
    """
    take_turn(context, row)
    check_change(context, becoming(context, row, columns), row)


def becoming(context: ServiceContext, row: Workspace, columns: Mapping[str, Any]) -> Ordered:
    """What the desktop of this row is to become, for the same job and group."""
    return Ordered.of(
        {"credential_id": row.credential_id, **columns},
        company_id=row.company_id,
        job_posting_id=row.application.job_posting_id,
        cohort_id=find_cohort_id(context.session, row),
    )


def check_beside(context: ServiceContext, ordered: Ordered, kept: Workspace) -> None:
    """For an order that takes over from a desktop that is kept: both are there, and paid for.

    One may be there more than a cap allows, and no second one. Raises Conflict, BudgetReached.
    """
    with without_limit(context.session):  # limits are the whole company's
        if queries.has_limits(context.session, company_id=ordered.company_id):
            _take_turn(context, ordered.company_id)
        cap = _passed_cap(context, kept)
        if cap is not None:
            one_more = f"At most {_desktops(cap)} may be there at once, and one more while one is kept: it is"
            raise _too_many(f"{one_more} there already. Delete the former desktop now instead. {WHO_MAY}")
        _check_budgets(context, ordered, more=ordered.price)


def check_return(context: ServiceContext, row: Workspace) -> None:
    """For a desktop that is given back: after a hand-over it is one more. Raises Conflict.

    It counts already, for each order at the same moment too, so this needs no turn.
    """
    if row.replaced_by_id is None:
        return
    with without_limit(context.session):  # limits are the whole company's
        cap = _passed_cap(context, row)
    if cap is not None:
        too_many = f"Another desktop took over from this one, and at most {_desktops(cap)} may be"
        raise _too_many(f"{too_many} there at once. {WHO_MAY}")


def _passed_cap(context: ServiceContext, row: Workspace) -> int | None:
    """Of the row's company or account: the one that is passed already."""
    credential = context.session.get_one(CloudCredential, row.credential_id)
    caps = {None: queries.find_cap(context.session, company_id=row.company_id)}
    caps |= {credential.id: credential.most_desktops}
    for credential_id, cap in caps.items():
        if cap is not None and _live(context, row.company_id, credential_id) > cap:
            return cap
    return None


def take_turn(context: ServiceContext, row: Workspace) -> None:
    """Nobody else orders in its account, or in a company with limits, until the commit.

    Before a contract is locked, as with an order: credential, company, application.
    """
    credential = select(CloudCredential.id).where(CloudCredential.id == row.credential_id)
    context.session.execute(credential.with_for_update())
    if queries.has_limits(context.session, company_id=row.company_id):
        _take_turn(context, row.company_id)


def check_move(context: ServiceContext, row: Workspace, *, job_posting_id: int) -> None:
    """For a live desktop that goes on for another job: by that job's budgets; the turn is taken.

    Raises BudgetReached.
    """
    if row.month_price_minor is None or row.price_currency is None:
        return
    price = Money(row.price_currency, row.month_price_minor)
    ordered = Ordered(row.company_id, row.credential_id, job_posting_id, None, price)
    with without_limit(context.session):  # limits are the whole company's
        _check_budgets(context, ordered, more=price, keys=[key_of(Subject.JOB, job_posting_id)])


def tell_refusal(context: ServiceContext, refusal: BudgetReached) -> None:
    """After the order's transaction was given up. Commits."""
    tell(context.session, BUDGET_REACHED, refusal.budget, refusal.figure, at=context.clock.now())
    context.session.commit()


def _take_turn(context: ServiceContext, company_id: int) -> tuple[int | None, int | None]:
    """The company's own cap, and the operator's. Always after the credential's lock: two locks, one order."""
    caps = select(Company.most_desktops, Company.quota_desktops).where(Company.id == company_id)
    own, quota = context.session.execute(caps.with_for_update(key_share=True)).one()
    return own, quota


def _check_account(context: ServiceContext, ordered: Ordered) -> None:
    credential = context.session.get_one(CloudCredential, ordered.credential_id)  # locked, so it is loaded
    cap = credential.most_desktops
    if cap is not None and _live(context, ordered.company_id, ordered.credential_id) >= cap:
        raise _too_many(
            f"“{credential.name}” may have {_desktops(cap)} at once, and has that many. {WHO_MAY}"
        )


def _live(context: ServiceContext, company_id: int, credential_id: int | None = None) -> int:
    return count_live(context.session, company_id=company_id, credential_id=credential_id)


def _check_budgets(
    context: ServiceContext, ordered: Ordered, *, more: Money | None, keys: list[str] | None = None
) -> None:
    """Nothing that has no known price is refused for it: that would be a guess."""
    if more is None:
        return
    now, company_id = context.clock.now(), ordered.company_id
    found = queries.find_budgets(
        context.session, company_id=company_id, keys=keys or ordered.keys, currency=more.currency
    )
    strict = [one for one in found if not one.is_lifted(now)]
    day = day_of(now)
    spending = _spending_of_people(context, strict, company_id, day)
    for one in strict:
        passed = exceeded_by(one.limits, spending[one.id], day, month_price_minor=more.amount_minor)
        if passed is not None:
            context.session.expunge(one)  # what is said of it afterwards outlives the transaction
            raise BudgetReached(_why_not(context, one, passed), one, passed)


def _spending_of_people(
    context: ServiceContext, strict: Sequence[Budget], company_id: int, day: date
) -> dict[int, Spending]:
    """What waits in warm pools keeps nobody from ordering: the pool ends what is no longer paid for."""
    return queries.read_spending(context.session, strict, company_id=company_id, day=day, with_waiting=False)


def _why_not(context: ServiceContext, budget: Budget, figure: Figure) -> str:
    names = queries.names_of(context.session, [budget], company_id=budget.company_id)
    name = f"of “{names[budget.key][:60]}”" if budget.key in names else "of your company"
    limit, with_it = Money(budget.currency, figure.limit_minor), Money(budget.currency, figure.sum_minor)
    until = "for the whole"
    if figure.term is Term.MONTH:
        until = f"until {last_day_of(day_of(context.clock.now())):%-d %B}"
    return (
        f"With this desktop the budget {name} would be passed: {with_it} of {limit} {until}."
        " Owners, managers and finance can lift or raise it under Costs, Budgets."
    )


def _difference(price: Money | None, before: Workspace) -> Money | None:
    """What a changed order costs more than before; None if that is nothing, or not known."""
    if price is None:
        return None
    if before.month_price_minor is None or before.price_currency != price.currency:
        return price
    more = Money(price.currency, price.amount_minor - before.month_price_minor)
    return more if more.amount_minor > 0 else None


def _desktops(count: int) -> str:
    return "1 live desktop" if count == 1 else f"{count:,} live desktops"


def _too_many(message: str) -> Conflict:
    return Conflict(message, code="desktop_limit_reached")
