"""Retention: what nobody waits for is deleted in bites; what people did, and what is live, stays."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update

from tests.conftest import both_databases
from tests.desk import Desk
from webapp.domain.actor import BERTH, CLOUD
from webapp.domain.lifecycle import Action, State
from webapp.domain.orphans import OrphanStatus
from webapp.engine import pruning
from webapp.engine.pruning import prune
from webapp.models import (
    HelpRequest,
    IdempotencyKey,
    Installation,
    Orphan,
    SignInFailure,
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
        session.add(SignInFailure(account_key="0" * 64, at=now))
        session.add(
            IdempotencyKey(
                owner="token:1", key="k", fingerprint="f", created_at=now, claimed_at=now, headers={}
            )
        )

    later(desk, 2)
    prune_now(desk)

    assert [count(desk, one) for one in (UserSession, SignInFailure, IdempotencyKey)] == [1, 0, 0]


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
