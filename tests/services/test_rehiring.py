"""Hired again while the former desktop is kept: it comes back, under the new contract."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.conftest import both_databases
from tests.desk import Desk
from tests.services.test_removal import at_once
from tests.windows import DAY, HOUR, access_of, have_window, pass_time, set_grace, settle
from webapp.domain.access import Access
from webapp.domain.costs.budgets import Limits, Subject, still_to_come
from webapp.domain.costs.spans import day_of
from webapp.domain.errors import Conflict, NotFound
from webapp.domain.lifecycle import Action, Desired, State
from webapp.domain.roles import ApplicationStatus
from webapp.models import Application, JobPosting, Workspace
from webapp.queries.workspaces import list_kept_by_person
from webapp.services import budgets, rehiring
from webapp.services.budgets import BudgetRequest
from webapp.services.context import ServiceContext
from webapp.services.hand_overs import HandOver, hand_over

pytestmark = both_databases


def hire_again(
    desk: Desk, workspace_id: int, *, starts: timedelta | None = None, posting_id: int | None = None
) -> int:
    """The same person, for another job; the new application."""
    posting_id = posting_id or desk.open_posting(desk.provider)
    now = desk.clock.now()
    with desk.sessions.begin() as session:
        former = session.get_one(Application, desk.row(workspace_id).application_id)
        again = Application(
            company_id=former.company_id,
            job_posting_id=posting_id,
            seeker_id=former.seeker_id,
            message="",
            status=ApplicationStatus.APPROVED,
            decided_at=now,
            decided_by_id=desk.provider.id,
            created_at=now,
            starts_at=now + starts if starts else None,
        )
        session.add(again)
        session.flush()
        return again.id


def give_back(desk: Desk, workspace_id: int, application_id: int) -> int:
    company_id = desk.provider.company_id or 0
    about = {"company_id": company_id, "actor": desk.actor}
    return rehiring.give_back(desk.context, workspace_id, application_id, **about).id


def over(desk: Desk) -> int:
    """A desktop that is kept after its contract."""
    workspace_id = desk.available()
    have_window(desk, desk.row(workspace_id).application_id, ends=HOUR)
    pass_time(desk, 2 * HOUR)
    assert access_of(desk, workspace_id) is Access.SUSPENDED
    return workspace_id


def test_the_former_desktop_comes_back_with_its_machine_under_the_new_contract(desk: Desk) -> None:
    workspace_id = over(desk)
    machine, first = desk.row(workspace_id).cloud_workspace_id, desk.row(workspace_id).application_id
    again = hire_again(desk, workspace_id)

    give_back(desk, workspace_id, again)
    settle(desk)

    row = desk.row(workspace_id)
    assert (row.application_id, row.cloud_workspace_id) == (again, machine)
    assert (row.suspended_at, row.destroy_at, row.access_ended_at) == (None, None, None)
    assert access_of(desk, workspace_id) is Access.OPEN
    pass_time(desk, 20 * DAY)
    assert desk.row(workspace_id).desired is Desired.PRESENT
    with desk.sessions() as session:
        desktops = {one.id: one.desktop for one in session.query(Application).all()}
        posting = session.get_one(JobPosting, session.get_one(Application, again).job_posting_id)
        listed = session.get_one(Workspace, workspace_id).job_posting_id
    assert (desktops[first], desktops[again]) == ("none", "live")
    assert listed == posting.id


def test_it_stays_off_until_the_new_contract_begins(desk: Desk) -> None:
    workspace_id = over(desk)

    give_back(desk, workspace_id, hire_again(desk, workspace_id, starts=DAY))
    settle(desk)
    assert access_of(desk, workspace_id) is Access.NOT_YET
    assert desk.row(workspace_id).state is State.STOPPED

    pass_time(desk, DAY)
    assert access_of(desk, workspace_id) is Access.OPEN


def test_a_termination_is_undone_the_same_way(desk: Desk) -> None:
    set_grace(desk)
    workspace_id = desk.available()
    desk.press(workspace_id, Action.TERMINATE)
    settle(desk)

    give_back(desk, workspace_id, hire_again(desk, workspace_id))
    settle(desk)

    assert access_of(desk, workspace_id) is Access.OPEN


def test_who_writes_first_wins_against_the_end_of_the_grace(desk: Desk) -> None:
    workspace_id = over(desk)
    again = hire_again(desk, workspace_id)
    pass_time(desk, 8 * DAY)

    with pytest.raises(Conflict) as refused:
        give_back(desk, workspace_id, again)

    assert refused.value.code == "action_not_allowed"
    assert desk.row(workspace_id).application_id != again


def test_it_is_offered_only_inside_its_company_and_while_it_can_come_back(desk: Desk) -> None:
    workspace_id = over(desk)
    with desk.sessions() as session:
        application = session.get_one(Application, desk.row(workspace_id).application_id)
        seeker_id, company_id = application.seeker_id, application.company_id
        kept = list_kept_by_person(session, [seeker_id], company_id=company_id)
        assert [one.id for one in kept.values()] == [workspace_id]
        assert list_kept_by_person(session, [seeker_id], company_id=company_id + 1) == {}
    again = hire_again(desk, workspace_id)
    with pytest.raises(NotFound):
        rehiring.give_back(desk.context, workspace_id, again, company_id=company_id + 1, actor=desk.actor)

    pass_time(desk, 8 * DAY)

    with desk.sessions() as session:
        assert list_kept_by_person(session, [seeker_id], company_id=company_id) == {}


def test_an_application_that_has_a_desktop_or_is_not_approved_gets_none_back(desk: Desk) -> None:
    workspace_id = over(desk)
    again = hire_again(desk, workspace_id)
    with desk.sessions.begin() as session:
        session.execute(
            update(Application).where(Application.id == again).values(status=ApplicationStatus.REJECTED)
        )
    with pytest.raises(Conflict) as refused:
        give_back(desk, workspace_id, again)
    assert refused.value.code == "application_not_approved"

    with desk.sessions.begin() as session:
        session.execute(
            update(Application).where(Application.id == again).values(status=ApplicationStatus.APPROVED)
        )
    desk.order(application_id=again)
    with pytest.raises(Conflict) as refused:
        give_back(desk, workspace_id, again)
    assert refused.value.code == "workspace_exists"


def test_after_a_hand_over_the_replaced_person_can_be_hired_again_too(desk: Desk) -> None:
    workspace_id = desk.available()
    wanted = HandOver(desk.add_application().id, "next.person", is_kept=True)
    hand_over(desk.context, workspace_id, wanted, company_id=desk.provider.company_id or 0, actor=desk.actor)
    settle(desk)

    give_back(desk, workspace_id, hire_again(desk, workspace_id))
    settle(desk)

    assert access_of(desk, workspace_id) is Access.OPEN


def test_two_who_come_back_at_the_same_moment_share_the_budget_of_their_job(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [desk.available(), desk.available()]
    for one in kept:
        have_window(desk, desk.row(one).application_id, ends=HOUR)
    pass_time(desk, 2 * HOUR)
    posting_id = desk.open_posting(desk.provider)
    pairs = [(one, hire_again(desk, one, posting_id=posting_id)) for one in kept]
    company_id, actor = desk.provider.company_id or 0, desk.actor
    with desk.sessions() as session:
        price = session.scalars(select(Workspace.month_price_minor)).first() or 0
    month_minor = still_to_come(price * 3 // 2, day_of(desk.clock.now()))
    request = BudgetRequest(Subject.JOB, posting_id, "USD", Limits(month_minor, None))
    budgets.add_budget(desk.context, request, company_id=company_id)
    real, both_asked = rehiring.check_move, threading.Barrier(2)

    def asked(*given, **named):  # type: ignore[no-untyped-def]  # as it came
        with suppress(threading.BrokenBarrierError):  # the other one waits for its turn
            both_asked.wait(timeout=2)
        return real(*given, **named)

    monkeypatch.setattr(rehiring, "check_move", asked)

    def back(pair: tuple[int, int]):  # type: ignore[no-untyped-def]  # an act
        def act(context: ServiceContext) -> None:
            rehiring.give_back(context, *pair, company_id=company_id, actor=actor)

        return act

    assert sorted(at_once(desk, *(back(one) for one in pairs))) == ["budget_reached", "done"]
