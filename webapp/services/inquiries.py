"""Asking a worker something and waiting for the answer, but not for long.

The web process never talks to a cloud: it writes the question into a row, rings, and reads the row again.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from webapp.domain import catalogue
from webapp.domain.errors import Unavailable
from webapp.models import Inquiry, InquiryKind
from webapp.queries import credentials as queries
from webapp.queueing import JobName
from webapp.services.doors import Doors
from webapp.services.waiting import PATIENCE_S, wait_until

FRESH = timedelta(minutes=10)
"""How old a list of bundles may be before it is asked for again."""


def ask(doors: Doors, *, credential_id: int, kind: InquiryKind, is_anew: bool = False) -> Inquiry:
    """Open the question and ring; commits, does not wait.

    A question that is open already is joined, unless `is_anew`: then an answer under way is about
    something older, and does not count.
    """
    inquiry = queries.find_inquiry(doors.session, credential_id=credential_id, kind=kind)
    if inquiry is None:
        inquiry = _open_first(doors, credential_id, kind)
    elif is_anew or not inquiry.is_open:
        doors.session.execute(
            update(Inquiry)
            .where(Inquiry.id == inquiry.id)
            .values(asked_at=doors.clock.now(), answered_at=None, failure=None)
        )
        doors.session.commit()
    else:
        doors.session.commit()  # not a rollback: that would read the row anew and leave a transaction open
    doors.bell.ring(JobName.ANSWER, inquiry.id)
    return inquiry


def ask_and_wait(
    doors: Doors, *, credential_id: int, kind: InquiryKind, patience_s: float = PATIENCE_S
) -> Inquiry:
    """Ask, then wait for the answer at most `patience_s`; the caller looks whether `is_open` still.

    When too many wait already, the question is asked and nobody waits.
    """
    ask(doors, credential_id=credential_id, kind=kind)

    def look() -> Inquiry:
        inquiry = queries.find_inquiry(doors.session, credential_id=credential_id, kind=kind)
        if inquiry is None:
            raise Unavailable("The credential was deleted meanwhile.")
        return inquiry

    return wait_until(doors, look, lambda inquiry: not inquiry.is_open, patience_s=patience_s)


def bundles_of(
    doors: Doors, *, credential_id: int, refresh: bool = False, patience_s: float = PATIENCE_S
) -> list[dict[str, Any]]:
    """The bundles of a credential, from the last answer while it is fresh. Raises Unavailable."""
    inquiry = queries.find_inquiry(doors.session, credential_id=credential_id, kind=InquiryKind.LIST_BUNDLES)
    if inquiry is None or refresh or not is_fresh(inquiry, now=doors.clock.now()):
        inquiry = ask_and_wait(
            doors, credential_id=credential_id, kind=InquiryKind.LIST_BUNDLES, patience_s=patience_s
        )
    if inquiry.answer is not None and not (refresh and (inquiry.is_open or inquiry.failure)):
        return list(inquiry.answer["bundles"])
    code = "not_answered_yet" if inquiry.is_open or inquiry.failure is None else inquiry.failure["code"]
    entry = trouble_of(code)
    raise Unavailable(f"{entry.message} {entry.remedy}", code=code, retry_after_s=5)


def trouble_of(code: str) -> catalogue.Entry:
    """The words for a question that failed. Unlike work, nobody repeats it, and it changed nothing."""
    entry = catalogue.entry("cloud_unreachable" if code == "answer_lost" else code)
    if not entry.is_transient:
        return entry
    return replace(entry, remedy="Ask again in a moment. If it lasts, look at the cloud's health page.")


def is_fresh(inquiry: Inquiry, *, now: datetime) -> bool:
    return inquiry.answer_at is not None and inquiry.answer_at > now - FRESH


def _open_first(doors: Doors, credential_id: int, kind: InquiryKind) -> Inquiry:
    doors.session.add(Inquiry(credential_id=credential_id, kind=kind, asked_at=doors.clock.now()))
    try:
        doors.session.commit()
    except IntegrityError:
        doors.session.rollback()  # someone else asked first; theirs serves us as well
    inquiry = queries.find_inquiry(doors.session, credential_id=credential_id, kind=kind)
    if inquiry is None:
        raise Unavailable("The credential was deleted meanwhile.")
    doors.session.commit()
    return inquiry
