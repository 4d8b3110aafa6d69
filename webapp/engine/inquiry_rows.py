"""Answers to inquiries as they are stored: of a question that a person asked, and of one asked by a duty."""

import dataclasses
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, update

from webapp.clouds.base import Bundle
from webapp.domain.bundle_systems import with_system
from webapp.engine.account import is_ours
from webapp.engine.run import Run
from webapp.models import CloudCredential, Inquiry, InquiryKind


def bundles_answer(credential: CloudCredential, bundles: Iterable[Bundle]) -> dict[str, Any]:
    """With the systems that people gave to bundles of this account."""
    given = credential.bundle_systems
    return {"bundles": [with_system(dataclasses.asdict(bundle), given) for bundle in bundles]}


def keep_answer(run: Run, kind: InquiryKind, answer: dict[str, Any], *, began_at: datetime) -> None:
    """What a duty found out, as if somebody had asked; only while the account is ours and its key the same.

    A question that was asked, or answered, after the duty began keeps its own answer. Where nobody ever
    asked, nothing is kept; a first good test asks for the bundles.
    """
    now = run.engine.clock.now()
    with run.engine.sessions.begin() as session:
        session.execute(
            update(Inquiry)
            .where(
                Inquiry.credential_id == run.credential.id,
                Inquiry.kind == kind,
                exists().where(is_ours(run.lease, run.credential)),
                Inquiry.asked_at <= began_at,
                or_(Inquiry.answer_at.is_(None), Inquiry.answer_at <= began_at),
            )
            .values(answered_at=now, answer=answer, answer_at=now, failure=None)
            .execution_options(synchronize_session=False)
        )
