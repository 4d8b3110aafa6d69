"""Bundles: read again before the list is a day old, so that an order never waits for it.

An order is checked against a list that is not older than that (`services/orders.KNOWN_BUNDLES`).
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.engine.duties.kinds import every
from webapp.engine.inquiry_rows import bundles_answer, keep_answer
from webapp.engine.run import Run
from webapp.models import Inquiry, InquiryKind

INTERVAL = timedelta(hours=20)
"""Leaves four hours for retries."""
next_due = every(INTERVAL)


def read_bundles(run: Run) -> None:
    began_at = run.engine.clock.now()
    answer = bundles_answer(run.credential, run.driver.list_bundles(today=began_at.date()))
    keep_answer(run, InquiryKind.LIST_BUNDLES, answer, began_at=began_at)


def first_due(run: Run, now: datetime) -> datetime:
    """An interval after the existing list; there is one as soon as a first test has passed."""
    of_bundles = (Inquiry.credential_id == run.credential.id, Inquiry.kind == InquiryKind.LIST_BUNDLES)
    with run.engine.sessions.begin() as session:
        read_at = session.scalar(select(Inquiry.answer_at).where(*of_bundles))
    return next_due(run, read_at or now)
