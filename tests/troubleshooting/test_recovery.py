"""Bringing a desktop back: the step with the least loss first, what each costs, and which were tried."""

import pytest
from flask.testing import FlaskClient

from tests.desk import Desk
from tests.pages.reader import Visitor
from tests.restores.desktops import machine, same_time, written
from tests.troubleshooting.test_causes import caller, diagnose
from tests.troubleshooting.test_pages import provider
from webapp.domain.lifecycle import Action, State

__all__ = ["caller", "provider"]  # fixtures


def _broken(desk: Desk, word: str) -> int:
    """With a snapshot that Berth knows."""
    same_time(desk)
    workspace_id = written(desk)
    desk.sandbox.set_workspace(machine(desk, workspace_id), state=word)
    desk.live_until(workspace_id, State(word))
    return workspace_id


@pytest.mark.parametrize(
    ("word", "steps"),
    [
        ("UNHEALTHY", ["restart", "stop", "restore", "rebuild", "order_again"]),
        ("ERROR", ["stop", "restore", "rebuild", "order_again"]),
    ],
)
def test_the_steps_stand_in_the_order_of_what_they_cost(
    desk: Desk, caller: FlaskClient, word: str, steps: list[str]
) -> None:
    workspace_id = _broken(desk, word)

    remedies = diagnose(caller, workspace_id)["findings"][0]["remedies"]

    assert [one["action"] for one in remedies] == steps
    assert all(one["cost"] for one in remedies)
    assert [one["action"] for one in remedies if one["data_loss"]] == steps[-3:]
    known = {one["action"]: one["snapshot_at"] for one in remedies}
    assert known["restore"] == known["rebuild"] is not None
    assert {one["tried_at"] for one in remedies} == {None}


def test_after_a_restart_that_did_not_help_it_says_so_and_marks_the_step(
    desk: Desk, caller: FlaskClient, provider: Visitor
) -> None:
    workspace_id = _broken(desk, "UNHEALTHY")
    desk.sandbox.add_fault("unhealthy", operation="RebootWorkspaces", times=1)

    desk.press(workspace_id, Action.RESTART)
    desk.live_until(workspace_id, State.UNHEALTHY)

    finding = diagnose(caller, workspace_id)["findings"][0]
    tried = {one["action"]: one["tried_at"] is not None for one in finding["remedies"]}
    page = provider.read(f"/workspaces/{workspace_id}/").text
    assert finding["code"] == "unhealthy_after_restart"
    assert tried == {"restart": True, "stop": False, "restore": False, "rebuild": False, "order_again": False}
    assert "still does not respond" in page
    assert "Tried" in page and "every change since then is lost" in page


def test_a_desktop_without_a_known_snapshot_offers_no_restore(desk: Desk, caller: FlaskClient) -> None:
    workspace_id = desk.available()
    desk.sandbox.set_workspace(machine(desk, workspace_id), state="ERROR")
    desk.live_until(workspace_id, State.ERROR)

    remedies = diagnose(caller, workspace_id)["findings"][0]["remedies"]

    assert [one["action"] for one in remedies] == ["stop", "rebuild", "order_again"]
    assert next(one for one in remedies if one["action"] == "rebuild")["snapshot_at"] is None


def test_a_healthy_desktop_names_no_costs(desk: Desk, caller: FlaskClient) -> None:
    workspace_id = desk.available()

    [finding] = diagnose(caller, workspace_id)["findings"]

    assert {one["cost"] for one in finding["remedies"]} == {""}
