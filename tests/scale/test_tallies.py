"""The database counts what a company has; a look at a list asks for one number of it."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import both_databases
from tests.desk import Desk
from webapp.domain.costs.budgets import Subject, has_charged_fees
from webapp.domain.costs.spans import day_of
from webapp.domain.lifecycle import Action, State
from webapp.domain.roles import ApplicationStatus
from webapp.engine import tallies as adding
from webapp.models import Application, Budget, CompanyTally, JobPosting, LiveSum, Workspace
from webapp.models.application import FAILED_DESKTOP, LIVE_DESKTOP, NO_DESKTOP
from webapp.models.workspace import is_live
from webapp.queries.budgets import read_spending
from webapp.queries.tallies import read_tallies, read_version
from webapp.services import workspace_actions

pytestmark = both_databases


def test_every_step_of_every_desktop_and_application_is_counted(desk: Desk) -> None:
    company_id = desk.provider.company_id or 0
    desk.add_application(is_approved=False)
    desk.add_application()
    check(desk, company_id)
    ended, hidden, failed = desk.available(), desk.order(), desk.order()
    check(desk, company_id)
    desk.press(ended, Action.TERMINATE)
    desk.live_until(ended, State.TERMINATED)
    check(desk, company_id)
    workspace_actions.delete_workspace(desk.context, hidden, company_id=company_id, actor=desk.actor)
    check(desk, company_id)
    fail(desk, failed)
    check(desk, company_id)
    desk.press(failed, Action.RETRY)
    check(desk, company_id)

    adding.add_up(desk.sessions, today=day_of(desk.clock.now()))

    check(desk, company_id)
    with desk.sessions.begin() as session:
        left = session.scalar(select(func.count()).where(~CompanyTally.is_base))
    assert left == 0


def fail(desk: Desk, workspace_id: int) -> None:
    with desk.sessions.begin() as session:
        row = session.get_one(Workspace, workspace_id)
        row.phase, row.desired, row.schedule.due_at = "create_failed", "present", None
        row.error_code, row.error_at = "user_not_found", desk.clock.now()


def check(desk: Desk, company_id: int) -> None:
    """The tallies say what the rows say."""
    with desk.sessions.begin() as session:
        found = read_tallies(session, company_id=company_id)
        rows = session.scalars(select(Workspace).where(Workspace.company_id == company_id)).all()
        people = session.scalars(select(Application).where(Application.company_id == company_id)).all()
        shown = set(session.scalars(select(Workspace.id).where(Workspace.listed_state.is_not(None))))
        states = {one: state for one, state in session.execute(select(Workspace.id, Workspace.listed_state))}
        assert all(states[one.id] == one.state for one in rows if one.id in shown)
        live = {one.application_id for one in rows if is_live(one)}
        failed = {one.application_id for one in rows if one.id in shown and one.phase == "create_failed"}
        wanted = Counter(one.state.value for one in rows if one.id in shown)
        for one in people:
            best = LIVE_DESKTOP if one.id in live else FAILED_DESKTOP if one.id in failed else NO_DESKTOP
            assert one.desktop == best
            is_open = one.status is ApplicationStatus.APPROVED and best == NO_DESKTOP
            wanted["undecided"] += one.status is ApplicationStatus.SUBMITTED
            wanted["unserved"] += is_open
        check_live(session, company_id, rows)
    found.pop("version")
    assert {name: number for name, number in found.items() if number} == {
        name: number for name, number in wanted.items() if number
    }


def check_live(session: Session, company_id: int, rows: Sequence[Workspace]) -> None:
    """The live sums say what the rows say, of fees day by day."""
    keys = (LiveSum.key, LiveSum.currency, LiveSum.made_on)
    numbers = (LiveSum.desktops, LiveSum.month_prices_minor, LiveSum.month_fees_minor)
    sums = select(*keys, *map(func.sum, numbers)).where(LiveSum.company_id == company_id).group_by(*keys)
    found = {tuple(row[:3]): tuple(row[3:]) for row in session.execute(sums) if any(row[3:])}
    wanted: dict[tuple[object, ...], tuple[int, ...]] = {}
    for row in filter(is_live, rows):
        for key in ("company", f"account:{row.credential_id}", f"job:{row.job_posting_id}"):
            place = (key, row.price_currency, day_of(row.created_at))
            before = wanted.get(place, (0, 0, 0))
            more = (1, row.month_price_minor or 0, row.month_fee_minor or 0)
            wanted[place] = tuple(one + other for one, other in zip(before, more, strict=True))
    assert found == wanted


def test_a_change_of_price_job_or_account_is_summed_up_at_once(desk: Desk) -> None:
    company_id, first, second = desk.provider.company_id or 0, desk.available(), desk.order()
    with desk.sessions.begin() as session:
        row = session.get_one(Workspace, first)
        other = JobPosting(company_id=company_id, title="Other", description="", created_at=desk.clock.now())
        session.add(other)
        session.flush()
        row.price_currency, row.month_price_minor, row.month_fee_minor = "EUR", 7_500, 2_100
        session.get_one(Workspace, second).month_price_minor = 900
        row.job_posting_id = other.id
    check(desk, company_id)
    with desk.sessions.begin() as session:
        session.get_one(Workspace, first).price_currency = None
    check(desk, company_id)
    adding.add_up(desk.sessions, today=day_of(desk.clock.now()))
    check(desk, company_id)


def test_a_fee_counts_as_charged_from_the_second_day_on_whenever_sums_are_added_up(desk: Desk) -> None:
    company_id = desk.provider.company_id or 0
    with desk.sessions.begin() as session:
        row = session.get_one(Workspace, desk.order())
        row.price_currency, row.month_price_minor, row.month_fee_minor = "USD", 7_500, 2_100
        about = {"subject": Subject.COMPANY, "key": "company", "currency": "USD", "month_minor": 1}
        budget, ordered_on = Budget(id=1, company_id=company_id, **about), day_of(row.created_at)

    for days in range(4):
        today = ordered_on + days * timedelta(days=1)
        with desk.sessions.begin() as session:
            spending = read_spending(session, [budget], company_id=company_id, day=today)[1]
            charged = 2_100 if days and has_charged_fees(today) else 0
            assert (spending.month_prices_minor, spending.charged_fees_minor) == (7_500, charged), days
            rewrite(session, company_id, times=adding.WORTH_IT)
        adding.add_up(desk.sessions, today=today)


def rewrite(session: Session, company_id: int, *, times: int) -> None:
    """As after many changes: rows that cancel each other out."""
    about = {"company_id": company_id, "key": "company", "month_prices_minor": 0, "month_fees_minor": 0}
    session.add_all(LiveSum(**about, desktops=number) for _ in range(times) for number in (1, -1))


def test_the_version_counts_what_is_shown_and_not_that_somebody_looked(desk: Desk) -> None:
    company_id = desk.provider.company_id or 0
    workspace_id = desk.available()
    before, seen_at = version(desk, company_id), desk.row(workspace_id).observed_at

    desk.clock.pause(desk.settings.observe_interval_s + 1)
    desk.sweep()
    looked, seen_again_at = version(desk, company_id), desk.row(workspace_id).observed_at
    desk.press(workspace_id, Action.STOP)
    pressed = version(desk, company_id)

    assert seen_at != seen_again_at == desk.clock.now()
    assert before == looked < pressed


def version(desk: Desk, company_id: int) -> int:
    with desk.sessions.begin() as session:
        return read_version(session, company_id=company_id)


def test_a_change_that_is_committed_late_is_not_missed(desk: Desk) -> None:
    """Two transactions at once: whoever looks between their ends looks again after the second."""
    company_id = desk.provider.company_id or 0
    if desk.database.dialect.name == "sqlite":
        pytest.skip("SQLite lets only one write at a time")
    first, second = desk.order(), desk.order()
    desk.session.commit()
    with desk.sessions() as slow, desk.sessions() as quick:
        for session, workspace_id in ((slow, first), (quick, second)):
            session.get_one(Workspace, workspace_id).username = f"other.{workspace_id}"
            session.flush()
        before = version(desk, company_id)
        quick.commit()
        between = version(desk, company_id)
        slow.commit()

    assert before < between < version(desk, company_id)
