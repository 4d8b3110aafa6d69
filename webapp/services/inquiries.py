"""Inquiries: ask a worker something and wait a short time for the answer.

The web process never calls a cloud: it writes the question to a row, notifies, and rereads the row.
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
from webapp.services.context import ServiceContext
from webapp.services.waiting import PATIENCE_S, wait_until

FRESH = timedelta(minutes=10)
"""How old a list of bundles may be before it is asked for again."""


def ask(
    context: ServiceContext, *, credential_id: int, kind: InquiryKind, must_ask_again: bool = False
) -> Inquiry:
    """Open the question and notify; commits, does not wait.

    An open question is shared, unless `must_ask_again`: then an answer in progress is about
    an older state and does not count.
    """
    inquiry = queries.find_inquiry(context.session, credential_id=credential_id, kind=kind)
    if inquiry is None:
        inquiry = _open_first(context, credential_id, kind)
    elif must_ask_again or not inquiry.is_open:
        context.session.execute(
            update(Inquiry)
            .where(Inquiry.id == inquiry.id)
            .values(asked_at=context.clock.now(), answered_at=None, failure=None)
        )
        context.session.commit()
    else:
        context.session.commit()  # not a rollback: that would read the row again and leave a transaction open
    context.notifier.notify(JobName.ANSWER, inquiry.id)
    return inquiry


def ask_and_wait(
    context: ServiceContext, *, credential_id: int, kind: InquiryKind, patience_s: float = PATIENCE_S
) -> Inquiry:
    """Ask, then wait for the answer at most `patience_s`; the caller checks whether it still `is_open`.

    If too many already wait, ask without waiting.
    """
    ask(context, credential_id=credential_id, kind=kind)

    def look() -> Inquiry:
        inquiry = queries.find_inquiry(context.session, credential_id=credential_id, kind=kind)
        if inquiry is None:
            raise Unavailable("The cloud account has been deleted.")
        return inquiry

    return wait_until(context, look, lambda inquiry: not inquiry.is_open, patience_s=patience_s)


def bundles_of(
    context: ServiceContext, *, credential_id: int, refresh: bool = False, patience_s: float = PATIENCE_S
) -> list[dict[str, Any]]:
    """The bundles of a credential, from the last answer while it is fresh. Raises Unavailable."""
    inquiry = queries.find_inquiry(
        context.session, credential_id=credential_id, kind=InquiryKind.LIST_BUNDLES
    )
    if inquiry is None or refresh or not is_fresh(inquiry, now=context.clock.now()):
        inquiry = ask_and_wait(
            context, credential_id=credential_id, kind=InquiryKind.LIST_BUNDLES, patience_s=patience_s
        )
    if inquiry.answer is not None and not (refresh and (inquiry.is_open or inquiry.failure)):
        return list(inquiry.answer["bundles"])
    code = "not_answered_yet" if inquiry.is_open or inquiry.failure is None else inquiry.failure["code"]
    entry = trouble_of(code)
    raise Unavailable(f"{entry.message} {entry.remedy}", code=code, retry_after_s=5)


def known_bundles_of(context: ServiceContext, *, credential_id: int) -> list[dict[str, Any]] | None:
    """The bundles of the last good answer, however old; None without one. Asks nobody and writes nothing."""
    inquiry = queries.find_inquiry(
        context.session, credential_id=credential_id, kind=InquiryKind.LIST_BUNDLES
    )
    return None if inquiry is None or inquiry.answer is None else list(inquiry.answer["bundles"])


def trouble_of(code: str) -> catalogue.Entry:
    """The message for a failed question. Unlike work, it is not repeated, and it changed nothing."""
    entry = catalogue.entry("cloud_unreachable" if code == "answer_lost" else code)
    if not entry.is_transient:
        return entry
    return replace(entry, remedy="Try again in a moment. If it persists, check the cloud's status page.")


def is_fresh(inquiry: Inquiry, *, now: datetime) -> bool:
    return inquiry.answer_at is not None and inquiry.answer_at > now - FRESH


def _open_first(context: ServiceContext, credential_id: int, kind: InquiryKind) -> Inquiry:
    context.session.add(Inquiry(credential_id=credential_id, kind=kind, asked_at=context.clock.now()))
    try:
        context.session.commit()
    except IntegrityError:
        context.session.rollback()  # someone else asked first; theirs serves us as well
    inquiry = queries.find_inquiry(context.session, credential_id=credential_id, kind=kind)
    if inquiry is None:
        raise Unavailable("The cloud account has been deleted.")
    context.session.commit()
    return inquiry
