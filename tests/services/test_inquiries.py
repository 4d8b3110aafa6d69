"""Asking a worker: joined, remembered, and never waited for too long."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.desk import UBUNTU, Desk, WaitingClock
from webapp.domain import catalogue
from webapp.domain.errors import Unavailable
from webapp.models import Inquiry, InquiryKind
from webapp.queueing import JobName
from webapp.services import inquiries
from webapp.services.context import ServiceContext
from webapp.services.inquiries import FRESH
from webapp.services.waiting import MAY_WAIT, PATIENCE_S
from webapp.services.workspace_actions import refresh


@pytest.fixture
def alone(desk: Desk) -> ServiceContext:
    """The entry points of an installation whose workers are away."""
    return ServiceContext(
        desk.session, WaitingClock(desk.clock), desk.notifier, desk.settings, desk.context.sealer
    )


def _later(desk: Desk, step: timedelta) -> None:
    desk.clock.pause(step.total_seconds())


def test_bundles_are_remembered_while_they_are_fresh(desk: Desk) -> None:
    first = inquiries.bundles_of(desk.context, credential_id=desk.credential_id)
    calls = len(desk.calls("DescribeWorkspaceBundles"))
    _later(desk, FRESH - timedelta(seconds=1))

    again = inquiries.bundles_of(desk.context, credential_id=desk.credential_id)

    assert UBUNTU in {bundle["bundle_id"] for bundle in first}
    assert again == first
    assert len(desk.calls("DescribeWorkspaceBundles")) == calls


def test_old_bundles_are_asked_for_again(desk: Desk) -> None:
    calls = len(desk.calls("DescribeWorkspaceBundles"))
    _later(desk, FRESH + timedelta(seconds=1))

    inquiries.bundles_of(desk.context, credential_id=desk.credential_id)

    assert len(desk.calls("DescribeWorkspaceBundles")) > calls


def test_a_person_may_ask_again_at_once(desk: Desk) -> None:
    calls = len(desk.calls("DescribeWorkspaceBundles"))
    _later(desk, timedelta(seconds=1))

    inquiries.bundles_of(desk.context, credential_id=desk.credential_id, refresh=True)

    assert len(desk.calls("DescribeWorkspaceBundles")) > calls


def test_askers_at_the_same_time_share_one_question(desk: Desk, alone: ServiceContext) -> None:
    kind = InquiryKind.TEST_CREDENTIAL
    asked = {
        (one.id, one.asked_at)
        for one in (inquiries.ask(alone, credential_id=desk.credential_id, kind=kind) for _ in range(3))
    }

    assert len(asked) == 1
    assert desk.notifier.notifications == [(JobName.ANSWER, asked.pop()[0])]
    with desk.sessions.begin() as session:
        assert session.scalar(select(func.count()).where(Inquiry.kind == kind)) == 1


def test_after_ten_seconds_a_page_says_that_there_is_no_answer_yet(desk: Desk, alone: ServiceContext) -> None:
    began_s = desk.clock.monotonic_s()

    with pytest.raises(Unavailable) as caught:
        inquiries.bundles_of(alone, credential_id=desk.credential_id, refresh=True)

    assert caught.value.code == "not_answered_yet"
    assert caught.value.retry_after_s
    assert PATIENCE_S - 1 <= desk.clock.monotonic_s() - began_s <= PATIENCE_S


def test_old_bundles_are_better_than_none_when_the_workers_are_down(
    desk: Desk, alone: ServiceContext
) -> None:
    _later(desk, FRESH * 2)

    bundles = inquiries.bundles_of(alone, credential_id=desk.credential_id)

    assert UBUNTU in {bundle["bundle_id"] for bundle in bundles}


def test_an_answer_that_comes_late_is_there_for_the_next_who_asks(desk: Desk, alone: ServiceContext) -> None:
    with pytest.raises(Unavailable):
        inquiries.bundles_of(alone, credential_id=desk.credential_id, refresh=True)
    desk.work()

    assert inquiries.bundles_of(alone, credential_id=desk.credential_id)


def test_no_transaction_stays_open_while_somebody_waits(desk: Desk, alone: ServiceContext) -> None:
    open_ones: list[bool] = []
    clock = WaitingClock(desk.clock)
    clock.work = lambda: open_ones.append(desk.session.in_transaction())
    waiting = ServiceContext(desk.session, clock, desk.notifier, desk.settings, desk.context.sealer)

    inquiries.ask_and_wait(waiting, credential_id=desk.credential_id, kind=InquiryKind.TEST_CREDENTIAL)

    assert open_ones
    assert not any(open_ones)


def test_joining_a_question_leaves_no_transaction_open(desk: Desk, alone: ServiceContext) -> None:
    for _ in range(2):
        inquiries.ask(alone, credential_id=desk.credential_id, kind=InquiryKind.TEST_CREDENTIAL)

    assert not desk.session.in_transaction()


def test_the_cloud_s_refusal_is_explained_in_words(desk: Desk) -> None:
    desk.sandbox.add_fault("http_503", operation="DescribeWorkspaceBundles", times=-1)

    with pytest.raises(Unavailable) as caught:
        inquiries.bundles_of(desk.context, credential_id=desk.credential_id, refresh=True)

    assert caught.value.code == "cloud_fault"
    assert "internal error" in caught.value.message


def test_a_crowd_of_askers_leaves_the_web_server_free(desk: Desk, alone: ServiceContext) -> None:
    """Everyone who waits holds a thread: past the limit the answer is at once that there is none yet."""
    kind, waits = InquiryKind.TEST_CREDENTIAL, []

    def one_more_asks() -> None:
        began_s = desk.clock.monotonic_s()
        inquiry = inquiries.ask_and_wait(alone, credential_id=desk.credential_id, kind=kind)
        waits.append(desk.clock.monotonic_s() - began_s)
        assert inquiry.is_open

    def while_one_waits() -> None:
        if len(waits) < 1:
            one_more_asks()

    clock = alone.clock
    assert isinstance(clock, WaitingClock)
    clock.work = while_one_waits

    one_more_asks()

    assert len(waits) == MAY_WAIT + 1
    assert waits[0] == 0
    assert waits[-1] > 0


def test_a_crowd_that_refreshes_leaves_the_web_server_free(desk: Desk, alone: ServiceContext) -> None:
    workspace_id, waits = desk.available(), []

    def one_more_refreshes() -> None:
        began_s = desk.clock.monotonic_s()
        with pytest.raises(Unavailable):
            refresh(alone, workspace_id, company_id=desk.provider.company_id or 0)
        waits.append(desk.clock.monotonic_s() - began_s)

    clock = alone.clock
    assert isinstance(clock, WaitingClock)
    clock.work = lambda: None if waits else one_more_refreshes()

    one_more_refreshes()

    assert len(waits) == MAY_WAIT + 1
    assert waits[0] == 0
    assert waits[-1] > 0


def test_whoever_has_waited_makes_room(desk: Desk, alone: ServiceContext) -> None:
    kind = InquiryKind.TEST_CREDENTIAL

    for _ in range(MAY_WAIT + 1):
        began_s = desk.clock.monotonic_s()
        inquiries.ask_and_wait(alone, credential_id=desk.credential_id, kind=kind)
        assert desk.clock.monotonic_s() > began_s


@pytest.mark.parametrize("code", ["answer_lost", "cloud_unreachable", "cloud_fault", "throttled"])
def test_a_question_that_failed_for_a_while_is_to_be_asked_again(code: str) -> None:
    """Only work is repeated by itself, and only work can have had an effect; a question is neither."""
    said = inquiries.trouble_of(code)

    assert "by itself" not in said.remedy
    assert "checks what" not in said.remedy
    assert "ry again" in said.remedy


def test_a_question_that_failed_for_good_says_what_to_fix() -> None:
    assert inquiries.trouble_of("access_denied") == catalogue.entry("access_denied")
