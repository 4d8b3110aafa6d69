"""Periodic duties of an account: rows that the run takes between more urgent steps, under the same lease."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from sandbox import demo
from sandbox.control import Json
from tests.conftest import both_databases
from tests.desk import SECRET_FIELDS, Desk
from webapp.domain.duties import (
    KEEP_DISK_SNAPSHOTS,
    KEEP_POOLS,
    LOOK_AT_CONNECTIONS,
    READ_BUNDLES,
    READ_LOADS,
    READ_SNAPSHOTS,
    TAKE_INVENTORY,
    TEST_CREDENTIAL,
)
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import Action
from webapp.engine.duties.catalog import DUTIES
from webapp.engine.duties.kinds import DutyKind, at_once, every
from webapp.engine.duties.running import READING_LIMIT_S
from webapp.engine.reconcile import reconcile
from webapp.engine.run import Run
from webapp.models import CredentialStatus, Duty, Inquiry, InquiryKind, Schedule
from webapp.queries.duties import list_failing
from webapp.queries.workspaces import get_workspace
from webapp.services import credentials, inquiries
from webapp.services.orders import KNOWN_BUNDLES
from webapp.services.troubleshooting import diagnose

MINUTE = timedelta(minutes=1)


def tiny(do: Callable[[Run], None]) -> DutyKind:
    """One more duty: a function and a line."""
    return DutyKind(name="count_pages", do=do, next_due=every(timedelta(hours=6)), first_due=at_once, calls=1)


def come(desk: Desk, kind: DutyKind) -> None:
    """A worker of a version that knows this duty too."""
    reconcile(desk.engine, desk.credential_id, duties=(*DUTIES, kind))


def skip_to(desk: Desk, kind: str) -> None:
    """Let time pass, with no worker at it, until the duty is due; then the workers come."""
    desk.clock.pause(max((desk.duty(kind).due_at - desk.clock.now()).total_seconds(), 0.0))
    desk.sweep()


def inquiry(desk: Desk, kind: InquiryKind) -> Inquiry:
    with desk.sessions.begin() as session:
        found = session.scalars(
            select(Inquiry).where(Inquiry.credential_id == desk.credential_id, Inquiry.kind == kind)
        ).one()
        session.expunge_all()
    return found


def codes(desk: Desk, workspace_id: int) -> set[str]:
    """What troubleshooting says about the workspace."""
    with desk.sessions() as session:
        row = get_workspace(session, workspace_id, company_id=desk.provider.company_id or 0)
        return {finding.code for finding in diagnose(replace(desk.context, session=session), row)}


@both_databases
def test_a_new_account_gets_its_rows_and_only_the_inventory_is_due_at_once(desk: Desk) -> None:
    assert desk.duty(TAKE_INVENTORY).last_good_at is not None
    for kind in (TEST_CREDENTIAL, READ_BUNDLES):
        assert desk.duty(kind).last_good_at is None
        assert desk.duty(kind).due_at - desk.clock.now() > timedelta(hours=15)


@both_databases
def test_one_more_duty_runs_backs_off_and_is_reported_until_its_next_good_run(desk: Desk) -> None:
    workspace_id, trouble, ran_at = desk.available(), [True], list[datetime]()

    def count_pages(run: Run) -> None:
        ran_at.append(run.engine.clock.now())
        if trouble[0]:
            raise CloudError(Failure("throttled", Trouble.THROTTLED, "Throttling", "Rate exceeded"))

    kind = tiny(count_pages)
    for _ in range(3):
        come(desk, kind)
        desk.clock.pause((desk.duty(kind.name).due_at - desk.clock.now()).total_seconds())
    waits = [(later - earlier) / MINUTE for earlier, later in zip(ran_at, ran_at[1:], strict=False)]
    assert waits == [pytest.approx(1, rel=0.2), pytest.approx(2, rel=0.2)]
    assert "duty_failing" in codes(desk, workspace_id)
    with desk.sessions() as session:
        [failing] = list_failing(session, desk.credential())
    assert (failing.kind, failing.failures, failing.cloud_code) == ("count_pages", 3, "Throttling")

    trouble[0] = False
    come(desk, kind)

    duty = desk.duty("count_pages")
    assert (duty.failures, duty.failure_code, duty.last_good_at) == (0, None, ran_at[-1])
    assert timedelta(hours=5) < duty.due_at - ran_at[-1] <= timedelta(hours=6)
    assert "duty_failing" not in codes(desk, workspace_id)


def test_a_lasting_trouble_waits_longer_and_a_longer_wait_of_the_cloud_is_kept(desk: Desk) -> None:
    failure, retry_after_s = Failure("access_denied", Trouble.PERMANENT), 0.0

    def count_pages(run: Run) -> None:
        raise CloudError(failure, retry_after_s=retry_after_s)

    come(desk, tiny(count_pages))
    assert desk.duty("count_pages").due_at - desk.clock.now() > timedelta(minutes=45)
    desk.clock.pause(2 * 3600)
    failure, retry_after_s = Failure("throttled", Trouble.THROTTLED), 5 * 3600.0
    come(desk, tiny(count_pages))

    assert desk.duty("count_pages").due_at - desk.clock.now() == timedelta(hours=5)


@pytest.mark.parametrize("trouble_before", [False, True])
def test_a_duty_that_took_too_long_starts_again_soon_and_leaves_half_of_the_rate(
    desk: Desk, trouble_before: bool
) -> None:
    """Perhaps only its worker slept; and if it is always too long, other work has its turn between."""
    is_trouble = [trouble_before]

    def count_pages(run: Run) -> Iterator[None]:
        if is_trouble.pop():
            raise CloudError(Failure("cloud_fault", Trouble.TRANSIENT))
        yield
        desk.clock.pause(READING_LIMIT_S + 1)
        yield

    kind = replace(tiny(lambda run: None), do=count_pages)
    if trouble_before:
        come(desk, kind)
        desk.clock.pause((desk.duty(kind.name).due_at - desk.clock.now()).total_seconds())
    is_trouble.append(False)
    come(desk, kind)

    duty = desk.duty(kind.name)
    assert duty.failure_code == "duty_too_slow"
    assert duty.due_at - desk.clock.now() == timedelta(seconds=READING_LIMIT_S)


def test_a_duty_that_nobody_foresaw_to_fail_waits_and_the_others_go_on(desk: Desk) -> None:
    def count_pages(run: Run) -> None:
        raise ZeroDivisionError

    desk.clock.pause(desk.settings.inventory_interval_s)
    workspace_id = desk.order()
    with pytest.raises(ZeroDivisionError):
        come(desk, tiny(count_pages))
    come(desk, tiny(count_pages))

    assert desk.duty("count_pages").failure_code == "duty_unforeseen"
    assert desk.row(workspace_id).cloud_workspace_id is not None


def test_a_click_does_not_wait_behind_a_duty(desk: Desk) -> None:
    """It is pressed while the duty waits for the answer to its first call."""
    workspace_id, calls_made = desk.available(), list[int]()

    def count_pages(run: Run) -> None:
        run.driver.directory()
        if not calls_made:
            desk.press(workspace_id, Action.STOP)
        calls_made.append(len(desk.calls("StopWorkspaces")))
        run.driver.directory()

    come(desk, tiny(count_pages))

    assert calls_made == [0, 1]
    assert desk.duty("count_pages").failures == 0
    assert desk.duty("count_pages").last_good_at is not None


def test_a_duty_that_gave_way_for_an_hour_is_done_all_the_same(desk: Desk) -> None:
    workspace_id, times = desk.available(), [0]

    def count_pages(run: Run) -> None:
        times[0] += 1
        desk.press(workspace_id, Action.RESTART)
        run.driver.directory()

    with desk.sessions.begin() as session:
        long_ago = desk.clock.now() - timedelta(minutes=61)
        session.add(Duty(credential_id=desk.credential_id, kind="count_pages", due_at=long_ago, failures=0))
    come(desk, tiny(count_pages))

    assert times == [1]


def test_a_row_of_a_kind_that_is_gone_keeps_nobody_busy(desk: Desk) -> None:
    desk.live(desk.settings.inventory_interval_s)
    with desk.sessions.begin() as session:
        now = desk.clock.now()
        session.add(Duty(credential_id=desk.credential_id, kind="of_yore", due_at=now, failures=0))

    assert desk.sweep() == 1
    assert desk.sweep() == 0


def test_the_credential_is_tested_again_every_night_at_its_own_time(desk: Desk) -> None:
    first_due_at, calls = desk.duty(TEST_CREDENTIAL).due_at, len(desk.calls("CreateTags"))
    skip_to(desk, TEST_CREDENTIAL)

    assert first_due_at.hour < 5
    assert len(desk.calls("CreateTags")) == calls + 1
    answer = inquiry(desk, InquiryKind.TEST_CREDENTIAL)
    assert answer.answer is not None
    assert datetime.fromisoformat(answer.answer["checked_at"]) >= first_due_at
    assert desk.duty(TEST_CREDENTIAL).due_at == first_due_at + timedelta(days=1)
    assert desk.duty(TEST_CREDENTIAL).last_good_at == first_due_at
    assert desk.credential().is_usable


@pytest.mark.parametrize("kind", DUTIES, ids=lambda kind: kind.name)
def test_a_duty_costs_no_more_calls_than_is_said(desk: Desk, kind: DutyKind) -> None:
    if kind.name in (LOOK_AT_CONNECTIONS, READ_SNAPSHOTS):
        desk.available()
    if kind.name == READ_SNAPSHOTS:
        desk.clock.pause(3600)  # it has its turn
    desk.clock.pause(max((desk.duty(kind.name).due_at - desk.clock.now()).total_seconds(), 0))
    if kind.name == READ_SNAPSHOTS:
        desk.work()
        _look_at_nothing(desk)
    before = sum(map(_calls_of_the_rate, desk.sandbox.ledger()))
    reconcile(desk.engine, desk.credential_id, duties=[kind])
    made = sum(map(_calls_of_the_rate, desk.sandbox.ledger())) - before

    assert desk.duty(kind.name).failures == 0
    assert made <= kind.calls
    is_only_azures = kind.name in (READ_LOADS, KEEP_POOLS, KEEP_DISK_SNAPSHOTS)
    assert (made > 0) is (kind.calls > 0 and not is_only_azures)


def _look_at_nothing(desk: Desk) -> None:
    """The desktop has its turn later: the call of the duty is counted alone."""
    with desk.sessions.begin() as session:
        session.execute(update(Schedule).values(due_at=desk.clock.now() + timedelta(hours=1)))


def _calls_of_the_rate(line: Json) -> bool:
    """Did this call count against the rate of WorkSpaces?"""
    return bool(line["service"] == "workspaces")


def test_a_right_that_was_taken_away_shows_in_the_morning(desk: Desk) -> None:
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["workspaces:RebootWorkspaces"])
    skip_to(desk, TEST_CREDENTIAL)

    answer = inquiry(desk, InquiryKind.TEST_CREDENTIAL).answer
    assert answer is not None
    assert [one["name"] for one in answer["checks"] if one["ok"] is False] == [
        "permission:workspaces:RebootWorkspaces"
    ]
    assert desk.credential().status is CredentialStatus.FAILING
    assert desk.duty(TEST_CREDENTIAL).failures == 0, "the test was done; that it came out badly is no failure"

    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[])
    skip_to(desk, TEST_CREDENTIAL)

    assert desk.credential().is_usable


def test_a_passing_trouble_in_the_night_is_not_held_against_the_credential(desk: Desk) -> None:
    before = inquiry(desk, InquiryKind.TEST_CREDENTIAL).answer
    desk.sandbox.add_fault("http_503", operation="RebootWorkspaces", times=-1)
    skip_to(desk, TEST_CREDENTIAL)

    assert desk.credential().is_usable
    assert inquiry(desk, InquiryKind.TEST_CREDENTIAL).answer == before
    duty = desk.duty(TEST_CREDENTIAL)
    assert duty.failures == 1
    assert duty.due_at - desk.clock.now() <= 1.2 * MINUTE

    desk.sandbox.clear_faults()
    skip_to(desk, TEST_CREDENTIAL)

    assert desk.duty(TEST_CREDENTIAL).failures == 0
    assert inquiry(desk, InquiryKind.TEST_CREDENTIAL).answer != before


def test_a_good_test_by_a_person_ends_the_trouble_of_the_night(desk: Desk) -> None:
    desk.sandbox.add_fault("http_503", operation="RebootWorkspaces", times=-1)
    for _ in range(2):
        skip_to(desk, TEST_CREDENTIAL)
    assert list_failing(desk.session, desk.credential()) != ()
    desk.session.commit()

    desk.sandbox.clear_faults()
    inquiries.ask(desk.context, credential_id=desk.credential_id, kind=InquiryKind.TEST_CREDENTIAL)
    desk.work()

    assert list_failing(desk.session, desk.credential()) == ()


def test_bundles_are_read_again_before_they_are_a_day_old(desk: Desk) -> None:
    for _ in range(3):
        read_at = inquiry(desk, InquiryKind.LIST_BUNDLES).answer_at
        assert read_at is not None
        skip_to(desk, READ_BUNDLES)

        again_at = inquiry(desk, InquiryKind.LIST_BUNDLES).answer_at
        assert again_at is not None
        assert timedelta(hours=15) < again_at - read_at < KNOWN_BUNDLES - timedelta(hours=3)


def test_a_read_of_the_old_key_is_not_kept_when_the_credential_moved(desk: Desk) -> None:
    desk.clock.pause(86_400)
    credentials.change_credential(
        desk.context,
        desk.credential_id,
        company_id=desk.provider.company_id or 0,
        name="Moved",
        fields=SECRET_FIELDS | {"region": demo.DEMO_OTHER_REGION},
    )

    with desk.sessions.begin() as session:
        assert session.scalars(select(Duty)).all() == []


@both_databases
def test_a_duty_whose_worker_lost_its_lease_writes_nothing(desk: Desk) -> None:
    def count_pages(run: Run) -> None:
        with run.engine.sessions.begin() as session:
            session.execute(
                update(type(run.credential)).values(lease_token=type(run.credential).lease_token + 1)
            )

    come(desk, tiny(count_pages))

    assert desk.duty("count_pages").last_good_at is None
