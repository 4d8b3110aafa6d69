"""A change of size or mode: asked for, sent once, and believed only when the cloud shows it."""

import pytest

from tests.desk import Desk
from tests.resizing import HOUR, asked, grown_up, resize
from webapp.domain.errors import Conflict, Invalid
from webapp.domain.lifecycle import Action, State
from webapp.domain.resizes import ResizeKind
from webapp.models import Workspace


def modified(desk: Desk) -> int:
    """Changes that the cloud really began."""
    return sum(int(call["accepted"]) for call in desk.calls("ModifyWorkspaceProperties"))


def until_done(desk: Desk, workspace_id: int, *, limit_s: float = 3 * HOUR) -> Workspace:
    end_s = desk.clock.elapsed_s + limit_s
    while asked(desk, workspace_id) and desk.clock.elapsed_s < end_s:
        desk.live(60)
    return desk.row(workspace_id)


def test_a_running_mode_is_changed_both_ways(desk: Desk) -> None:
    workspace_id = desk.available()

    resize(desk, workspace_id, ResizeKind.RUNNING_MODE, "ALWAYS_ON")
    desk.work()
    there = until_done(desk, workspace_id)
    resize(desk, workspace_id, ResizeKind.RUNNING_MODE, "AUTO_STOP")
    desk.work()
    back = until_done(desk, workspace_id)

    assert (there.running_mode, there.auto_stop_minutes) == ("ALWAYS_ON", None)
    assert (back.running_mode, back.auto_stop_minutes) == ("AUTO_STOP", 60)
    assert modified(desk) == 2
    assert desk.story(workspace_id)[-3:] == ["resize_requested", "resize_sent", "resize_done"]


def test_a_stopped_desktop_gets_another_time_until_it_stops(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)

    resize(desk, workspace_id, ResizeKind.AUTO_STOP, "240")
    row = until_done(desk, workspace_id)

    assert (row.auto_stop_minutes, row.running_mode, row.state) == (240, "AUTO_STOP", State.STOPPED)
    assert modified(desk) == 1


def test_a_size_goes_up_once_and_the_desktop_is_away_meanwhile(desk: Desk) -> None:
    workspace_id = grown_up(desk)

    resize(desk, workspace_id, ResizeKind.SIZE, "PERFORMANCE")
    desk.live(10 * 60)
    assert desk.row(workspace_id).state is State.MAINTENANCE
    row = until_done(desk, workspace_id)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert (row.compute_type, row.error_code) == ("PERFORMANCE", None)
    assert modified(desk) == 1


def test_a_size_goes_down_and_not_again_within_thirty_days(desk: Desk) -> None:
    workspace_id = grown_up(desk)

    resize(desk, workspace_id, ResizeKind.SIZE, "VALUE")
    row = until_done(desk, workspace_id)

    assert row.compute_type == "VALUE"
    desk.live_until(workspace_id, State.AVAILABLE)
    with pytest.raises(Conflict, match="too recent") as refusal:
        resize(desk, workspace_id, ResizeKind.SIZE, "STANDARD")
    assert refusal.value.code == "changed_too_soon"


def test_a_volume_grows_while_the_person_works(desk: Desk) -> None:
    workspace_id = grown_up(desk)

    resize(desk, workspace_id, ResizeKind.USER_VOLUME, "100")
    desk.live(10 * 60)
    assert desk.row(workspace_id).state is State.AVAILABLE
    row = until_done(desk, workspace_id)

    assert row.volumes == "80/100"
    assert modified(desk) == 1


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        (ResizeKind.USER_VOLUME, "10", "cannot shrink"),
        (ResizeKind.USER_VOLUME, "200", "10, 50 or 100"),
        (ResizeKind.ROOT_VOLUME, "175", "at least 100 GiB"),
        (ResizeKind.AUTO_STOP, "90", "multiple of 60"),
        (ResizeKind.SIZE, "GRAPHICS_G4DN", "no such size"),
        (ResizeKind.RUNNING_MODE, "MANUAL", "Choose AUTO_STOP"),
    ],
)
def test_what_the_cloud_does_not_have_is_refused_before_anything_is_sent(
    desk: Desk, kind: ResizeKind, value: str, why: str
) -> None:
    workspace_id = grown_up(desk)

    with pytest.raises(Invalid, match=why) as refusal:
        resize(desk, workspace_id, kind, value)

    assert (refusal.value.code, refusal.value.field) == ("value_not_possible", kind.value)
    assert not asked(desk, workspace_id)


def test_nothing_grows_in_the_first_six_hours(desk: Desk) -> None:
    workspace_id = desk.available()

    with pytest.raises(Conflict, match="possible from 24 November, 16:"):
        resize(desk, workspace_id, ResizeKind.SIZE, "PERFORMANCE")


def test_while_one_change_is_under_way_no_other_and_no_action_is_taken(desk: Desk) -> None:
    workspace_id = grown_up(desk)
    resize(desk, workspace_id, ResizeKind.USER_VOLUME, "100")

    again_id = resize(desk, workspace_id, ResizeKind.USER_VOLUME, "100").id
    with pytest.raises(Conflict, match="user volume is being changed"):
        resize(desk, workspace_id, ResizeKind.SIZE, "PERFORMANCE")
    with pytest.raises(Conflict, match="being changed"):
        desk.press(workspace_id, Action.STOP)
    until_done(desk, workspace_id)

    assert again_id == workspace_id
    assert modified(desk) == 1
    assert desk.story(workspace_id).count("resize_requested") == 1


def test_an_answer_that_was_lost_is_looked_for_and_not_sent_again(desk: Desk) -> None:
    workspace_id = grown_up(desk)
    desk.sandbox.add_fault("drop_after", operation="ModifyWorkspaceProperties", times=1)

    resize(desk, workspace_id, ResizeKind.SIZE, "PERFORMANCE")
    row = until_done(desk, workspace_id)

    assert row.compute_type == "PERFORMANCE"
    assert modified(desk) == 1


def test_what_never_reached_the_cloud_is_sent_once_more_when_that_is_certain(desk: Desk) -> None:
    workspace_id = grown_up(desk)
    desk.sandbox.add_fault("drop_before", operation="ModifyWorkspaceProperties", times=1)

    resize(desk, workspace_id, ResizeKind.SIZE, "PERFORMANCE")
    desk.live(15 * 60)
    assert modified(desk) == 0, "in doubt it is not repeated"
    row = until_done(desk, workspace_id)

    assert row.compute_type == "PERFORMANCE"
    assert modified(desk) == 1
    assert "resize_unseen" in desk.story(workspace_id)


def test_a_refusal_of_the_cloud_ends_it_with_its_words(desk: Desk) -> None:
    workspace_id = grown_up(desk)
    desk.sandbox.add_fault(
        "error",
        operation="ModifyWorkspaceProperties",
        code="UnsupportedWorkspaceConfigurationException",
        message="The configuration is not supported.",
        status=400,
    )

    resize(desk, workspace_id, ResizeKind.SIZE, "PERFORMANCE")
    desk.work()

    row = desk.row(workspace_id)
    assert (row.error_code, row.resize_kind, row.state) == ("resize_refused", None, State.AVAILABLE)
    assert "not supported" in (row.error_detail or "")
    assert desk.story(workspace_id)[-1] == "resize_failed"


def test_a_change_that_the_cloud_gives_up_is_reported(desk: Desk) -> None:
    workspace_id = grown_up(desk)
    desk.sandbox.add_fault("change_error", times=1)

    resize(desk, workspace_id, ResizeKind.USER_VOLUME, "100")
    row = until_done(desk, workspace_id)

    assert (row.error_code, row.volumes) == ("resize_failed", "80/50")


def test_what_somebody_has_changed_in_the_console_meanwhile_is_done(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.set_workspace(desk.row(workspace_id).cloud_workspace_id or "", running_mode="ALWAYS_ON")

    resize(desk, workspace_id, ResizeKind.RUNNING_MODE, "ALWAYS_ON")
    row = until_done(desk, workspace_id)

    assert row.running_mode == "ALWAYS_ON"
    assert modified(desk) == 0


def test_the_end_wins_over_a_change(desk: Desk) -> None:
    workspace_id = grown_up(desk)
    resize(desk, workspace_id, ResizeKind.SIZE, "PERFORMANCE")
    desk.live(5 * 60)

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert not asked(desk, workspace_id)
    assert "resize_done" not in desk.story(workspace_id)
