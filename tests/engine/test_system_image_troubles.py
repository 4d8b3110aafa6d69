"""What goes wrong with an image of a system: its row ends, it says why, and there is no second image."""

import pytest
from sqlalchemy import select

from sandbox import demo
from tests.desk import Desk
from tests.engine.test_end_records import get
from tests.system_images import (
    CREATE,
    DAY_S,
    DELETE,
    LIST,
    LONGEST_S,
    ask,
    complete,
    delete,
    in_account,
    play_round,
    rows_of,
)
from tests.windows import set_grace
from webapp.domain.duties import KEEP_SYSTEM_IMAGES
from webapp.domain.end_records import IMAGES
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, State
from webapp.domain.system_images import ImageState
from webapp.models import SystemImage


def next_round_in_s(desk: Desk) -> float:
    return (desk.duty(KEEP_SYSTEM_IMAGES).due_at - desk.clock.now()).total_seconds()


def begun(desk: Desk) -> list[str]:
    """Of which desktops the cloud has begun an image."""
    return [one["workspace_id"] for one in desk.sandbox.images()]


def test_a_name_that_somebody_else_has_leaves_no_row_that_never_ends(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault("drop_after", operation=CREATE, times=1)
    ask(desk, workspace_id)
    desk.work()
    with desk.sessions.begin() as session:
        session.scalars(select(SystemImage)).one().claim = "f00d/other/1"

    desk.live(3 * 3600)

    [image] = rows_of(desk)
    assert (image.state, image.error_code) == (ImageState.GONE, "image_name_taken")
    assert in_account(desk) == [image.name]
    assert next_round_in_s(desk) > 3600


def test_one_that_appears_after_it_was_given_up_is_deleted(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault("drop_after", operation=CREATE, times=1)
    desk.sandbox.add_fault("empty_listing", operation="DescribeWorkspaceImages", times=-1)
    ask(desk, workspace_id)
    desk.live(LONGEST_S + 15 * 60)
    desk.clock.pause(DAY_S - LONGEST_S - 30 * 60)
    play_round(desk)  # asks for it again
    desk.clock.pause(20 * 60)
    play_round(desk)
    assert [one.error_code for one in rows_of(desk, ImageState.ENDING)] == ["image_not_created"]

    desk.sandbox.clear_faults()
    for _ in range(12):
        play_round(desk)

    assert (in_account(desk), [one.state for one in rows_of(desk)]) == ([], [ImageState.GONE])


def test_a_key_that_may_not_delete_says_so_and_creates_as_before(desk: Desk) -> None:
    workspace_id = desk.available()
    image = complete(desk, workspace_id)
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[f"workspaces:{DELETE}"])

    delete(desk, workspace_id, image.id)
    desk.live(3600)
    second = ask(desk, workspace_id)
    desk.live(LONGEST_S + 15 * 60)

    found = {one.id: (one.state, one.error_code) for one in rows_of(desk)}
    assert found == {image.id: (ImageState.ENDING, "access_denied"), second: (ImageState.READY, None)}
    assert next_round_in_s(desk) > 3600


def test_one_that_stays_incomplete_for_a_day_keeps_no_other_from_being_created(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault("stuck", operation=CREATE, times=1)
    ask(desk, workspace_id)
    desk.work()
    desk.clock.pause(1.1 * DAY_S)
    for _ in range(15):
        play_round(desk)
    other_id = desk.available()

    second = ask(desk, other_id)
    desk.live(LONGEST_S + 15 * 60)

    stuck, other = rows_of(desk)
    assert (stuck.state, stuck.error_code) == (ImageState.ENDING, "image_not_created")
    assert (other.id, other.state) == (second, ImageState.READY)
    assert desk.duty(KEEP_SYSTEM_IMAGES).failures == 0
    desk.clock.pause(3 * 3600)
    play_round(desk)
    assert next_round_in_s(desk) > 3600


def test_a_key_that_may_not_list_any_more_leaves_nothing_underway_for_ever(desk: Desk) -> None:
    workspace_id, other_id = desk.available(), desk.available()
    image = complete(desk, workspace_id)
    ask(desk, other_id)
    desk.work()
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[f"workspaces:{LIST}"])

    delete(desk, workspace_id, image.id)
    desk.work()
    desk.clock.pause(1.1 * DAY_S)
    play_round(desk)

    found = [(one.state, one.error_code) for one in rows_of(desk)]
    assert found == [(ImageState.ENDING, "access_denied")] * 2
    assert next_round_in_s(desk) <= 600
    desk.clock.pause(3 * 3600)
    play_round(desk)
    assert next_round_in_s(desk) > 3600


def test_one_that_somebody_deletes_before_berth_has_seen_it_complete_is_not_made_again(desk: Desk) -> None:
    workspace_id = desk.available()
    ask(desk, workspace_id)
    desk.work()

    desk.sandbox.delete_image(desk.sandbox.images()[0]["image_id"])
    desk.live(3 * 3600)

    [image] = rows_of(desk)
    assert len(begun(desk)) == 1
    assert (image.state, image.error_code) == (ImageState.GONE, "image_deleted")


def test_what_is_refused_after_a_call_that_did_nothing_is_said_at_once(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault("throttle", operation=CREATE, times=1)
    desk.sandbox.add_fault("error", operation=CREATE, times=1, code="OperationNotSupportedException")

    ask(desk, workspace_id)
    desk.live(3600)

    assert [one.error_code for one in rows_of(desk)] == ["image_not_supported"]


def test_the_record_of_an_end_names_an_image_that_berth_sees_complete_only_later(desk: Desk) -> None:
    set_grace(desk, 0)
    workspace_id = desk.available()
    ask(desk, workspace_id)
    desk.work()
    desk.sandbox.add_fault("error", operation=LIST, times=7, code="InternalFailure")

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    [image] = rows_of(desk)
    record = get(desk, workspace_id).details
    assert image.state is ImageState.INTENT
    assert [(one["part"], one["name"]) for one in record["kept"]] == [(IMAGES, image.name)]
    desk.live(3 * 3600)
    assert [one.state for one in rows_of(desk)] == [ImageState.READY]


def test_after_one_that_failed_the_same_minute_says_when_to_ask_again(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault("error", operation=CREATE, times=1, code="InvalidResourceStateException")
    ask(desk, workspace_id)
    desk.work()

    with pytest.raises(Conflict, match="Ask again in a minute"):
        ask(desk, workspace_id)
    desk.clock.pause(60)
    ask(desk, workspace_id)
    desk.work()

    assert begun(desk) == [desk.row(workspace_id).cloud_workspace_id]


def test_one_that_could_not_be_asked_for_within_an_hour_shuts_nobody_out_later(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault("error", operation=LIST, times=10_000, code="ThrottlingException")
    ask(desk, workspace_id)
    desk.live(90 * 60)

    desk.sandbox.clear_faults()
    desk.live(2 * 3600)

    assert [one.error_code for one in rows_of(desk)] == ["image_not_begun"]
    assert (begun(desk), in_account(desk)) == ([], [])


def test_a_desktop_that_is_being_ended_is_not_asked_for_an_image_again(desk: Desk) -> None:
    set_grace(desk, 0)
    workspace_id = desk.available()
    desk.sandbox.add_fault("drop_before", operation=CREATE, times=1)
    ask(desk, workspace_id)
    desk.work()
    before = len(desk.calls(CREATE))

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    desk.live(2 * 3600)

    assert len(desk.calls(CREATE)) == before
    assert in_account(desk) == []
