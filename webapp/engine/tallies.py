"""Adds up the tallies of a company, so that reading them stays cheap."""

from collections import Counter

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session, sessionmaker

from webapp.database import read_only_transactions
from webapp.models import CompanyTally

WORTH_IT = 12
"""So many new rows of a company are added up; a look at its version reads them one by one."""
MOST_COMPANIES = 50
"""At once; the others have their turn half a second later."""


def add_up(sessions: sessionmaker[Session]) -> int:
    """Replace the rows of each company that has many new ones by their sums; returns the number of companies.

    Safe to do twice at once: a row is taken by who deletes it, and belongs to exactly one sum.
    """
    is_new = ~CompanyTally.is_base
    with read_only_transactions(), sessions.begin() as session:
        crowded = session.scalars(
            select(CompanyTally.company_id)
            .where(is_new)
            .group_by(CompanyTally.company_id)
            .having(func.count() >= WORTH_IT)
            .order_by(CompanyTally.company_id)
            .limit(MOST_COMPANIES)
        ).all()
    for company_id in crowded:
        with sessions.begin() as session:
            _add_up_one(session, company_id)
    return len(crowded)


def _add_up_one(session: Session, company_id: int) -> None:
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
