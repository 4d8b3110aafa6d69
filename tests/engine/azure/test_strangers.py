"""Somebody else's machine under our next name, and a host record that somebody deleted."""

import pytest

from sandbox.azure_control import Json
from tests.desk import Desk
from webapp.clouds.azure_avd.names import vm_name
from webapp.domain.lifecycle import Action, Phase, State

PARTS = ("vm", "nic", "disk", "host")


def next_name(desk: Desk, workspace_id: int) -> str:
    row = desk.row(workspace_id)
    return vm_name(f"{desk.installation()}/{row.uid}/{row.generation}")


def living(desk: Desk, name: str) -> list[Json]:
    return [
        {"kind": one["kind"], "name": one["name"], "tags": one["tags"]}
        for one in desk.sandbox.parts()
        if one["gone_at"] is None and name in one["name"]
    ]


@pytest.mark.parametrize("only", [None, "disk", "host"])
def test_a_stranger_under_our_next_name_is_a_conflict_and_a_retry_takes_the_name_after_it(
    desk: Desk, only: str | None
) -> None:
    workspace_id = desk.order(username="sam@example.com")
    name = next_name(desk, workspace_id)
    desk.sandbox.make_machine(name, username="somebody@example.com", tags={"cost": "theirs"})
    if only is not None:
        desk.sandbox.delete_by_hand(name, parts=[part for part in PARTS if part != only])
    before = living(desk, name)

    desk.live_until(workspace_id, State.ERROR)
    desk.live(3600, step_s=300)

    row = desk.row(workspace_id)
    assert (row.phase, row.error_code) == (Phase.CONFLICT, "machine_name_taken")
    assert name in (row.error_detail or "")
    desk.press(workspace_id, Action.RETRY)
    desk.live_until(workspace_id, State.AVAILABLE)
    assert desk.row(workspace_id).cloud_workspace_id != name
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    assert living(desk, name) == before, "never touched"


def test_a_conflict_of_names_that_is_given_up_ends_nothing(desk: Desk) -> None:
    workspace_id = desk.order(username="sam@example.com")
    name = next_name(desk, workspace_id)
    desk.sandbox.make_machine(name)
    before = living(desk, name)
    desk.live_until(workspace_id, State.ERROR)

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    desk.live(3600, step_s=300)

    assert living(desk, name) == before


@pytest.mark.parametrize("count", [1, 5])
def test_a_host_record_that_was_deleted_by_hand_is_reported_at_once(desk: Desk, count: int) -> None:
    """One is read by itself, five in lists."""
    workspace_ids = [desk.order() for _ in range(count)]
    for workspace_id in workspace_ids:
        desk.live_until(workspace_id, State.AVAILABLE)
    row = desk.row(workspace_ids[0])
    desk.sandbox.delete_by_hand(row.cloud_workspace_id or "", parts=("host",))

    desk.live(desk.settings.observe_interval_s + 30, step_s=30)

    row = desk.row(workspace_ids[0])
    assert (row.state, row.cloud_word) == (State.ERROR, "HostRemoved")
    assert "state_seen" not in [event for one in workspace_ids[1:] for event in desk.story(one)]
