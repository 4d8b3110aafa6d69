"""What leaves for Azure: each request by itself through the gate, and each within its bound."""

from collections import Counter
from collections.abc import Callable

import pytest

from tests.clouds.azure.conftest import WatchedGate
from tests.clouds.azure.stage import AzureStage
from webapp.clouds.azure_avd import client as azure_client
from webapp.clouds.azure_avd.client import TOKEN
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.domain.errors import CloudError, Trouble
from webapp.domain.lifecycle import Action


class Closed(Exception):
    """The lease is lost, or the time of the run is over."""


def test_each_request_of_a_call_passes_the_gate_by_itself(
    driver: AzureAvd, azure_stage: AzureStage, gate: WatchedGate
) -> None:
    azure_stage.control.make_machine("vm1")
    before = len(azure_stage.control.ledger())

    driver.act(Action.STOP, ["vm1"])

    sent = [line["operation"] for line in azure_stage.control.ledger()][before:]
    assert len(gate.all_operations) == len(sent) == 3
    assert Counter(gate.all_operations) == {TOKEN: 2, "virtualMachines.deallocate": 1}


def test_only_what_resource_manager_counts_uses_up_its_rate() -> None:
    assert not AzureAvd.counts(TOKEN)
    assert AzureAvd.counts("virtualMachines.get")


@pytest.mark.parametrize("operation", [TOKEN, "hostPools.get"])
def test_a_gate_that_closes_stops_a_call_with_its_own_word_and_nothing_is_sent(
    driver: AzureAvd, azure_stage: AzureStage, gate: WatchedGate, operation: str
) -> None:
    gate.closed_for[operation] = Closed()
    before = len(azure_stage.control.ledger(operation=operation))

    with pytest.raises(Closed):
        driver.prove_account()

    assert len(azure_stage.control.ledger(operation=operation)) == before


@pytest.mark.parametrize("code", ["ExpiredAuthenticationToken", "InvalidAuthenticationToken"])
def test_a_token_that_is_no_longer_accepted_is_fetched_again_once(
    enter: Callable[..., AzureAvd], azure_stage: AzureStage, code: str
) -> None:
    driver = enter()
    driver.prove_account()
    azure_stage.control.add_fault("error", operation="hostPools.get", times=1, code=code, status=401)
    tokens = len(azure_stage.control.ledger(operation="token"))

    driver.prove_account()

    assert len(azure_stage.control.ledger(operation="token")) == tokens + 1
    azure_stage.control.add_fault("error", operation="hostPools.get", times=-1, code=code, status=401)
    for one in (driver, enter()):
        with pytest.raises(CloudError) as raised:
            one.prove_account()
        assert raised.value.failure.code == "invalid_key"


@pytest.mark.parametrize("operation", ["openidConfiguration", TOKEN, "hostPools.get"])
def test_an_answer_that_drips_is_not_waited_for_to_its_end(
    driver: AzureAvd, azure_stage: AzureStage, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    """Each byte comes well within the time-out of the socket."""
    monkeypatch.setattr(azure_client, "CONNECT_TIMEOUT_S", 1)
    monkeypatch.setattr(azure_client, "READ_TIMEOUT_S", 1)
    azure_stage.control.add_fault("drip", operation=operation, seconds=0.1)

    with pytest.raises(CloudError) as raised:
        driver.prove_account()

    assert raised.value.failure.trouble.is_transient
    driver.prove_account()  # and the next call finds a line


def test_a_write_whose_answer_drips_leaves_its_outcome_open(
    driver: AzureAvd, azure_stage: AzureStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    azure_stage.control.make_machine("vm1")
    monkeypatch.setattr(azure_client, "CONNECT_TIMEOUT_S", 1)
    monkeypatch.setattr(azure_client, "WRITE_TIMEOUT_S", 1)
    azure_stage.control.add_fault("drip", operation="virtualMachines.deallocate", seconds=0.1)

    acted = driver.act(Action.STOP, ["vm1"])

    assert acted.refused["vm1"].trouble is Trouble.UNKNOWN
