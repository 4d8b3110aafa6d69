"""Images of desktops' systems: one call makes one image, it is kept as was said, and only ours is deleted."""

from dataclasses import replace

import pytest
from sqlalchemy import delete as sql_delete
from sqlalchemy import select

from sandbox import demo
from tests.desk import Desk
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
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, State
from webapp.domain.retention import GONE_SNAPSHOTS_LAST
from webapp.domain.system_images import AGAIN_AFTER, KEPT_AFTER_END_DAYS, ImageState
from webapp.engine.pruning import prune
from webapp.models import SystemImage
from webapp.queries.workspaces import get_workspace
from webapp.services.troubleshooting import diagnose


def sent(desk: Desk) -> int:
    """What the cloud really began; the credential's test asks for one that cannot be."""
    return sum(int(call["accepted"]) for call in desk.calls(CREATE))


def findings(desk: Desk, workspace_id: int) -> list[tuple[str, str]]:
    """Code and severity of each."""
    with desk.sessions() as session:
        row = get_workspace(session, workspace_id, company_id=desk.provider.company_id or 0)
        found = diagnose(replace(desk.context, session=session), row)
    return [(one.code, one.severity.value) for one in found]


def test_the_desktop_is_held_until_its_image_is_complete(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.write_disks(desk.row(workspace_id).cloud_workspace_id or "")

    ask(desk, workspace_id)
    desk.work()

    row, [image] = desk.row(workspace_id), rows_of(desk)
    assert (row.state, image.state, image.cloud_id is None) == (State.SUSPENDED, ImageState.INTENT, False)
    desk.live(LONGEST_S + 15 * 60)
    [image], [seen] = rows_of(desk), desk.sandbox.images()
    assert (desk.row(workspace_id).state, image.state) == (State.AVAILABLE, ImageState.READY)
    assert (seen["name"], seen["image_id"], seen["root_version"]) == (image.name, image.cloud_id, 1)
    assert seen["tags"]["berth-claim"] == image.claim
    about_images = [one for one in desk.story(workspace_id) if one.startswith("image_")]
    assert about_images == ["image_requested", "image_created"]
    assert sent(desk) == 1


def test_asked_twice_it_is_one_image(desk: Desk) -> None:
    workspace_id = desk.available()

    first, again = ask(desk, workspace_id), ask(desk, workspace_id)
    desk.live(2 * 3600)

    assert first == again
    assert (sent(desk), len(in_account(desk))) == (1, 1)


@pytest.mark.parametrize("fault", ["drop_after", "drop_before"])
def test_a_lost_answer_makes_no_second_image_and_loses_none(desk: Desk, fault: str) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault(fault, operation=CREATE, times=1)

    ask(desk, workspace_id)
    desk.live(LONGEST_S + 60 * 60)

    [image] = rows_of(desk)
    assert (image.state, image.error_code) == (ImageState.READY, None)
    assert (sent(desk), in_account(desk)) == (1, [image.name])


def test_a_repeat_that_is_refused_says_nothing_about_the_call_before(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault("drop_after", operation=CREATE, times=1)
    desk.sandbox.add_fault("error", operation=LIST, times=2, code="InternalFailure")

    ask(desk, workspace_id)
    desk.work()
    desk.live(AGAIN_AFTER.total_seconds() * 2)

    assert [one.error_code for one in rows_of(desk)] == [None]
    desk.live(LONGEST_S + 60 * 60)
    assert [one.state for one in rows_of(desk)] == [ImageState.READY]
    assert sent(desk) == 1


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("OperationNotSupportedException", "image_not_supported"),
        ("ResourceLimitExceededException", "image_limit_reached"),
        ("InvalidResourceStateException", "image_needs_running"),
    ],
)
def test_a_refused_one_says_why_and_leaves_nothing(desk: Desk, code: str, ours: str) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault("error", operation=CREATE, times=1, code=code)

    ask(desk, workspace_id)
    desk.work()

    [image] = rows_of(desk)
    assert (image.error_code, image.has_failed) == (ours, True)
    assert desk.events(workspace_id)[-1].details["reason"] == ours
    assert desk.row(workspace_id).state is State.AVAILABLE
    desk.live(3 * 3600)
    assert [one.state for one in rows_of(desk)] == [ImageState.GONE]
    assert (sent(desk), in_account(desk)) == (0, [])


def test_without_the_right_the_image_fails_and_nothing_else(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[f"workspaces:{CREATE}"])

    ask(desk, workspace_id)
    desk.live(600)

    assert [one.error_code for one in rows_of(desk)] == ["access_denied"]
    assert desk.duty(KEEP_SYSTEM_IMAGES).failures == 0
    assert desk.row(desk.available()).state is State.AVAILABLE


def test_an_image_that_fails_in_the_cloud_is_deleted_and_says_so(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.add_fault("unhealthy", operation=CREATE, times=1)

    ask(desk, workspace_id)
    desk.live(3 * 3600)

    [image] = rows_of(desk)
    assert (image.state, image.error_code, image.created_at) == (ImageState.GONE, "image_failed", None)
    assert in_account(desk) == []
    assert "image_failed" in desk.story(workspace_id)


def test_a_desktop_that_was_stopped_before_its_turn_gives_none(desk: Desk) -> None:
    workspace_id = desk.available()
    ask(desk, workspace_id)
    desk.sandbox.set_workspace(desk.row(workspace_id).cloud_workspace_id or "", state="STOPPED")

    desk.live(3600)

    assert [one.error_code for one in rows_of(desk)] == ["image_needs_running"]
    with pytest.raises(Conflict, match="Start it first"):
        ask(desk, workspace_id)


def test_a_termination_waits_for_the_image_that_has_begun(desk: Desk) -> None:
    set_grace(desk, 0)
    workspace_id = desk.available()
    ask(desk, workspace_id)
    desk.work()

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    desk.live(3600)
    [image] = rows_of(desk)
    assert (image.state, in_account(desk)) == (ImageState.READY, [image.name])


def test_it_outlives_its_desktop_as_long_as_was_said(desk: Desk) -> None:
    set_grace(desk, 0)
    workspace_id = desk.available()
    image = complete(desk, workspace_id)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    desk.clock.pause((KEPT_AFTER_END_DAYS - 1) * DAY_S)
    play_round(desk)
    assert in_account(desk) == [image.name]
    desk.clock.pause(1.1 * DAY_S)
    for _ in range(4):
        play_round(desk)

    assert (in_account(desk), [one.state for one in rows_of(desk)]) == ([], [ImageState.GONE])


def test_one_that_a_person_deletes_is_gone_and_proven_so(desk: Desk) -> None:
    workspace_id = desk.available()
    image = complete(desk, workspace_id)

    delete(desk, workspace_id, image.id)
    desk.live(3600)

    assert (in_account(desk), [one.state for one in rows_of(desk)]) == ([], [ImageState.GONE])
    assert desk.story(workspace_id)[-2:] == ["image_delete_requested", "image_deleted"]


def test_what_a_bundle_uses_waits_and_goes_with_the_bundle(desk: Desk) -> None:
    workspace_id = desk.available()
    image = complete(desk, workspace_id)
    desk.sandbox.bundle_image(image.cloud_id or "")

    delete(desk, workspace_id, image.id)
    desk.live(3600)

    [row] = rows_of(desk)
    assert (row.state, row.error_code, in_account(desk)) == (ImageState.ENDING, "image_in_use", [image.name])
    before = len(desk.calls(DELETE))
    play_round(desk)
    assert len(desk.calls(DELETE)) == before + 1, "once a day"
    desk.sandbox.unbundle_image(image.cloud_id or "")
    for _ in range(3):
        play_round(desk)
    assert (in_account(desk), [one.state for one in rows_of(desk)]) == ([], [ImageState.GONE])


def test_one_that_was_deleted_in_the_cloud_is_seen_within_a_day(desk: Desk) -> None:
    workspace_id = desk.available()
    image = complete(desk, workspace_id)

    desk.sandbox.delete_image(image.cloud_id or "")
    play_round(desk)

    [row] = rows_of(desk)
    assert (row.state, row.error_code) == (ImageState.GONE, "image_deleted")


def test_one_without_our_tag_is_not_deleted(desk: Desk) -> None:
    workspace_id = desk.available()
    image = complete(desk, workspace_id)
    with desk.sessions.begin() as session:
        session.scalars(select(SystemImage)).one().claim = "f00d/other/1"

    delete(desk, workspace_id, image.id)
    desk.live(3600)

    assert in_account(desk) == [image.name]
    assert [one.error_code for one in rows_of(desk)] == ["not_ours"]


def test_an_older_database_learns_of_an_image_that_it_does_not_know(desk: Desk) -> None:
    workspace_id = desk.available()
    image = complete(desk, workspace_id)
    with desk.sessions.begin() as session:
        session.execute(sql_delete(SystemImage))

    play_round(desk)

    [found] = rows_of(desk)
    known = (found.workspace_id, found.name, found.cloud_id, found.claim, found.state)
    assert known == (workspace_id, image.name, image.cloud_id, image.claim, ImageState.READY)


def test_the_account_is_asked_once_a_day_and_more_often_while_one_is_created(desk: Desk) -> None:
    workspace_id = desk.available()

    def next_in_s() -> float:
        before = desk.clock.now()
        play_round(desk)
        return (desk.duty(KEEP_SYSTEM_IMAGES).due_at - max(desk.clock.now(), before)).total_seconds()

    idle_s = next_in_s()
    ask(desk, workspace_id)
    underway_s = next_in_s()
    desk.live(2 * 3600)

    assert 0.8 * DAY_S < idle_s <= DAY_S and underway_s <= 600
    assert [one.state for one in rows_of(desk)] == [ImageState.READY]
    assert 0.8 * DAY_S < next_in_s() <= DAY_S


def test_a_row_is_pruned_long_after_its_image(desk: Desk) -> None:
    workspace_id = desk.available()
    image = complete(desk, workspace_id)
    delete(desk, workspace_id, image.id)
    desk.live(3600)
    kept = complete(desk, workspace_id)
    desk.clock.pause(GONE_SNAPSHOTS_LAST.total_seconds() + DAY_S)

    prune(desk.engine, 1)

    assert [one.id for one in rows_of(desk)] == [kept.id]


def test_while_one_is_created_nothing_counts_as_wrong_with_the_desktop(desk: Desk) -> None:
    workspace_id = desk.available()
    ask(desk, workspace_id)
    desk.work()

    during = findings(desk, workspace_id)
    desk.live(LONGEST_S + 15 * 60)
    desk.sandbox.set_workspace(desk.row(workspace_id).cloud_workspace_id or "", state="SUSPENDED")
    desk.live_until(workspace_id, State.SUSPENDED)

    assert during == [("creates_image", "info")]
    assert findings(desk, workspace_id) == [("suspended", "warning")], "nobody asked for that"
