"""What a company has, from its tallies: a handful of rows, however much it is."""

from collections.abc import Collection

from sqlalchemy import ScalarSelect, bindparam, func, select
from sqlalchemy.orm import Session, scoped_session

from webapp.models import CompanyTally
from webapp.models.company_tally import VERSION

AnySession = Session | scoped_session[Session]

# Composed once, as every statement of the polls: composing one costs as much CPU as its answer.
_VERSION = select(func.sum(CompanyTally.number)).where(
    CompanyTally.company_id == bindparam("company"), CompanyTally.subject == VERSION
)
_TALLIES = (
    select(CompanyTally.subject, func.sum(CompanyTally.number))
    .where(CompanyTally.company_id == bindparam("company"))
    .group_by(CompanyTally.subject)
)


def read_version(session: AnySession, *, company_id: int) -> int:
    """Changes when anything does that lists or the start page show.

    Read it before what it stands for: a version that is too old only costs one more look.
    """
    return session.scalar(_VERSION, {"company": company_id}) or 0


def read_tallies(session: AnySession, *, company_id: int) -> dict[str, int]:
    """The number of each subject."""
    found = session.execute(_TALLIES, {"company": company_id})
    return {subject: int(number) for subject, number in found}


def sum_of(subjects: Collection[str], *, company_id: int) -> ScalarSelect[int]:
    """The number of several together, as a part of another query; NULL for none."""
    return (
        select(func.sum(CompanyTally.number))
        .where(CompanyTally.company_id == company_id, CompanyTally.subject.in_(subjects))
        .scalar_subquery()
    )
