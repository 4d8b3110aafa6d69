"""A request for what the cloud cannot do ends with its reason, and the cloud hears nothing of it."""

import shutil
from pathlib import Path

import pytest

from tests.scripted_desk import ScriptedDesk, make_template
from webapp.domain.lifecycle import Action, State


@pytest.fixture
def desk(migrated_sqlite: Path, tmp_path: Path) -> ScriptedDesk:
    make_template(migrated_sqlite, tmp_path / "template.sqlite3")
    shutil.copy(tmp_path / "template.sqlite3", tmp_path / "berth.sqlite3")
    return ScriptedDesk(tmp_path / "berth.sqlite3")


@pytest.mark.parametrize("can_rebuild", [True, False])
def test_a_rebuild_that_stands_in_a_row_asks_the_driver_whether_it_can(
    desk: ScriptedDesk, can_rebuild: bool
) -> None:
    desk.cloud.is_calm = True
    workspace_id = desk.order_for(0)
    desk.live_until(workspace_id, State.AVAILABLE)
    desk.cloud.can_rebuild = can_rebuild

    desk.press(workspace_id, Action.REBUILD)
    desk.work()

    row = desk.row(workspace_id)
    assert ("rebuild" in desk.cloud.sent) is can_rebuild
    assert (row.requested_action, row.error_code) == (
        (Action.REBUILD, None) if can_rebuild else (None, "not_supported")
    )
    assert ("rebuild_sent" if can_rebuild else "rebuild_failed") in desk.story(workspace_id)
    desk.close()
