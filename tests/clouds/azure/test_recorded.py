"""Shapes of answers that were recorded in public, played to the driver through the real SDKs
(docs/evidence/azure_avd.md#heartbeat-age).

Facts only: which fields there are, which are null, how old dates are, how they are spelled. Names are ours.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.clouds.azure import recorded
from webapp.clouds.azure_avd.driver import FEW
from webapp.domain.lifecycle import CloudState
from webapp.domain.observation import MachineRef, Observation

HERE = Path(__file__).parent
OTHERS = [MachineRef(f"another{number}", was_usable=True) for number in range(FEW)]


def hosts() -> Iterator[dict[str, Any]]:
    yield from json.loads(recorded.filled((HERE / "recorded_hosts.json").read_text()))


def looks(case: dict[str, Any], host: dict[str, Any]) -> list[Observation]:
    """What a look at the machine alone shows, one together with others, and a listing."""
    known = case["known"]
    state = CloudState(known["state"]) if "state" in known else None
    ref = MachineRef(case["machine"], **{**known, "state": state})
    at = datetime.fromisoformat(case["date"])
    vm = recorded.machine(case["machine"])
    driver = recorded.driver_seeing(host, vm, case["machine"], at=at)
    [listed] = driver.list_directory()
    assert listed.cloud_workspace_id == case["machine"], case["about"]
    return [driver.look(refs)[case["machine"]] for refs in ([ref], [ref, *OTHERS])]


def test_recorded_hosts_are_what_their_status_says_and_their_heartbeat_is_shown() -> None:
    for case in hosts():
        host = {name: case[name] for name in ("id", "name", "properties")}
        for found in looks(case, host):
            assert [found.state.value, found.word] == case["right"], case["about"]
            assert (found.failure.code if found.failure else None) == case.get("code"), case["about"]
            said = case["properties"]["lastHeartBeat"]
            assert (found.heartbeat_at is None) == (said is None), case["about"]
            assert found.heartbeat_at is None or found.heartbeat_at.utcoffset() == timedelta(0)


def test_a_recorded_host_is_available_once_it_is_assigned() -> None:
    waiting = [case for case in hosts() if "right_once_assigned" in case]
    assert waiting
    for case in waiting:
        properties = {**case["properties"], "assignedUser": case["known"]["username"]}
        for found in looks(case, {"id": case["id"], "name": case["name"], "properties": properties}):
            assert [found.state.value, found.word] == case["right_once_assigned"], case["about"]
