"""Tests of credentials that a passing trouble kept from a result."""

from tests.desk import Desk
from webapp.models import CredentialStatus, Inquiry, InquiryKind
from webapp.queries.credentials import find_inquiry
from webapp.services.inquiries import ask


def last_test(desk: Desk) -> Inquiry:
    found = find_inquiry(desk.session, credential_id=desk.credential_id, kind=InquiryKind.TEST_CREDENTIAL)
    desk.session.commit()
    assert found is not None
    return found


def test_a_first_test_without_a_result_is_repeated_until_it_has_one(desk: Desk) -> None:
    fault = desk.sandbox.add_fault("http_503", operation="StopWorkspaces", times=-1)
    desk.credential_id = desk.add_credential("Second")
    assert desk.credential().status is CredentialStatus.UNTESTED

    desk.live(50)
    assert desk.credential().status is CredentialStatus.UNTESTED
    desk.sandbox.clear_faults(fault)
    desk.live(90)

    assert desk.credential().is_usable


def test_a_test_stops_asking_when_the_cloud_falls_silent(desk: Desk) -> None:
    desk.sandbox.add_fault("drop_before", operation="DescribeTags", times=-1)
    before = len(desk.sandbox.ledger())

    ask(desk.context, credential_id=desk.credential_id, kind=InquiryKind.TEST_CREDENTIAL)
    desk.work()

    asked = [call["operation"] for call in desk.sandbox.ledger()][before:]
    assert asked[-2:] == ["DescribeTags", "DescribeTags"]
    checks = (last_test(desk).answer or {})["checks"]
    assert checks[-1]["message"] == "Not tested, because the cloud stopped answering."
    assert desk.credential().is_usable, "a passing trouble takes nothing from a good credential"


def test_a_test_with_a_result_is_not_repeated(desk: Desk) -> None:
    tested_at = last_test(desk).answered_at

    desk.live(600)

    assert last_test(desk).answered_at == tested_at
