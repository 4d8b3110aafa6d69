"""Workers that die, or sleep for forty minutes, as they create or delete images of systems: same end."""

import pytest

from tests.desk import Desk
from tests.engine.azure.test_pool_crashes import Blow
from tests.engine.azure.test_snapshot_crashes import cases
from tests.system_images import CREATE, ask, complete, delete, in_account, rows_of
from webapp.domain.lifecycle import State
from webapp.domain.system_images import ImageState

CREATING = ("images_listed", "image_intent", "image_sent")
ENDING = ("images_listed", "image_ending", "image_ended")


@pytest.mark.parametrize(("point", "way"), cases(CREATING))
def test_one_that_was_being_created_is_created_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, point: str, way: str
) -> None:
    workspace_id = desk.available()
    ask(desk, workspace_id)
    blow = Blow(desk, {point: 1}, way)
    blow.strike(monkeypatch)

    blow.live(lambda: bool(rows_of(desk, ImageState.READY)))

    [image] = rows_of(desk)
    assert blow.left == {point: 0}
    assert in_account(desk) == [image.name]
    assert sum(int(one["accepted"]) for one in desk.calls(CREATE)) == 1
    assert (image.error_code, desk.row(workspace_id).state) == (None, State.AVAILABLE)
    assert desk.story(workspace_id).count("image_created") == 1


@pytest.mark.parametrize(("point", "way"), cases(ENDING))
def test_one_that_was_being_deleted_is_gone_and_proven_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, point: str, way: str
) -> None:
    workspace_id = desk.available()
    image = complete(desk, workspace_id)
    delete(desk, workspace_id, image.id)
    blow = Blow(desk, {point: 1}, way)
    blow.strike(monkeypatch)

    blow.live(lambda: {one.state for one in rows_of(desk)} == {ImageState.GONE})

    assert blow.left == {point: 0}
    assert in_account(desk) == []
    assert desk.story(workspace_id).count("image_deleted") == 1
