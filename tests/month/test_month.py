"""A few days of a few people; the command plays a month of two thousand."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.month.figures import broken_promises, figures_of, line_of
from tests.month.month import Month, Plan, open_month
from tests.month.needed import Needed
from tests.month.opening import PoolSize
from tests.month.people import Session
from webapp.domain.connections import ConnectionState, Known
from webapp.domain.decisions.hours import AWAY
from webapp.engine import working_hours
from webapp.engine.run import Run
from webapp.models import Workspace

PLAN = Plan(
    people=16,
    days=0.4,
    seed=20,
    pool=PoolSize(2, 4),
    every_s=30.0,
    poll_s=75,
    rest_s=1800,
    connections_s=1800,
    begins_h=42,
    most_paid=1.5,
)
"""From Sunday midnight until Monday afternoon (UTC): a day in Kolkata. Looks are rare, to be quick, and each
desktop runs for a while after it was made: of one day that is much."""
DAYS = replace(
    PLAN,
    people=40,
    days=4,
    pool=PoolSize(3, 10),
    poll_s=60,
    rest_s=900,
    connections_s=300,
    begins_h=16,
    most_paid=1.25,
)


@contextmanager
def played(plan: Plan, template: Path, folder: Path) -> Iterator[Month]:
    path = folder / "month.sqlite3"
    shutil.copy(template, path)
    with open_month(plan, f"sqlite:///{path}") as month:
        month.play()
        yield month


@pytest.mark.parametrize(
    "plan",
    [pytest.param(PLAN, id="a day"), pytest.param(DAYS, id="four days", marks=pytest.mark.campaign)],
)
def test_while_a_few_people_are_hired_come_and_leave_no_promise_is_broken(
    plan: Plan, migrated_sqlite: Path, tmp_path: Path
) -> None:
    with played(plan, migrated_sqlite, tmp_path) as month:
        found = figures_of(month)

        assert list(broken_promises(month, found)) == []
        assert found.with_pool_s and found.without_pool_s
        assert found.without_pool_s[0] > 20 * 60
        assert month.shifts > 0
        assert found.auto_stop < found.always_on
        assert f"{plan.people} people" in line_of(month, found)


def test_without_a_pool_people_wait_and_without_the_question_who_is_connected_they_are_cut_off(
    migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(run: Run, workspace_ids: Sequence[int]) -> Mapping[int, Known]:
        left_at, state = run.engine.clock.now() - AWAY, ConnectionState.DISCONNECTED
        known = Known(state, is_watched=True, checked_at=left_at, is_past_known=True, quiet_since=left_at)
        return dict.fromkeys(workspace_ids, known)

    def all_of_them(_run: Run, rows: list[Workspace]) -> list[Workspace]:
        return rows

    monkeypatch.setattr(working_hours, "_known", nobody)
    monkeypatch.setattr(working_hours, "unused", all_of_them)

    with played(replace(PLAN, pool=None), migrated_sqlite, tmp_path) as month:
        found = figures_of(month)

    broken = list(broken_promises(month, found))
    assert found.with_pool_s[0] > 20 * 60
    assert any(one.startswith("with the pool a desktop is usable after") for one in broken)
    assert found.cuts > 0
    assert f"{found.cuts} people were cut off" in broken


def test_needed_is_the_shift_with_what_is_worked_beside_it_and_auto_stop_waits_an_hour() -> None:
    needed = Needed()

    needed.add_day(Session(0, 3600), [Session(600, 1800), Session(3000, 5400)])

    assert (needed.needed_s, needed.connected_s) == (5400, 3600)
    assert (needed.auto_stop_s, needed.auto_stop_waits) == (5400 + 3600 - 600 + 105, 1)
