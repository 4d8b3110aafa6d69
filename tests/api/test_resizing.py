"""PUT on a live workspace: one property at a time, shown until the cloud has done it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.api.test_orders import READY
from tests.api.world import START, Callers

LIVE = READY | {
    "compute_type": "STANDARD",
    "volumes": "80/50",
    "auto_stop_minutes": 60,
    "operating_system": "UBUNTU_22_04",
}


@pytest.fixture
def path(api: Callers, change: Callable[..., None]) -> str:
    change(api.world.workspace_id, **LIVE)
    return f"/workspaces/{api.world.workspace_id}/"


def test_a_running_mode_is_asked_for_once_and_shown_as_under_way(api: Callers, path: str):
    first = api("PUT", path, json={"running_mode": "ALWAYS_ON"})
    again = api("PUT", path, json={"running_mode": "ALWAYS_ON"})

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json == again.json
    assert first.json["resizing"] == {
        "property": "running_mode",
        "from": "AUTO_STOP",
        "to": "ALWAYS_ON",
        "requested_at": "2026-11-24T10:00:00Z",
        "sent_at": None,
    }
    assert first.json["allowed_actions"] == ["terminate"]
    logs = api("GET", f"{path}logs/").json["logs"]
    assert [one["event"] for one in logs][0] == "resize_requested"


def test_what_it_has_already_changes_nothing(api: Callers, path: str):
    answer = api("PUT", path, json={"compute_type": "STANDARD"})

    assert answer.status_code == 200
    assert answer.json["resizing"] is None
    shown = {name: answer.json[name] for name in ("compute_type", "root_storage", "user_storage")}
    assert shown == {"compute_type": "STANDARD", "root_storage": 80, "user_storage": 50}


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"user_storage": 10}, 422, "value_not_possible"),
        ({"auto_stop_minutes": 61}, 422, "value_not_possible"),
        ({"compute_type": "HUGE"}, 422, "value_not_possible"),
        ({"user_storage": 100}, 409, "changed_too_soon"),
        ({"auto_stop_minutes": "60"}, 422, "invalid"),
        ({"compute_type": "POWER", "running_mode": "ALWAYS_ON"}, 422, "invalid"),
        ({"compute_type": "POWER", "username": "other"}, 422, "invalid"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(
    api: Callers, path: str, given: dict[str, Any], status: int, code: str
):
    answer = api("PUT", path, json=given)

    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert api("GET", path).json["resizing"] is None


def test_a_second_change_waits_for_the_first(api: Callers, path: str):
    api("PUT", path, json={"auto_stop_minutes": 120})

    answer = api("PUT", path, json={"running_mode": "ALWAYS_ON"})

    assert (answer.status_code, answer.json["code"]) == (409, "action_not_allowed")


def test_it_is_not_possible_while_access_is_suspended(api: Callers, path: str, change: Callable[..., None]):
    change(
        api.world.workspace_id,
        suspended_at=START,
        suspended_because="contract_ended",
        destroy_at=START + timedelta(days=7),
    )

    answer = api("PUT", path, json={"auto_stop_minutes": 120})

    assert (answer.status_code, answer.json["detail"]) == (409, "Access to this desktop is suspended.")


def test_an_old_version_changes_nothing(api: Callers, path: str):
    tag = api("GET", path).headers["ETag"]
    api("PUT", path, json={"auto_stop_minutes": 120})

    answer = api("PUT", path, json={"auto_stop_minutes": 180}, headers={"If-Match": tag})

    assert answer.status_code == 412
