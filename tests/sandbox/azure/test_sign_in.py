"""Entra as azure-identity meets it: tokens, and every way of not getting one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError

from sandbox import demo_azure as demo
from sandbox.azure.server import Handle, start
from sandbox.azure_control import AzureSandbox
from tests.sandbox.azure.clients import GROUP, POOL, Clients

Make = Callable[..., Clients]
SCOPE = "https://management.azure.com/.default"


def _chain(error: BaseException | None) -> str:
    texts = []
    while error is not None:
        texts.append(str(error))
        error = error.__cause__ or error.__context__
    return "\n".join(texts)


@pytest.mark.parametrize(
    ("changes", "state", "code"),
    [
        ({"secret": "not the secret"}, "active", "AADSTS7000215"),
        ({}, "wrong", "AADSTS7000215"),
        ({}, "expired", "AADSTS7000222"),
        ({"client_id": "00000000-0000-4000-8000-000000000000"}, "active", "AADSTS700016"),
    ],
)
def test_a_refused_application_learns_why(
    changes: dict[str, str], state: str, code: str, control: AzureSandbox, make_clients: Make
) -> None:
    control.set_secret(state=state)

    with pytest.raises(ClientAuthenticationError, match=code) as refusal:
        make_clients(**changes).credential.get_token(SCOPE)

    assert refusal.value.response is None
    assert control.ledger(operation="token")[-1]["outcome"] == code


def test_an_unknown_tenant_fails_at_discovery_and_its_code_is_in_the_chain(
    control: AzureSandbox, make_clients: Make
) -> None:
    stranger = make_clients(tenant_id="00000000-0000-4000-8000-000000000000")

    with pytest.raises(ClientAuthenticationError, match="Unable to get authority configuration") as refusal:
        stranger.credential.get_token(SCOPE)

    assert "AADSTS90002" in _chain(refusal.value) and "AADSTS" not in str(refusal.value)
    [line] = control.ledger()
    assert (line["operation"], line["status"]) == ("openidConfiguration", 400)


def test_who_does_not_trust_the_authority_is_not_talked_to(control: AzureSandbox, make_clients: Make) -> None:
    doubter = make_clients(ca_file=None)

    with pytest.raises(ClientAuthenticationError, match="CERTIFICATE_VERIFY_FAILED") as refusal:
        doubter.credential.get_token(SCOPE)

    assert isinstance(refusal.value.__cause__, ServiceRequestError)
    assert control.ledger() == []


def test_one_token_serves_every_client_of_a_credential(control: AzureSandbox, make_clients: Make) -> None:
    clients = make_clients()

    clients.avd.host_pools.get(GROUP, POOL)
    clients.avd.workspaces.get(GROUP, demo.DEMO_WORKSPACE)
    clients.resources.resource_groups.get(GROUP)

    assert len(control.ledger(operation="token")) == 1


def test_a_token_lives_by_the_real_clock_not_the_simulated_one() -> None:
    real = [1_800_000_000.0]
    with start(real=lambda: real[0]) as handle:
        clients = Clients(handle.url, ca_file=handle.ca_file)
        clients.avd.host_pools.get(GROUP, POOL)
        handle.control.advance(2 * 86400)
        clients.avd.host_pools.get(GROUP, POOL)

        real[0] += 3600
        with pytest.raises(ClientAuthenticationError) as refusal:
            clients.avd.host_pools.get(GROUP, POOL)
        clients.close()

    assert refusal.value.status_code == 401
    assert refusal.value.error is not None and refusal.value.error.code == "ExpiredAuthenticationToken"


def test_a_token_of_another_tenant_does_not_fit_the_subscription(
    control: AzureSandbox, make_clients: Make
) -> None:
    tenant_id, client_id = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
    control.add_application(client_id, "their~secret", tenant_id=tenant_id)
    theirs = make_clients(tenant_id=tenant_id, client_id=client_id, secret="their~secret")

    with pytest.raises(ClientAuthenticationError) as refusal:
        theirs.avd.host_pools.get(GROUP, POOL)

    assert refusal.value.status_code == 401
    assert refusal.value.error is not None and refusal.value.error.code == "InvalidAuthenticationTokenTenant"


def test_a_secret_that_is_good_again_works_again(control: AzureSandbox, make_clients: Make) -> None:
    control.set_secret(state="expired")
    control.set_secret(state="active")

    assert make_clients().credential.get_token(SCOPE).token


def test_the_sign_in_can_be_in_trouble_too(control: AzureSandbox, make_clients: Make) -> None:
    control.add_fault("http_503", operation="token")
    control.add_fault("error", operation="token", code="AADSTS53003", status=400)

    with pytest.raises(ClientAuthenticationError, match="HTTP Error: 503"):
        make_clients().credential.get_token(SCOPE)
    with pytest.raises(ClientAuthenticationError, match="AADSTS53003"):
        make_clients().credential.get_token(SCOPE)
    assert make_clients().credential.get_token(SCOPE).token


def test_a_throttled_discovery_says_so_in_the_chain(control: AzureSandbox, make_clients: Make) -> None:
    control.add_fault("throttle", operation="openidConfiguration")

    with pytest.raises(ClientAuthenticationError) as refusal:
        make_clients().credential.get_token(SCOPE)

    assert "HTTP status: 429" in _chain(refusal.value)


def test_no_secret_leaves_by_the_control_api(control: AzureSandbox, server: Handle, sdk: Clients) -> None:
    token = sdk.token(control.now())
    shown = str(control.state())

    assert demo.DEMO_CLIENT_SECRET not in shown and token not in shown
