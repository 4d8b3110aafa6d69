"""Answering the web's inquiries: test a credential, list its bundles. Reads only, so no lease is needed."""

import logging
from typing import Any

from sqlalchemy import select, update

from webapp.clouds.base import CloudDriver
from webapp.clouds.reports import TestReport
from webapp.domain.duties import READ_BUNDLES, TEST_CREDENTIAL
from webapp.domain.errors import CloudError, Failure
from webapp.engine.account import (
    AccountGate,
    AccountTrouble,
    load_credential,
    make_driver,
    refuse_unproven,
)
from webapp.engine.context import Engine
from webapp.engine.credential_tests import answer_of, has_result, judge
from webapp.engine.duties.rows import succeeded_otherwise
from webapp.engine.inquiry_rows import bundles_answer
from webapp.engine.sweep import TEST_AGAIN_AFTER
from webapp.logging import about
from webapp.models import CloudCredential, CredentialStatus, Inquiry, InquiryKind
from webapp.queueing import JobName

log = logging.getLogger(__name__)


def answer(engine: Engine, inquiry_id: int) -> None:
    """Answer an open inquiry, or repeat a test that had no result; leave all others alone."""
    inquiry = _load(engine, inquiry_id)
    credential = load_credential(engine, inquiry.credential_id) if inquiry else None
    if inquiry is None or credential is None:
        return
    if not inquiry.is_open and not _is_worth_repeating(engine, inquiry, credential):
        return
    with about(inquiry_id=inquiry_id, credential_id=credential.id):
        result, failure = _ask(engine, inquiry, credential)
    _write(engine, inquiry, result, failure)


def _ask(
    engine: Engine, inquiry: Inquiry, credential: CloudCredential
) -> tuple[dict[str, Any] | None, Failure | None]:
    try:
        driver = make_driver(engine, credential, AccountGate(engine, credential, None))
        return _ask_cloud(engine, inquiry.kind, credential, driver)
    except AccountTrouble as trouble:
        if inquiry.kind is InquiryKind.TEST_CREDENTIAL:
            _judge(engine, credential, TestReport(checks=[], failure=trouble.failure))
        return None, trouble.failure
    except CloudError as error:
        return None, error.failure


def _is_worth_repeating(engine: Engine, inquiry: Inquiry, credential: CloudCredential) -> bool:
    """A test without a result after a temporary failure; Berth repeats it so that no person has to."""
    is_undecided = credential.status is CredentialStatus.UNTESTED
    return (
        inquiry.kind is InquiryKind.TEST_CREDENTIAL
        and is_undecided
        and inquiry.answered_at is not None
        and inquiry.answered_at <= engine.clock.now() - TEST_AGAIN_AFTER
    )


def _ask_cloud(
    engine: Engine, kind: InquiryKind, credential: CloudCredential, driver: CloudDriver
) -> tuple[dict[str, Any] | None, Failure | None]:
    began_at = engine.clock.now()
    if kind is InquiryKind.LIST_BUNDLES:
        refuse_unproven(credential, driver)
        answer = bundles_answer(credential, driver.list_bundles(today=began_at.date()))
        succeeded_otherwise(engine, credential.id, READ_BUNDLES, began_at=began_at)
        return answer, None
    report = driver.test()
    _judge(engine, credential, report)
    if has_result(report):
        succeeded_otherwise(engine, credential.id, TEST_CREDENTIAL, began_at=began_at)
    return answer_of(report, at=engine.clock.now()), None


def _judge(engine: Engine, credential: CloudCredential, report: TestReport) -> None:
    """Write the test's outcome on the credential; what waited for a good one goes on at once."""
    is_written = judge(engine, credential, report)
    if is_written and report.is_ok:
        engine.notifier.notify(JobName.RECONCILE, credential.id)
        _prefetch_bundles(engine, credential.id)


def _prefetch_bundles(engine: Engine, credential_id: int) -> None:
    """After a successful test, list the bundles right away, because that is always the next question."""
    with engine.sessions.begin() as session:
        known = session.scalar(
            select(Inquiry.id).where(
                Inquiry.credential_id == credential_id, Inquiry.kind == InquiryKind.LIST_BUNDLES
            )
        )
        if known is not None:
            return
        inquiry = Inquiry(
            credential_id=credential_id, kind=InquiryKind.LIST_BUNDLES, asked_at=engine.clock.now()
        )
        session.add(inquiry)
        session.flush()
        inquiry_id = inquiry.id
    engine.notifier.notify(JobName.ANSWER, inquiry_id)


def _load(engine: Engine, inquiry_id: int) -> Inquiry | None:
    with engine.sessions.begin() as session:
        inquiry = session.scalar(select(Inquiry).where(Inquiry.id == inquiry_id))
        session.expunge_all()
    return inquiry


def _write(engine: Engine, inquiry: Inquiry, result: dict[str, Any] | None, failure: Failure | None) -> None:
    now = engine.clock.now()
    changes: dict[str, Any] = {"answered_at": now, "failure": None}
    if result is not None:
        changes |= {"answer": result, "answer_at": now}
    if failure is not None:
        changes["failure"] = {
            "code": failure.code,
            "cloud_code": failure.cloud_code,
            "detail": failure.detail,
            "transient": failure.trouble.is_transient,
        }
    with engine.sessions.begin() as session:
        # An inquiry that was repeated meanwhile (for another key) stays open.
        session.execute(
            update(Inquiry)
            .where(Inquiry.id == inquiry.id, Inquiry.asked_at == inquiry.asked_at)
            .values(**changes)
        )
