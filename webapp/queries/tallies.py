"""What a company has, from its tallies: a handful of rows, however much it is."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from webapp.models import CompanyTally
from webapp.models.company_tally import VERSION

AnySession = Session | scoped_session[Session]


def read_version(session: AnySession, *, company_id: int) -> int:
    """Changes when anything does that lists or the start page show.

    Read it before what it stands for: a version that is too old only costs one more look.
    """
    return (
        session.scalar(
            select(func.sum(CompanyTally.number)).where(
                CompanyTally.company_id == company_id, CompanyTally.subject == VERSION
            )
        )
        or 0
    )


def read_tallies(session: AnySession, *, company_id: int) -> dict[str, int]:
    """The number of each subject."""
    found = session.execute(
        select(CompanyTally.subject, func.sum(CompanyTally.number))
        .where(CompanyTally.company_id == company_id)
        .group_by(CompanyTally.subject)
    )
    return {subject: int(number) for subject, number in found}
