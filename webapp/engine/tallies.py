"""Adds up the tallies and live sums of a company, so that reading them stays cheap."""

from collections import Counter, defaultdict
from datetime import date, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session, sessionmaker

from webapp.database import read_only_transactions
from webapp.models import CompanyTally, LiveSum

WORTH_IT = 12
"""So many new rows of a company are added up; a look at its version reads them one by one."""
MOST_COMPANIES = 50
"""At once; the others have their turn half a second later."""
A_DAY = timedelta(days=1)


def add_up(sessions: sessionmaker[Session], *, today: date) -> int:
    """Replace the rows of each company that has many new ones by their sums; returns the number of companies.

    Safe to do twice at once: a row is taken by who deletes it, and belongs to exactly one sum.
    """
    with read_only_transactions(), sessions.begin() as session:
        tallied, priced = _crowded(session, CompanyTally), _crowded(session, LiveSum)
    for company_id in tallied:
        with sessions.begin() as session:
            _add_up_tallies(session, company_id)
    for company_id in priced:
        with sessions.begin() as session:
            _add_up_live(session, company_id, today)
    return len({*tallied, *priced})


def _crowded(session: Session, model: type[CompanyTally] | type[LiveSum]) -> list[int]:
    return list(
        session.scalars(
            select(model.company_id)
            .where(~model.is_base)
            .group_by(model.company_id)
            .having(func.count() >= WORTH_IT)
            .order_by(model.company_id)
            .limit(MOST_COMPANIES)
        )
    )


def _add_up_tallies(session: Session, company_id: int) -> None:
    taken = session.execute(
        delete(CompanyTally)
        .where(CompanyTally.company_id == company_id)
        .returning(CompanyTally.subject, CompanyTally.number)
        .execution_options(synchronize_session=False)
    ).all()
    sums: Counter[str] = Counter()
    for subject, number in taken:
        sums[subject] += number
    rows = [
        {"company_id": company_id, "subject": subject, "number": number, "is_base": True}
        for subject, number in sorted(sums.items())
        if number
    ]
    if rows:
        session.execute(insert(CompanyTally), rows)


def _add_up_live(session: Session, company_id: int, today: date) -> None:
    """Of what has changed, and leave the other jobs alone: there may be thousands."""
    changed = select(LiveSum.key).where(LiveSum.company_id == company_id, ~LiveSum.is_base)
    taken = session.execute(
        delete(LiveSum)
        .where(LiveSum.company_id == company_id, LiveSum.key.in_(changed))
        .returning(
            LiveSum.key,
            LiveSum.currency,
            LiveSum.made_on,
            LiveSum.desktops,
            LiveSum.month_prices_minor,
            LiveSum.month_fees_minor,
        )
        .execution_options(synchronize_session=False)
    ).all()
    sums: defaultdict[tuple[str, str | None, date | None], list[int]] = defaultdict(lambda: [0, 0, 0])
    for key, currency, made_on, *numbers in taken:
        # Days before yesterday make no difference any more; yesterday does to a host whose clock is behind.
        day = made_on if made_on is not None and made_on >= today - A_DAY else None
        total = sums[key, currency, day]
        total[:] = [one + more for one, more in zip(total, numbers, strict=True)]
    rows = [
        {
            "company_id": company_id,
            "key": key,
            "currency": currency,
            "made_on": made_on,
            "desktops": numbers[0],
            "month_prices_minor": numbers[1],
            "month_fees_minor": numbers[2],
            "is_base": True,
        }
        for (key, currency, made_on), numbers in sums.items()
        if any(numbers)
    ]
    if rows:
        session.execute(insert(LiveSum), rows)
