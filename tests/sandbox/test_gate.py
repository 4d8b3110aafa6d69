"""Who may call: signatures, keys, permissions, and how fast."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from sandbox import demo
from sandbox.aws.server import Handle
from sandbox.control import Sandbox

MakeClient = Callable[..., Any]
WRONG = "wrong/secret+of+the+right+length+0000001"
CALLS: dict[str, Callable[[Any], Any]] = {
    "workspaces": lambda client: client.describe_workspaces(),
    "ce": lambda client: client.list_cost_allocation_tags(),
    "pricing": lambda client: client.describe_services(),
    "sts": lambda client: client.get_caller_identity(),
    "ec2": lambda client: client.describe_subnets(),
    "resourcegroupstaggingapi": lambda client: client.get_resources(),
    "service-quotas": lambda client: client.get_service_quota(
        ServiceCode="workspaces", QuotaCode="L-34278094"
    ),
}


REGIONS = {"ce": "us-east-1"}
"""Of services that have one endpoint."""


def _code(service: str, client: Any) -> str | None:
    try:
        CALLS[service](client)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return None


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("workspaces", "InvalidSignatureException"),
        ("resourcegroupstaggingapi", "InvalidSignatureException"),
        ("service-quotas", "InvalidSignatureException"),
        ("ce", "InvalidSignatureException"),
        ("pricing", "InvalidSignatureException"),
        ("sts", "SignatureDoesNotMatch"),
        ("ec2", "SignatureDoesNotMatch"),
    ],
)
def test_a_wrong_secret_is_noticed(
    service: str, code: str, control: Sandbox, make_client: MakeClient
) -> None:
    region = REGIONS.get(service, demo.DEMO_REGION)

    assert _code(service, make_client(service, secret=WRONG, region=region)) == code
    assert _code(service, make_client(service, region=region)) is None


@pytest.mark.parametrize(
    ("service", "unknown", "expired"),
    [
        ("workspaces", "UnrecognizedClientException", "ExpiredTokenException"),
        ("sts", "InvalidClientTokenId", "ExpiredToken"),
        ("ec2", "AuthFailure", "ExpiredToken"),
    ],
)
def test_unknown_disabled_and_expired_keys_are_refused(
    service: str, unknown: str, expired: str, control: Sandbox, make_client: MakeClient
) -> None:
    client = make_client(service)

    assert _code(service, make_client(service, key="AKIANOBODYKNOWSTHIS0")) == unknown
    assert _code(service, make_client(service, token="a token that this key does not have")) == unknown
    control.set_key(demo.DEMO_ACCESS_KEY_ID, state="disabled")
    assert _code(service, client) == unknown
    control.set_key(demo.DEMO_ACCESS_KEY_ID, state="expired")
    assert _code(service, client) == expired
    control.set_key(demo.DEMO_ACCESS_KEY_ID, state="active")
    assert _code(service, client) is None


def test_a_temporary_key_needs_its_token(control: Sandbox, make_client: MakeClient) -> None:
    key = {
        "access_key_id": "ASIABERTHTEMPORARY01",
        "secret_access_key": "t" * 40,
        "session_token": "the-token",
    }
    control.add_account("444455556666", keys=[key])

    def who(token: str | None) -> str | None:
        return _code("sts", make_client("sts", key=key["access_key_id"], secret="t" * 40, token=token))

    assert (who("the-token"), who(None), who("other")) == (
        None,
        "InvalidClientTokenId",
        "InvalidClientTokenId",
    )


def _signed(server: Handle, body: bytes = b"{}", amz_date: str | None = None) -> AWSRequest:
    """A request signed by botocore, at another time if wanted."""
    request = AWSRequest(
        "POST",
        server.url + "/",
        data=body,
        headers={
            "X-Amz-Target": "WorkspacesService.DescribeWorkspaces",
            "Content-Type": "application/x-amz-json-1.1",
            **({"X-Amz-Date": amz_date} if amz_date else {}),
        },
    )
    signer = SigV4Auth(
        Credentials(demo.DEMO_ACCESS_KEY_ID, demo.DEMO_SECRET_ACCESS_KEY), "workspaces", demo.DEMO_REGION
    )
    if amz_date is None:
        signer.add_auth(request)
        return request
    request.context["timestamp"] = amz_date
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    signer._inject_signature_to_request(request, signature)
    return request


def _send(request: AWSRequest, body: bytes) -> tuple[int, str]:
    plain = urllib.request.Request(request.url, data=body, headers=dict(request.headers.items()))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(plain, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_changed_body_breaks_the_signature(control: Sandbox, server: Handle) -> None:
    body = b'{"Limit": 1}'

    assert _send(_signed(server, body), body)[0] == 200
    assert "InvalidSignatureException" in _send(_signed(server, body), b'{"Limit": 2}')[1]


@pytest.mark.parametrize(
    "body", [b"[]", b"{", b'{"WorkspaceIds": "ws-000000000"}', b'{"Limit": "1"}', b'{"NextToken": {}}']
)
def test_malformed_parameters_are_refused_in_words(body: bytes, control: Sandbox, server: Handle) -> None:
    status, text = _send(_signed(server, body), body)

    assert status == 400 and "SerializationException" in text


def test_a_signature_made_long_ago_has_expired(control: Sandbox, server: Handle) -> None:
    status, text = _send(_signed(server, amz_date="20200101T000000Z"), b"{}")

    assert status == 400 and "InvalidSignatureException" in text and "Signature expired: 2020" in text


def test_the_simulated_clock_does_not_age_signatures(workspaces: Any, control: Sandbox) -> None:
    control.advance(7 * 86400)

    assert workspaces.describe_workspaces()["Workspaces"] == []


def test_without_a_signature_nothing_is_answered(control: Sandbox, server: Handle) -> None:
    status, text = _send(AWSRequest("POST", server.url + "/", headers={}), b"{}")

    assert status == 403 and "MissingAuthenticationToken" in text


def test_a_denied_action_is_refused_with_the_arns(
    desk: Callable[..., str], control: Sandbox, workspaces: Any, state_of: Callable[[str], str | None]
) -> None:
    workspace_id = desk()
    control.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["workspaces:Terminate*", "sts:*"])

    with pytest.raises(ClientError) as refusal:
        workspaces.terminate_workspaces(TerminateWorkspaceRequests=[{"WorkspaceId": workspace_id}])

    error = refusal.value.response["Error"]
    assert error["Code"] == "AccessDeniedException"
    assert f"arn:aws:iam::{demo.DEMO_ACCOUNT_ID}:user/" in error["Message"]
    assert f"workspace/{workspace_id}" in error["Message"]
    assert state_of(workspace_id) == "AVAILABLE"


@pytest.mark.parametrize(
    ("service", "action", "code"),
    [
        ("ec2", "ec2:DescribeSubnets", "UnauthorizedOperation"),
        ("resourcegroupstaggingapi", "tag:GetResources", "AccessDeniedException"),
        ("service-quotas", "servicequotas:GetServiceQuota", "AccessDeniedException"),
        ("sts", "sts:GetCallerIdentity", None),
    ],
)
def test_each_service_has_its_own_permission(
    service: str, action: str, code: str | None, control: Sandbox, make_client: MakeClient
) -> None:
    control.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[action])

    assert _code(service, make_client(service)) == code


def test_five_calls_at_once_then_two_a_second(
    workspaces: Any, control: Sandbox, make_client: MakeClient
) -> None:
    control.set_settings(calls_per_s=2, burst=5)
    verdicts = []

    for seconds in (0, 0, 0, 0, 0, 0, 0.5, 0, 0.4, 0.1):
        control.advance(seconds)
        verdicts.append(_code("workspaces", workspaces))

    assert verdicts == [None] * 5 + ["ThrottlingException", None] + ["ThrottlingException"] * 2 + [None]
    assert _code("sts", make_client("sts")) is None


def test_each_region_and_account_has_its_own_rate(control: Sandbox, make_client: MakeClient) -> None:
    control.set_settings(calls_per_s=2, burst=1)
    control.add_account(
        "444455556666", keys=[{"access_key_id": "AKIABERTHSTRANGER001", "secret_access_key": "s" * 40}]
    )
    clients = [
        make_client(),
        make_client(region=demo.DEMO_OTHER_REGION),
        make_client(key="AKIABERTHSTRANGER001", secret="s" * 40),
    ]

    assert [_code("workspaces", client) for client in clients] == [None] * 3
    assert [_code("workspaces", client) for client in clients] == ["ThrottlingException"] * 3
