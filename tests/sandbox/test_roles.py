"""Roles of another account: who gets a session, and what its key and token are good for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import demo
from sandbox.aws.server import start
from sandbox.control import Sandbox

MakeClient = Callable[..., Any]
ROLE = f"arn:aws:iam::{demo.DEMO_ACCOUNT_ID}:role/berth"
EXTERNAL_ID = "berth-an-id-of-the-tests"
LOOK_ONLY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "workspaces:DescribeWorkspaces", "Resource": "*"}],
}


@pytest.fixture
def sts(control: Sandbox, make_client: MakeClient) -> Any:
    """As Berth itself, where the demo's account trusts it."""
    control.put_role(ROLE, principals=[demo.BERTH_PRINCIPAL], external_id=EXTERNAL_ID)
    return make_client("sts", key=demo.BERTH_ACCESS_KEY_ID, secret=demo.BERTH_SECRET_ACCESS_KEY)


def assume(sts: Any, *, external_id: str | None = EXTERNAL_ID, **more: Any) -> dict[str, Any]:
    known = {} if external_id is None else {"ExternalId": external_id}
    answer = sts.assume_role(RoleArn=ROLE, RoleSessionName="berth", **known, **more)
    keys: dict[str, Any] = answer["Credentials"]
    return keys


def client_of(make_client: MakeClient, keys: dict[str, Any], service: str = "workspaces") -> Any:
    return make_client(
        service, key=keys["AccessKeyId"], secret=keys["SecretAccessKey"], token=keys["SessionToken"]
    )


def refusal(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


def test_a_session_is_the_roles_in_its_account(sts: Any, make_client: MakeClient) -> None:
    keys = assume(sts)

    identity = client_of(make_client, keys, "sts").get_caller_identity()

    assert identity["Account"] == demo.DEMO_ACCOUNT_ID
    assert identity["Arn"] == f"arn:aws:sts::{demo.DEMO_ACCOUNT_ID}:assumed-role/berth/berth"
    assert client_of(make_client, keys).describe_workspaces()["Workspaces"] == []


@pytest.mark.parametrize("external_id", ["another", None])
def test_a_wrong_external_id_or_none_is_refused(sts: Any, external_id: str | None) -> None:
    assert refusal(assume, sts=sts, external_id=external_id) == "AccessDenied"


def test_a_role_may_let_in_who_sends_no_external_id(sts: Any, control: Sandbox) -> None:
    control.put_role(
        ROLE, principals=[demo.BERTH_PRINCIPAL], external_id=EXTERNAL_ID, allows_no_external_id=True
    )

    assert assume(sts, external_id=None)["SessionToken"]
    assert refusal(assume, sts=sts, external_id="another") == "AccessDenied"


def test_nobody_else_may_assume_it(sts: Any, make_client: MakeClient, control: Sandbox) -> None:
    assert refusal(assume, sts=make_client("sts")) == "AccessDenied"

    control.remove_role(ROLE)
    assert refusal(assume, sts=sts) == "AccessDenied"


@pytest.mark.parametrize("token", [None, "FwoGZXIvYXdzEanother"])
def test_a_session_key_is_nothing_without_its_token(
    sts: Any, make_client: MakeClient, token: str | None
) -> None:
    keys = assume(sts) | {"SessionToken": token}

    call = client_of(make_client, keys).describe_workspaces

    assert refusal(call) == "UnrecognizedClientException"


def test_an_expired_session_says_so_and_one_of_a_removed_role_is_unknown(
    sts: Any, make_client: MakeClient, control: Sandbox
) -> None:
    call = client_of(make_client, assume(sts)).describe_workspaces

    control.end_sessions(ROLE)
    assert refusal(call) == "ExpiredTokenException"

    control.remove_role(ROLE)
    assert refusal(call) == "UnrecognizedClientException"


def test_a_session_policy_only_takes_away(sts: Any, make_client: MakeClient, control: Sandbox) -> None:
    client = client_of(make_client, assume(sts, Policy=json.dumps(LOOK_ONLY)))

    client.describe_workspaces()
    assert refusal(client.describe_workspace_bundles) == "AccessDeniedException"

    denied = ["workspaces:DescribeWorkspaces"]
    control.put_role(ROLE, principals=["*"], external_id=EXTERNAL_ID, denied=denied)
    assert refusal(client.describe_workspaces) == "AccessDeniedException"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"DurationSeconds": 3601}, "ValidationError"),
        ({"Policy": "x" * 2049}, "ValidationError"),
        ({"Policy": "{"}, "MalformedPolicyDocument"),
    ],
)
def test_what_does_not_fit_is_refused(sts: Any, arguments: dict[str, Any], code: str) -> None:
    assert refusal(assume, sts=sts, **arguments) == code


def test_a_session_lives_by_the_real_clock(make_client: MakeClient) -> None:
    ahead_s = [0.0]
    with start(real=lambda: time.time() + ahead_s[0]) as handle:
        handle.control.put_role(ROLE, principals=["*"], external_id=EXTERNAL_ID)
        own = {"key": demo.BERTH_ACCESS_KEY_ID, "secret": demo.BERTH_SECRET_ACCESS_KEY}
        keys = assume(make_client("sts", url=handle.url, **own), DurationSeconds=900)
        handle.control.advance(86_400)
        assert client_of(lambda *a, **k: make_client(*a, url=handle.url, **k), keys).describe_workspaces()
    left_s = keys["Expiration"].timestamp() - time.time()
    assert 890 < left_s <= 900


def test_no_session_leaves_by_the_control_api(sts: Any, control: Sandbox) -> None:
    keys = assume(sts)

    shown = f"{control.state()} {control.ledger()}"

    assert keys["SecretAccessKey"] not in shown and keys["SessionToken"] not in shown
