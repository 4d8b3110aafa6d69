"""How many desktops live, from sums that the database keeps: a handful of rows, however many desktops."""

from collections.abc import Collection, Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from webapp.models import LiveSum
from webapp.models.live_sum import OF_COMPANY, of_account

AnySession = Session | scoped_session[Session]


def count_live(session: AnySession, *, company_id: int, credential_id: int | None = None) -> int:
    """Live desktops of a company or of its account, also those that are being made or ended."""
    key = OF_COMPANY if credential_id is None else of_account(credential_id)
    return _count(session, [key], company_id=company_id).get(key, 0)


def count_live_by_credential(
    session: AnySession, credential_ids: Iterable[int], *, company_id: int
) -> dict[int, int]:
    """The same for several accounts; for each a number."""
    keys = {one: of_account(one) for one in credential_ids}
    found = _count(session, list(keys.values()), company_id=company_id)
    return {one: found.get(key, 0) for one, key in keys.items()}


def count_live_by_company(session: AnySession, company_ids: Collection[int]) -> dict[int, int]:
    """For the operator, across companies; those without any may be missing."""
    rows = session.execute(
        select(LiveSum.company_id, func.sum(LiveSum.desktops))
        .where(LiveSum.company_id.in_(company_ids), LiveSum.key == OF_COMPANY)
        .group_by(LiveSum.company_id)
    )
    return {company_id: int(number) for company_id, number in rows}


def _count(session: AnySession, keys: list[str], *, company_id: int) -> dict[str, int]:
    rows = session.execute(
        select(LiveSum.key, func.sum(LiveSum.desktops))
        .where(LiveSum.company_id == company_id, LiveSum.key.in_(keys))
        .group_by(LiveSum.key)
    )
    return {key: int(number) for key, number in rows}
