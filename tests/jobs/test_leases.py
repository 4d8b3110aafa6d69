"""One worker an account: what a worker does that lost its account changes nothing."""

import threading
from datetime import timedelta

import pytest

from tests.conftest import both_databases
from tests.desk import Desk
from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.note import Note
from webapp.domain.lifecycle import Phase
from webapp.engine import leases
from webapp.engine.leases import Lease, LeaseLost
from webapp.engine.reconcile import reconcile
from webapp.engine.rows import IllegalTransition, Stale, change, put_aside
from webapp.models import Workspace


def _claim(desk: Desk) -> Lease:
    lease = leases.claim(desk.engine, desk.credential_id)
    assert lease is not None
    return lease


def _let_it_expire(desk: Desk) -> None:
    desk.clock.elapsed_s += desk.settings.lease_s + 1


def test_a_second_worker_is_refused_and_comes_in_after_the_first(desk: Desk) -> None:
    first = _claim(desk)
    assert leases.claim(desk.engine, desk.credential_id) is None

    first.release()

    assert _claim(desk).token == first.token + 1


def test_a_worker_that_fell_silent_loses_the_account(desk: Desk) -> None:
    silent = _claim(desk)
    _let_it_expire(desk)

    heir = _claim(desk)

    assert heir.token > silent.token
    with pytest.raises(LeaseLost):
        silent.keep()
    with pytest.raises(LeaseLost):
        silent.confirm()


def test_a_worker_that_lost_the_account_cannot_give_it_away(desk: Desk) -> None:
    silent = _claim(desk)
    _let_it_expire(desk)
    _claim(desk)

    silent.release()

    assert leases.claim(desk.engine, desk.credential_id) is None


def test_a_working_worker_keeps_the_account_as_long_as_it_likes(desk: Desk) -> None:
    lease = _claim(desk)
    for _ in range(20):
        desk.clock.elapsed_s += leases.RENEW_AFTER_S
        lease.keep()

    assert leases.claim(desk.engine, desk.credential_id) is None
    assert lease.age_s == 0


def test_a_young_lease_is_kept_without_asking_the_database(desk: Desk) -> None:
    lease = _claim(desk)
    until = desk.credential().lease_until
    desk.clock.elapsed_s += leases.RENEW_AFTER_S - 1

    lease.keep()

    assert desk.credential().lease_until == until


def test_a_write_after_the_loss_changes_nothing_and_records_nothing(desk: Desk) -> None:
    row = desk.row(desk.order())
    silent = _claim(desk)
    _let_it_expire(desk)
    _claim(desk)

    with pytest.raises(LeaseLost):
        change(desk.engine, silent, row, RowChange(attempt=99), Note("lie", "A lie."))
    put_aside(desk.engine, silent, [row.id], until=desk.clock.now() + timedelta(days=1))

    after = desk.row(row.id)
    assert (after.attempt, after.version, after.due_at) == (1, row.version, row.due_at)
    assert "lie" not in desk.story(row.id)


def test_a_write_on_a_row_that_a_person_changed_is_refused(desk: Desk) -> None:
    row = desk.row(desk.order())
    lease = _claim(desk)
    with desk.sessions.begin() as session:
        session.get_one(Workspace, row.id).version += 1

    with pytest.raises(Stale):
        change(desk.engine, lease, row, RowChange(attempt=99), Note("lie", "A lie."))

    assert desk.row(row.id).attempt == 1
    assert "lie" not in desk.story(row.id)


def test_a_step_that_the_table_does_not_know_is_refused(desk: Desk) -> None:
    row = desk.row(desk.order())

    with pytest.raises(IllegalTransition):
        change(desk.engine, _claim(desk), row, RowChange(phase=Phase.READY))

    assert desk.row(row.id).phase == "requested"


def test_a_worker_that_lost_the_account_learns_just_that_also_when_its_row_is_over(desk: Desk) -> None:
    row = desk.row(desk.order())
    silent = _claim(desk)
    _let_it_expire(desk)
    change(desk.engine, _claim(desk), row, RowChange(phase=Phase.GONE, due_at=None))

    with pytest.raises(LeaseLost):
        change(desk.engine, silent, desk.row(row.id), RowChange(phase=Phase.CREATING))


def test_a_write_in_time_raises_the_version_and_records_its_event(desk: Desk) -> None:
    row = desk.row(desk.order())

    change(desk.engine, _claim(desk), row, RowChange(attempt=2), Note("retry", "Trying again."))

    after = desk.row(row.id)
    assert (after.attempt, after.version) == (2, row.version)
    assert desk.story(row.id) == ["ordered", "retry"]


def test_reconciling_an_account_that_another_worker_holds_does_nothing(desk: Desk) -> None:
    workspace_id = desk.order()
    _claim(desk)

    reconcile(desk.engine, desk.credential_id)

    assert desk.row(workspace_id).phase == "requested"
    assert desk.calls("CreateWorkspaces")[1:] == []


def test_reconciling_what_does_not_exist_is_harmless(desk: Desk) -> None:
    reconcile(desk.engine, 4711)


@both_databases
def test_of_many_workers_at_once_one_gets_the_account(desk: Desk) -> None:
    gate, won = threading.Barrier(6), []
    desk.session.close()

    def run() -> None:
        engine = desk.make_engine()
        gate.wait(timeout=20)
        lease = leases.claim(engine, desk.credential_id)
        if lease is not None:
            won.append(lease.token)

    workers = [threading.Thread(target=run) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=30)

    assert len(won) == 1
