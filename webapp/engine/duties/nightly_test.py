"""Test the credential again every night, so that a removed permission shows before somebody orders.

A test without a result after a temporary failure says nothing: the credential and the lines of the last test
stay as they are, and the test is repeated.
"""

from webapp.domain.errors import CloudError
from webapp.engine.account import unblock
from webapp.engine.credential_tests import answer_of, has_result, judge
from webapp.engine.inquiry_rows import keep_answer
from webapp.engine.run import Run
from webapp.models import InquiryKind


def test_credential(run: Run) -> None:
    began_at = run.engine.clock.now()
    report = run.driver.test()
    if report.failure is not None and not has_result(report):
        raise CloudError(report.failure)
    if report.account_id is not None and run.credential.blocked_until is not None:
        # The cloud answers again. Said before the test's outcome is, or the end of the run would undo it.
        unblock(run.engine, run.lease, run.credential)
    judge(run.engine, run.credential, report, lease=run.lease)
    answer = answer_of(report, at=run.engine.clock.now())
    keep_answer(run, InquiryKind.TEST_CREDENTIAL, answer, began_at=began_at)
