"""What a cloud refuses, as people read it: the right sentence and what to do, on the page and in the API."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.control import Sandbox
from tests.clouds.aws.stage import AwsStage
from tests.clouds.azure.stage import AzureStage
from tests.desk import Desk, StoryClock, make_settings
from tests.pages.reader import Program, Visitor
from webapp.config import Settings
from webapp.domain.lifecycle import State

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("refusals.json").read_text())
Json = dict[str, Any]


@pytest.fixture
def settings(database_url: str, sandbox: Sandbox, azure_stage: AzureStage) -> Settings:
    return make_settings(database_url, AwsStage(sandbox), azure_stage)


@pytest.fixture
def clock(sandbox: Sandbox, azure_stage: AzureStage) -> StoryClock:
    return StoryClock(sandbox, azure_stage.control)


@pytest.fixture
def refused(desk: Desk, azure_stage: AzureStage) -> Callable[[Json], int]:
    """An order that the cloud of this case has refused; its id."""

    def order(case: Json) -> int:
        stages = {one.cloud: one for one in (desk.stage, azure_stage)}
        if (stage := stages[case["cloud"]]) is not desk.stage:
            desk.stage, desk.sandbox = stage, stage.control
            desk.credential_id = desk.add_credential("Another cloud")
        desk.sandbox.add_fault(times=-1, **case["fault"])
        workspace_id = desk.order()
        desk.sweep()
        if case["state"] == "ERROR":
            desk.live_until(workspace_id, State.ERROR)
        elif "account" not in case:  # it will be tried again, and then says no more
            steps = iter(range(100))
            while desk.row(workspace_id).error_code is None:
                assert next(steps, None) is not None
                desk.live(10, step_s=10)
        return workspace_id

    return order


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['cloud']}-{case['code']}")
def test_a_refusal_is_shown_with_what_to_do_on_the_page_and_in_the_api(
    desk: Desk,
    provider: Visitor,
    program: Program,
    refused: Callable[[Json], int],
    case: Json,
) -> None:
    workspace_id = refused(case)
    texts = (case["says"], case["do"], case.get("names", ""))

    page = provider.read(f"/workspaces/{workspace_id}/").text.replace("’", "'")
    for text in texts:
        assert text in page

    shown = program.read(f"workspaces/{workspace_id}/")
    assert shown["state"] == case["state"]
    (found,) = program.read(f"workspaces/{workspace_id}/troubleshoot/")["findings"]
    assert found["code"] == case["code"]
    for text in texts:
        assert text in json.dumps(found, ensure_ascii=False)
    if "account" not in case:
        assert shown["error"]["code"] == case["code"]
        assert shown["error"]["message"] == case["says"]
        assert case["do"] in shown["error"]["remedy"]

    if "creates" in case:
        assert len(desk.calls(desk.stage.operations["create"])) == case["creates"]
    _is_the_accounts_own(desk, provider, program, case)


def _is_the_accounts_own(desk: Desk, provider: Visitor, program: Program, case: Json) -> None:
    """Only what concerns the whole account stands on the account, and a good key is called good."""
    account = program.read(f"cloud-credentials/{desk.credential_id}/")
    page = provider.read(f"/credentials/{desk.credential_id}/").text.replace("’", "'")

    assert account["status"] == case.get("account", "ok")
    assert (case["says"] in page and case["do"] in page) == ("account" in case)
