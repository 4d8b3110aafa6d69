"""Machines, deployments and refusals in shapes that public recordings show, played to the driver through the
real SDKs (docs/evidence/azure_avd.md#recorded-machines-and-errors).

Facts only: fields, nulls, spelling, dates, envelopes. Names are ours.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.wire import Reply
from tests.cases import each_case
from tests.clouds.azure import recorded
from tests.clouds.azure.recorded import GROUP, MACHINES
from webapp.clouds.azure_avd.driver import FEW, AzureAvd
from webapp.domain.catalogue import CATALOGUE
from webapp.domain.errors import CloudError, Failure
from webapp.domain.lifecycle import Action, CloudState
from webapp.domain.observation import MachineRef, Observation

HERE = Path(__file__).parent
AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
NAME = "wabcdefghij1"
PERSON = "sam@example.com"
OTHERS = [MachineRef(f"another{number}", was_usable=True) for number in range(FEW)]
HOST = {
    "id": f"{recorded.POOL}/sessionHosts/{NAME}",
    "name": f"pool/{NAME}",
    "properties": {
        "lastHeartBeat": None,
        "statusTimestamp": None,
        "assignedUser": PERSON,
        "status": "Available",
        "sessionHostHealthCheckResults": None,
        "resourceId": f"{GROUP}/{MACHINES}/{NAME}",
    },
}


def cases(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads(recorded.filled((HERE / f"recorded_{name}.json").read_text()))
    return loaded


def by_about(case: dict[str, Any]) -> str:
    return str(case["about"])


def looks(driver: AzureAvd, ref: MachineRef) -> list[Observation]:
    """What a look at the machine alone shows, and one together with others."""
    return [driver.look(refs)[NAME] for refs in ([ref], [ref, *OTHERS])]


@each_case("case", cases("machines"), ids=by_about)
def test_a_recorded_machine_is_what_its_own_statuses_say(case: dict[str, Any]) -> None:
    vm = recorded.machine(NAME, provisioningState=case["provisioningState"])
    if case["statuses"] is None:
        vm["properties"]["instanceView"] = None
    else:
        vm["properties"]["instanceView"] = {"statuses": case["statuses"], **case.get("view", {})}
    driver = recorded.driver_seeing(HOST, vm, NAME, at=AT)

    for found in looks(driver, MachineRef(NAME, PERSON, was_usable=True, state=CloudState.AVAILABLE)):
        assert [found.state.value, found.word] == case["right"]
        assert found.is_busy == case.get("is_busy", False)
        if "code" in case:
            assert found.failure is not None and found.failure.code == case["code"]


@each_case("case", cases("deployments"), ids=by_about)
def test_a_recorded_deployment_says_why_it_failed(case: dict[str, Any]) -> None:
    path = f"{GROUP}/providers/Microsoft.Resources/deployments/{NAME}"
    record = {"id": path, "name": NAME, "type": "Microsoft.Resources/deployments", "tags": None}
    answers = {path: {**record, "properties": case["properties"]}}
    if "operations" in case:
        operations = f"{GROUP}/deployments/{NAME}/operations"  # as the SDK asks, without the provider
        answers[operations] = {"value": case["operations"], "nextLink": None}
    driver = recorded.driver_seeing(None, None, NAME, at=AT, others=answers)

    for found in looks(driver, MachineRef(NAME, PERSON)):
        assert [found.state.value, found.word] == case["right"]
        assert (found.failure.code if found.failure else None) == case.get("code")
        if found.failure is not None:
            assert found.failure.code in CATALOGUE
            assert found.failure.cloud_code == case.get("cloud_code", found.failure.cloud_code)
            assert case.get("says", "") in found.failure.detail


@each_case("case", cases("errors"), ids=by_about)
def test_a_recorded_refusal_is_understood(case: dict[str, Any]) -> None:
    text = case["text"] if "text" in case else json.dumps(case["body"])
    kind = "text/html" if "text" in case else "application/json"
    reply = Reply(case["status"], text.encode(), kind, case.get("headers", {}))
    driver = recorded.driver_of({f"{GROUP}/{MACHINES}/{NAME}/start": reply}, at=AT)

    failure, retry_after_s = _refusal(driver)

    assert [failure.code, failure.trouble.value] == case["right"]
    assert failure.code in CATALOGUE
    assert retry_after_s == case.get("retry_after_s")
    assert case.get("says", "") in failure.detail


def _refusal(driver: AzureAvd) -> tuple[Failure, float | None]:
    """Of one machine, or of the whole account."""
    try:
        acted = driver.act(Action.START, [NAME])
    except CloudError as error:
        return error.failure, error.retry_after_s
    return acted.refused[NAME], acted.retry_after_s
