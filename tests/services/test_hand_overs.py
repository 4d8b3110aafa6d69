"""A hand-over: one transaction ends the desktop of one person and orders the next person's."""

import pytest
from sqlalchemy import select, update

from tests.conftest import both_databases
from tests.desk import Desk
from tests.windows import DAY, HOUR, access_of, pass_time, set_exactly, set_grace, set_window, settle, undo
from webapp.domain.access import Access, Because
from webapp.domain.end_records import EndReason
from webapp.domain.errors import AppError, Conflict, Invalid, NotFound
from webapp.domain.in_time import MARGIN
from webapp.domain.lifecycle import Action, Desired, Phase, State
from webapp.domain.roles import ApplicationStatus
from webapp.domain.windows import Window
from webapp.models import Application, CloudCredential, Company, EndRecord, Workspace
from webapp.services import hand_overs
from webapp.services.hand_overs import HandOver

pytestmark = both_databases
NEXT = "next.person"


def hand_over(desk: Desk, workspace_id: int, application_id: int, **changes: object) -> int:
    """The new desktop's id."""
    wanted = HandOver(application_id, **({"username": NEXT} | changes))  # type: ignore[arg-type]  # by name
    company_id = desk.provider.company_id or 0
    about = {"company_id": company_id, "actor": desk.actor}
    return hand_overs.hand_over(desk.context, workspace_id, wanted, **about).id


def application(desk: Desk, application_id: int) -> Application:
    with desk.sessions() as session:
        return session.get_one(Application, application_id)


def cap(desk: Desk, most: int) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(Company).values(most_desktops=most))
        session.execute(update(CloudCredential).values(most_desktops=most))


def test_the_next_person_gets_a_new_desktop_and_the_former_one_is_gone_with_its_proof(desk: Desk) -> None:
    former_id = desk.available()
    next_id = desk.add_application().id
    former = desk.row(former_id)

    made = hand_over(desk, former_id, next_id)

    assert access_of(desk, former_id) is Access.SUSPENDED
    assert desk.row(former_id).state is State.TERMINATING
    desk.live_until(made, State.AVAILABLE)
    desk.live_until(former_id, State.TERMINATED)
    now = desk.row(made)
    assert (now.bundle_id, now.credential_id) == (former.bundle_id, former.credential_id)
    assert now.cloud_workspace_id != former.cloud_workspace_id
    assert (now.replaces_id, desk.row(former_id).replaced_by_id) == (former_id, made)
    living = [one["workspace_id"] for one in desk.sandbox.journal() if one["gone_at"] is None]
    assert living == [now.cloud_workspace_id]
    with desk.sessions() as session:
        record = session.scalars(select(EndRecord)).one()
    assert (record.workspace_id, record.end_reason, record.ended_by) == (
        former_id,
        EndReason.PERSON,
        desk.provider.email,
    )
    assert record.absent_count == 3
    assert (record.details["replaces"], record.details["replaced_by"]) == (None, made)


def test_the_rest_of_the_contract_is_inherited_and_the_former_one_ends(desk: Desk) -> None:
    former_id = desk.available()
    first = desk.row(former_id).application_id
    set_window(desk, first, ends=10 * DAY)
    pass_time(desk, 2 * HOUR)
    ends_at = desk.row(former_id).ends_at
    next_id = desk.add_application().id

    made = hand_over(desk, former_id, next_id)

    now = desk.clock.now()
    assert application(desk, next_id).window == Window(now, ends_at, "Europe/Berlin")
    assert (desk.row(made).starts_at, desk.row(made).ends_at) == (now, ends_at)
    assert application(desk, first).ends_at == desk.row(former_id).ends_at == now


def test_who_takes_over_an_order_in_time_gets_one_in_time(desk: Desk) -> None:
    begins = desk.clock.now() + 9 * DAY
    made = []
    for number, is_in_time in enumerate((True, False)):
        first = desk.add_application().id
        set_exactly(desk, first, Window(begins, None, "UTC"))
        former_id = desk.order(application_id=first, in_time=is_in_time)
        next_id = desk.add_application().id
        made.append(hand_over(desk, former_id, next_id, username=f"next.person{number}"))

    assert [desk.row(one).starts_at for one in made] == [begins, begins]
    assert [desk.row(one).make_at for one in made] == [begins - MARGIN - HOUR, None]


def test_a_person_replaced_before_the_first_day_leaves_the_whole_contract(desk: Desk) -> None:
    former_id = desk.available()
    first = desk.row(former_id).application_id
    have = Window(desk.clock.now() + DAY, desk.clock.now() + 9 * DAY, "Europe/Berlin")
    with desk.sessions.begin() as session:
        values = {"starts_at": have.starts_at, "ends_at": have.ends_at}
        zone = {"window_zone": have.zone}
        session.execute(update(Application).where(Application.id == first).values(values | zone))
        session.execute(update(Workspace).values(values))
    next_id = desk.add_application().id

    hand_over(desk, former_id, next_id)

    assert application(desk, next_id).window == have
    assert application(desk, first).window == Window(None, desk.clock.now(), "Europe/Berlin")


def test_another_contract_can_be_given(desk: Desk) -> None:
    former_id, next_id = desk.available(), desk.add_application().id
    window = Window(desk.clock.now() + DAY, None, "UTC")

    made = hand_over(desk, former_id, next_id, window=window)

    assert application(desk, next_id).window == window
    assert access_of(desk, made) is Access.NOT_YET


def test_of_a_contract_that_has_ended_nothing_is_left_to_inherit(desk: Desk) -> None:
    former_id = desk.available()
    set_window(desk, desk.row(former_id).application_id, ends=HOUR)
    pass_time(desk, 2 * HOUR)
    next_id = desk.add_application().id

    with pytest.raises(Invalid) as refused:
        hand_over(desk, former_id, next_id)

    assert refused.value.code == "window_invalid"
    made = hand_over(desk, former_id, next_id, window=Window())
    assert desk.row(made).replaces_id == former_id


def test_by_choice_the_former_desktop_is_kept_for_the_grace(desk: Desk) -> None:
    former_id, next_id = desk.available(), desk.add_application().id
    first = desk.row(former_id).application_id

    hand_over(desk, former_id, next_id, is_kept=True)

    settle(desk)
    row = desk.row(former_id)
    assert (row.suspended_because, row.desired) == (Because.CONTRACT_ENDED, Desired.PRESENT)
    assert row.access_ended_at is not None and not row.may_be_extended
    set_exactly(desk, first, Window(None, desk.clock.now() + 5 * DAY, "UTC"))
    settle(desk)
    assert access_of(desk, former_id) is Access.OPEN
    assert desk.row(former_id).suspended_at is None


def test_after_the_grace_the_record_says_who_handed_it_over(desk: Desk) -> None:
    former_id, next_id = desk.available(), desk.add_application().id
    hand_over(desk, former_id, next_id, is_kept=True)

    pass_time(desk, 8 * DAY)
    desk.live_until(former_id, State.TERMINATED)

    with desk.sessions() as session:
        record = session.scalars(select(EndRecord)).one()
    assert (record.end_reason, record.ended_by) == (EndReason.PERSON, desk.provider.email)


def test_a_termination_that_was_undone_takes_nothing_from_who_handed_it_over(desk: Desk) -> None:
    set_grace(desk)
    former_id, next_id = desk.available(), desk.add_application().id
    hand_over(desk, former_id, next_id, is_kept=True)
    desk.press(former_id, Action.TERMINATE)
    undo(desk, former_id)
    settle(desk)
    assert desk.row(former_id).suspended_because is Because.CONTRACT_ENDED

    pass_time(desk, 8 * DAY)
    desk.live_until(former_id, State.TERMINATED)

    with desk.sessions() as session:
        record = session.scalars(select(EndRecord)).one()
    assert (record.end_reason, record.ended_by) == (EndReason.PERSON, desk.provider.email)


def test_one_desktop_is_replaced_so_no_limit_refuses_it(desk: Desk) -> None:
    former_id, next_id = desk.available(), desk.add_application().id
    cap(desk, 1)
    with pytest.raises(Conflict):
        desk.order()

    second = hand_over(desk, former_id, next_id, is_kept=True)

    with pytest.raises(Conflict) as refused:
        set_exactly(desk, desk.row(former_id).application_id, Window(None, None, "UTC"))
    assert refused.value.code == "desktop_limit_reached"
    assert hand_over(desk, second, desk.add_application().id, username="third.person")


def test_an_undecided_applicant_is_approved_and_one_of_another_job_is_hired_for_this_one(desk: Desk) -> None:
    former_id = desk.available()
    undecided = desk.add_application(is_approved=False).id
    other_posting = desk.open_posting(desk.provider)
    elsewhere = desk.add_application(posting_id=other_posting)

    second = hand_over(desk, former_id, undecided)
    third = hand_over(desk, second, elsewhere.id, username="third.person")

    assert application(desk, undecided).status is ApplicationStatus.APPROVED
    taken_on = application(desk, desk.row(third).application_id)
    assert taken_on.id != elsewhere.id
    assert (taken_on.seeker_id, taken_on.job_posting_id) == (elsewhere.seeker_id, desk.posting_id)


def test_what_is_refused_changes_nothing(desk: Desk) -> None:
    former_id = desk.available()
    row = desk.row(former_id)
    undecided = desk.add_application(is_approved=False).id
    before = (row.version, application(desk, row.application_id).window)

    for refused in (
        {"application_id": row.application_id},
        {"application_id": 9999},
        {"application_id": undecided, "username": row.username},
        {"application_id": undecided, "username": "no such/name?"},
    ):
        with pytest.raises(AppError):
            hand_over(desk, former_id, **refused)

    after = desk.row(former_id)
    assert (after.version, application(desk, row.application_id).window) == before
    assert application(desk, undecided).status is ApplicationStatus.SUBMITTED
    assert (after.desired, after.replaced_by_id) == (Desired.PRESENT, None)


def test_nobody_hands_over_the_desktop_of_another_company(desk: Desk) -> None:
    former_id, next_id = desk.available(), desk.add_application().id
    wanted = HandOver(next_id, NEXT)

    with pytest.raises(NotFound):
        hand_overs.hand_over(desk.context, former_id, wanted, company_id=999, actor=desk.actor)


def test_pressed_twice_it_is_done_once(desk: Desk) -> None:
    former_id, next_id = desk.available(), desk.add_application().id
    made = hand_over(desk, former_id, next_id)

    with pytest.raises(Conflict) as refused:
        hand_over(desk, former_id, next_id)

    assert (refused.value.code, refused.value.extra) == ("handed_over", {"workspace_id": made})


def test_a_worker_that_changes_the_former_one_meanwhile_is_waited_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    former_id, next_id = desk.available(), desk.add_application().id
    real, calls = hand_overs.change_row, []

    def raced(context: object, row: Workspace, changes: dict[str, object]) -> bool:
        calls.append(row.id)
        return len(calls) > 1 and real(context, row, changes)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(hand_overs, "change_row", raced)
    made = hand_over(desk, former_id, next_id)

    assert calls == [former_id, former_id]
    with desk.sessions() as session:
        assert session.scalars(select(Workspace.id).where(Workspace.replaces_id == former_id)).all() == [made]


def test_what_has_ended_cannot_be_handed_over_and_what_failed_can(desk: Desk) -> None:
    former_id = desk.available()
    desk.press(former_id, Action.TERMINATE)
    second = hand_over(desk, former_id, desk.add_application().id)
    desk.live_until(former_id, State.TERMINATED)

    with pytest.raises(Conflict) as refused:
        hand_over(desk, former_id, desk.add_application().id, username="third.person")

    assert refused.value.code == "action_not_allowed"
    assert desk.row(second).phase is not Phase.GONE
