"""Retention: what nobody waits for is deleted in bites; what people did, and what is live, stays."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, event, func, insert, select, update

from tests.conftest import both_databases
from tests.desk import Desk
from tests.kept_files import bring_back, change, gone
from webapp.domain.actor import BERTH, CLOUD
from webapp.domain.costs.bills import Source
from webapp.domain.costs.prices import Part
from webapp.domain.costs.spans import month_of
from webapp.domain.file_returns import ReturnState
from webapp.domain.lifecycle import Action, State
from webapp.domain.orphans import OrphanStatus
from webapp.engine import pruning
from webapp.engine.cost_sums import sum_months
from webapp.engine.pruning import prune
from webapp.models import (
    CostDay,
    CostMonth,
    CostSum,
    DesktopConnection,
    EndRecord,
    FileReturn,
    HelpRequest,
    IdempotencyKey,
    Installation,
    ListPrice,
    Orphan,
    SignInFailure,
    SpentChallenge,
    UsageSpan,
    UseDay,
    UserSession,
)
from webapp.models.base import Base
from webapp.queueing import JobName

pytestmark = both_databases
DAY_S = 86_400.0


def count(desk: Desk, table: type[Base]) -> int:
    with desk.sessions.begin() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def later(desk: Desk, days: float) -> None:
    """Time passes and nothing else: the workers come afterwards."""
    desk.clock.pause(days * DAY_S)


def prune_now(desk: Desk) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(Installation).values(prune_due_at=None))
    prune(desk.engine, 1)


def ended(desk: Desk) -> int:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    return workspace_id


def test_the_log_of_an_ended_desktop_keeps_its_states_and_what_people_did(desk: Desk) -> None:
    gone, living = ended(desk), desk.available()
    before, of_living = desk.events(gone), desk.story(living)
    kept = [
        one.id
        for one in before
        if one.from_state not in (None, one.to_state) or one.actor not in (BERTH.label, CLOUD.label)
    ]
    assert 0 < len(kept) < len(before)

    later(desk, 399)
    prune_now(desk)
    assert len(desk.events(gone)) == len(before)

    later(desk, 2)
    prune_now(desk)
    assert [one.id for one in desk.events(gone)] == kept
    assert desk.story(living) == of_living
    assert desk.row(gone).state is State.TERMINATED


def test_what_was_deleted_is_not_read_again(desk: Desk) -> None:
    ended(desk)
    later(desk, 401)
    prune_now(desk)
    read: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        read.append(statement)

    event.listen(desk.database, "before_cursor_execute", listen)
    prune_now(desk)

    assert not any("DELETE FROM events" in one for one in read)


def test_what_has_ended_by_time_goes(desk: Desk) -> None:
    now = desk.clock.now()
    with desk.sessions.begin() as session:
        for days in (1, 3):
            until = now + timedelta(days=days)
            session.add(
                UserSession(
                    token_hash=f"{days:064}",
                    user_id=desk.provider.id,
                    created_at=now,
                    last_seen_at=now,
                    expires_at=until,
                )
            )
            session.add(SpentChallenge(challenge_hash=f"{days:064}", expires_at=until))
        session.add(SignInFailure(account_key="0" * 64, at=now))
        session.add(
            IdempotencyKey(
                owner="token:1", key="k", fingerprint="f", created_at=now, claimed_at=now, headers={}
            )
        )

    later(desk, 2)
    prune_now(desk)

    pruned = (UserSession, SpentChallenge, SignInFailure, IdempotencyKey)
    assert [count(desk, one) for one in pruned] == [1, 1, 0, 0]


def test_answered_requests_for_help_go_and_open_ones_stay(desk: Desk) -> None:
    first, second = desk.order(), desk.order()
    now = desk.clock.now()
    with desk.sessions.begin() as session:
        for workspace_id, answered_at in ((first, now), (second, None)):
            session.add(
                HelpRequest(
                    company_id=desk.provider.company_id,
                    workspace_id=workspace_id,
                    state="PENDING",
                    asked_at=now,
                    answered_at=answered_at,
                    answered_by=answered_at and "provider@example.com",
                )
            )

    later(desk, 401)
    prune_now(desk)

    with desk.sessions.begin() as session:
        assert session.scalars(select(HelpRequest.workspace_id)).all() == [second]


@pytest.mark.parametrize(("status", "left"), [(OrphanStatus.GONE, 0), (OrphanStatus.OPEN, 1)])
def test_only_machines_that_are_gone_are_forgotten(desk: Desk, status: OrphanStatus, left: int) -> None:
    desk.available()
    desk.plant("somebody")
    desk.live(1800)
    with desk.sessions.begin() as session:
        session.execute(update(Orphan).values(status=status))

    later(desk, 91)
    prune_now(desk)

    assert count(desk, Orphan) == left


def test_returns_of_files_go_long_after_their_disk_and_open_ones_stay(desk: Desk) -> None:
    bring_back(desk, gone(desk))
    later(desk, 200)
    prune_now(desk)
    is_open = count(desk, FileReturn)
    change(desk, FileReturn, state=ReturnState.DONE, ended_at=desk.clock.now())
    later(desk, 89)
    prune_now(desk)
    is_new = count(desk, FileReturn)

    later(desk, 2)
    prune_now(desk)

    assert (is_open, is_new, count(desk, FileReturn)) == (1, 1, 0)


def test_times_of_use_go_and_what_they_cost_stays(desk: Desk) -> None:
    gone, living = ended(desk), desk.available()
    day = desk.clock.now().date()
    with desk.sessions.begin() as session:
        cost = {"company_id": desk.provider.company_id, "credential_id": desk.credential_id, "day": day}
        cost |= {"currency": "USD", "source": Source.ESTIMATED, "workspace_id": gone, "amount_minor": 12}
        session.execute(insert(CostDay), [cost])
        sum_months(session, desk.provider.company_id or 0, [month_of(day)])
    kept = [count(desk, one) for one in (CostDay, CostSum, CostMonth)]
    assert count(desk, UsageSpan) == 2

    later(desk, 399)
    prune_now(desk)
    assert count(desk, UsageSpan) == 2
    later(desk, 2)
    prune_now(desk)

    with desk.sessions.begin() as session:
        assert session.scalars(select(UsageSpan.workspace_id)).all() == [living]
    assert [count(desk, one) for one in (CostDay, CostSum, CostMonth)] == kept


def test_days_of_use_go_after_as_long_and_the_last_connection_stays(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.stage.connect(desk.row(workspace_id).cloud_workspace_id or "", "")
    desk.live(600)
    with desk.sessions.begin() as session:
        session.execute(delete(UseDay))
        today = desk.clock.now().date()
        for days in range(3):
            session.add(UseDay(workspace_id=workspace_id, day=today - timedelta(days=days)))

    later(desk, 399)
    prune_now(desk)

    assert count(desk, UseDay) == 2
    assert count(desk, DesktopConnection) == 1


def test_of_prices_those_go_that_no_estimate_can_still_need(desk: Desk) -> None:
    today = desk.clock.now().date()
    first, second, third = (today - timedelta(days=days) for days in (600, 405, 10))
    with desk.sessions.begin() as session:
        session.execute(delete(ListPrice))
        price = {"cloud_provider": "aws", "region": "us-east-1", "currency": "USD", "amount": "1"}
        price |= {"part": Part.HOUR, "read_at": desk.clock.now()}
        days = [("changed", first), ("changed", second), ("changed", third), ("same", first)]
        values = [price | {"sku": sku, "valid_from": day} for sku, day in days]
        values.append(price | {"sku": "changed", "valid_from": first, "currency": "EUR"})
        session.execute(insert(ListPrice), values)

    prune_now(desk)

    with desk.sessions.begin() as session:
        rows = session.execute(select(ListPrice.sku, ListPrice.valid_from, ListPrice.currency)).all()
    left = {(sku, day, currency) for sku, day, currency in rows}
    assert left == {
        ("changed", second, "USD"),
        ("changed", third, "USD"),
        ("same", first, "USD"),
        ("changed", first, "EUR"),
    }


def test_a_run_is_bounded_and_asks_for_the_next(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BITE", 2)
    monkeypatch.setattr(pruning, "BITES", 3)
    now = desk.clock.now()
    with desk.sessions.begin() as session:
        for _ in range(10):
            session.add(SignInFailure(account_key="0" * 64, at=now))
    later(desk, 2)
    desk.notifier.notifications.clear()

    prune_now(desk)
    assert count(desk, SignInFailure) >= 4
    assert desk.notifier.notifications == [(JobName.PRUNE, 1)]

    desk.work()
    assert count(desk, SignInFailure) == 0


def test_it_runs_once_an_hour_by_the_sweep(desk: Desk) -> None:
    desk.sweep()
    with desk.sessions.begin() as session:
        due_at = session.scalar(select(Installation.prune_due_at))
    assert due_at is not None and due_at - desk.clock.now() == timedelta(hours=1)

    prune(desk.engine, 1)  # twice is once
    with desk.sessions.begin() as session:
        assert session.scalar(select(Installation.prune_due_at)) == due_at


def test_records_of_ends_stay_for_ever_unless_somebody_says_for_how_long(desk: Desk) -> None:
    ended(desk)
    desk.live(2 * 3600)
    later(desk, 20 * 365)
    prune_now(desk)
    assert count(desk, EndRecord) == 1

    keep = replace(desk.settings.retention, records_days=20 * 365 + 1)
    engine = desk.make_engine(settings=replace(desk.settings, retention=keep))
    for days, left in ((0, 1), (2, 0)):
        later(desk, days)
        with desk.sessions.begin() as session:
            session.execute(update(Installation).values(prune_due_at=None, records_due_at=None))
        prune(engine, 1)
        assert count(desk, EndRecord) == left

    # What was deleted is not made once more.
    later(desk, 1)
    desk.sweep()
    assert count(desk, EndRecord) == 0
