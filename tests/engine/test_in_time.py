"""Orders in time: nothing is made long before a contract begins, and everybody's desktop is ready for it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from sandbox import demo
from tests.desk import Desk
from tests.windows import DAY, HOUR, set_exactly, set_window
from webapp.clouds.aws_workspaces.checks import NO_USER
from webapp.domain.access import Access
from webapp.domain.capacity import Limit, shortages_in
from webapp.domain.errors import Conflict
from webapp.domain.in_time import MARGIN
from webapp.domain.lifecycle import Action, Phase, State
from webapp.domain.windows import Window
from webapp.engine.duties import starts
from webapp.models import Workspace
from webapp.services.creating_now import create_now

MINUTE = timedelta(minutes=1)


def ordered(desk: Desk, begins: datetime) -> int:
    application_id = desk.add_application().id
    set_exactly(desk, application_id, Window(begins, None, "UTC"))
    return desk.order(application_id=application_id, in_time=True)


def creates(desk: Desk) -> int:
    """Of orders; the test of an account asks too, for nobody."""
    return sum(NO_USER not in one["users"] for one in desk.calls("CreateWorkspaces"))


def put(desk: Desk, workspace_id: int, **columns: object) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(Workspace).where(Workspace.id == workspace_id).values(**columns))


def sleep(desk: Desk, by: timedelta, *, minutes: int = 5) -> None:
    """With scheduler and workers asleep, who then have some minutes to catch up."""
    desk.clock.pause(by.total_seconds())
    desk.sweep()
    desk.live(minutes * 60)


def test_an_order_in_time_is_made_so_that_it_is_ready_a_day_before_the_start(desk: Desk) -> None:
    begins = desk.clock.now() + 4 * DAY
    workspace_id = ordered(desk, begins)

    sleep(desk, begins - MARGIN - 2 * HOUR - desk.clock.now())
    before = desk.row(workspace_id)
    sleep(desk, HOUR)
    sleep(desk, HOUR / 2)
    after = desk.row(workspace_id)

    assert before.phase is Phase.REQUESTED and before.issued_at is None
    assert before.waits_for_start(desk.clock.now() - 2 * HOUR)
    assert after.phase is Phase.READY and after.access(desk.clock.now()) is Access.NOT_YET
    assert after.available_at is not None and after.available_at <= begins - MARGIN
    assert after.issued_at is not None and after.issued_at >= begins - MARGIN - 2 * HOUR


def test_without_a_start_or_with_one_that_is_near_it_is_made_at_once(desk: Desk) -> None:
    open_end = desk.order(application_id=desk.add_application().id, in_time=True)
    near = ordered(desk, desk.clock.now() + DAY)

    sleep(desk, MINUTE)
    sleep(desk, HOUR / 2)

    assert desk.row(open_end).make_at is None and desk.row(near).make_at is None
    assert desk.row(open_end).available_at and desk.row(near).available_at


def test_60_starts_at_one_instant_are_spread_over_three_calls_and_all_ready(desk: Desk) -> None:
    desk.sandbox.add_account(desk.credential().account_id, quota=100)
    begins = desk.clock.now() + 3 * DAY
    ids = [ordered(desk, begins) for _ in range(60)]

    sleep(desk, HOUR)
    planned = sorted({desk.row(one).make_at or begins for one in ids})
    assert creates(desk) == 0 and len(planned) == 3
    assert [later - earlier for earlier, later in zip(planned, planned[1:], strict=False)] == [MINUTE, MINUTE]

    sleep(desk, planned[0] - desk.clock.now() - 20 * MINUTE, minutes=25)
    sleep(desk, HOUR / 2)
    rows = [desk.row(one) for one in ids]
    assert creates(desk) == 3
    assert all(one.available_at is not None and one.available_at <= begins - MARGIN for one in rows)


@pytest.mark.parametrize("days", [None, 1])
def test_a_start_that_is_moved_forward_or_taken_away_is_made_now(desk: Desk, days: int | None) -> None:
    workspace_id = ordered(desk, desk.clock.now() + 9 * DAY)
    application_id = desk.row(workspace_id).application_id
    desk.live(60)

    set_window(desk, application_id, starts=days * DAY if days else None)
    sleep(desk, MINUTE)
    sleep(desk, HOUR / 2)

    assert desk.row(workspace_id).available_at is not None


def test_one_order_that_waited_long_before_it_was_sent_makes_no_later_one_early(desk: Desk) -> None:
    """For a key of the account, say, or for a user of the directory."""
    ready = [desk.available() for _ in range(3)]
    put(desk, ready[0], created_at=desk.row(ready[0]).created_at - 20 * DAY)
    begins = desk.clock.now() + 9 * DAY
    workspace_id = ordered(desk, begins)

    sleep(desk, HOUR)

    assert desk.row(workspace_id).make_at == begins - MARGIN - HOUR
    assert desk.credential().outlook is None


def test_an_order_whose_start_is_taken_away_counts_from_then(desk: Desk) -> None:
    workspace_id = ordered(desk, desk.clock.now() + 9 * DAY)
    sleep(desk, DAY)

    set_window(desk, desk.row(workspace_id).application_id)

    assert desk.row(workspace_id).make_at == desk.clock.now()


def test_no_plan_is_in_the_past(desk: Desk) -> None:
    desk.sandbox.add_account(desk.credential().account_id, quota=0)
    workspace_id = ordered(desk, desk.clock.now() + 9 * DAY)
    put(desk, workspace_id, starts_at=desk.clock.now() + DAY / 2)
    sleep(desk, MINUTE, minutes=1)
    before = desk.clock.now()
    sleep(desk, starts.EVERY, minutes=1)

    planned = desk.row(workspace_id).make_at

    assert planned is not None and before - HOUR < planned <= desk.clock.now()


@pytest.mark.parametrize(("days", "is_planned"), [(None, False), (20, True)])
def test_a_failed_order_that_is_tried_again_is_planned_again(
    desk: Desk, days: int | None, is_planned: bool
) -> None:
    account_id = desk.credential().account_id
    desk.sandbox.add_account(account_id, quota=0)
    begins = desk.clock.now() + 3 * DAY
    workspace_id = ordered(desk, begins)
    sleep(desk, 2 * DAY)
    assert desk.row(workspace_id).phase is Phase.CREATE_FAILED
    if days:
        begins = desk.clock.now() + days * DAY
        set_exactly(desk, desk.row(workspace_id).application_id, Window(begins, None, "UTC"))

    pressed_at = desk.clock.now()
    desk.press(workspace_id, Action.RETRY)

    planned = begins - MARGIN - HOUR if is_planned else pressed_at
    assert desk.row(workspace_id).make_at == planned
    desk.sandbox.add_account(account_id, quota=5)
    desk.live(1800)
    assert (desk.row(workspace_id).available_at is None) is is_planned


def test_a_start_that_is_moved_back_is_waited_for(desk: Desk) -> None:
    workspace_id = ordered(desk, desk.clock.now() + 3 * DAY)
    application_id = desk.row(workspace_id).application_id

    set_window(desk, application_id, starts=9 * DAY)
    sleep(desk, 3 * DAY)

    assert creates(desk) == 0
    sleep(desk, 5 * DAY)
    sleep(desk, HOUR / 2)
    assert desk.row(workspace_id).available_at is not None


def test_an_order_that_somebody_wants_now_is_created_once_and_no_plan_puts_it_off_again(desk: Desk) -> None:
    workspace_id = ordered(desk, desk.clock.now() + 9 * DAY)
    sleep(desk, HOUR)
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["workspaces:CreateWorkspaces"])  # it has to wait
    pressed_at = desk.clock.now()

    for _ in range(2):
        create_now(desk.context, workspace_id, company_id=desk.provider.company_id or 0, actor=desk.actor)
    assert desk.row(workspace_id).make_at == pressed_at
    assert desk.story(workspace_id).count("create_now") == 1
    sleep(desk, 2 * starts.EVERY, minutes=1)
    assert desk.row(workspace_id).make_at == pressed_at


def test_an_order_that_somebody_wants_now_is_ready_before_its_contract(desk: Desk) -> None:
    workspace_id = ordered(desk, desk.clock.now() + 9 * DAY)
    desk.live(60)

    create_now(desk.context, workspace_id, company_id=desk.provider.company_id or 0, actor=desk.actor)
    sleep(desk, MINUTE)
    sleep(desk, HOUR / 2)

    row = desk.row(workspace_id)
    assert row.phase is Phase.READY and row.access(desk.clock.now()) is Access.NOT_YET
    assert creates(desk) == 1


def test_what_waits_for_no_contract_is_not_created_by_that_press(desk: Desk) -> None:
    cancelled, at_once = ordered(desk, desk.clock.now() + 9 * DAY), desk.order()
    desk.press(cancelled, Action.TERMINATE)

    for workspace_id in (cancelled, at_once):
        with pytest.raises(Conflict):
            create_now(desk.context, workspace_id, company_id=desk.provider.company_id or 0, actor=desk.actor)


def test_an_order_that_is_cancelled_before_it_is_made_costs_no_call(desk: Desk) -> None:
    workspace_id = ordered(desk, desk.clock.now() + 9 * DAY)
    desk.live(60)

    desk.press(workspace_id, Action.TERMINATE)
    desk.live(600)

    assert desk.row(workspace_id).state is State.TERMINATED and creates(desk) == 0


def test_a_plan_that_changes_nothing_writes_nothing(desk: Desk) -> None:
    workspace_id = ordered(desk, desk.clock.now() + 9 * DAY)
    sleep(desk, HOUR)
    version, updated_at = desk.row(workspace_id).version, desk.row(workspace_id).updated_at

    sleep(desk, 3 * starts.EVERY, minutes=1)

    assert (desk.row(workspace_id).version, desk.row(workspace_id).updated_at) == (version, updated_at)


def test_what_will_not_fit_is_on_the_account_days_before_and_goes_when_there_is_room(desk: Desk) -> None:
    account_id = desk.credential().account_id
    desk.sandbox.add_account(account_id, quota=1)
    desk.test_credential()
    begins = desk.clock.now() + 5 * DAY
    for _ in range(3):
        ordered(desk, begins)
    sleep(desk, HOUR)

    [short] = shortages_in(desk.credential().outlook)
    assert (short.limit, short.at, short.missing) == (Limit.QUOTA, begins, 2)

    desk.sandbox.add_account(account_id, quota=10)
    desk.test_credential()
    sleep(desk, HOUR)
    assert desk.credential().outlook is None
